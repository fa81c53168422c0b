#include <string.h>
#include <strings.h>

#include "accounts/secret.h"
#include "mail/date.h"
#include "program/option_accounts.h"
#include "program/option_tables.h"
#include "util/buf.h"
#include "util/num.h"
#include "util/pace.h"
#include "util/strs.h"
#include "util/text.h"

enum {
	OPT_JSON = 256,
	OPT_KEY_SECRET,
	OPT_SECRET,
	OPT_AUTH_USER,
	OPT_AUTH,
	OPT_CA,
	OPT_PIN,
	OPT_INSECURE,
	OPT_ALLOW_PLAINTEXT,
	OPT_TIMEOUT,
	OPT_COMPRESS_LINE,
	OPT_MAX_RATE,
	OPT_MAX_MESSAGES,
	OPT_MAX_WAIT,
	OPT_FOLDER,
	OPT_EXCLUDE,
	OPT_SINCE,
	OPT_BEFORE,
};

enum {
	CONNECTIONS_MAX = 64,
	TIMEOUT_MAX_S = 86400,
	/* A server must hear of us before it takes us for dead. */
	RATE_MIN = 1024,
	MESSAGES_MIN_S = 60, /* for one */
	WAIT_MAX_S = 86400,
	PIN_OCTETS = 32,
};

const struct option_spec options_general[] = {
	{ "help", 'h', NULL, "print this help" },
	{ "version", 'V', NULL, "print the version" },
	{ "quiet", 'q', NULL, "no notes and no progress" },
	{ "verbose", 'v', NULL, "say more" },
	{ "dry-run", 'n', NULL, "change nothing, say what would be done" },
	{ "json", OPT_JSON, "FILE",
	    "write events as JSON lines (- is stderr)" },
	{ NULL, 0, NULL, NULL },
};

const struct option_spec options_keys[] = {
	{ "public-key", 'p', "PUBKEY", "public key file (minisign's)" },
	{ "secret-key", 's', "SECKEY", "secret key file (minisign's)" },
	{ "key-secret", OPT_KEY_SECRET, "SPEC",
	    "where the key's passphrase is" },
	{ NULL, 0, NULL, NULL },
};

const struct option_spec options_connect[] = {
	{ "secret", OPT_SECRET, "SPEC",
	    "file:PATH, cmd: or token-cmd:COMMAND, env:NAME, fd:N; "
	    "one each" },
	{ "auth-user", OPT_AUTH_USER, "ADMIN",
	    "log in as this administrator for the user" },
	{ "auth", OPT_AUTH, "MECH",
	    "SCRAM-SHA-256, PLAIN, LOGIN, CRAM-MD5, OAUTHBEARER or "
	    "XOAUTH2" },
	{ "ca", OPT_CA, "FILE", "trust these certificate authorities" },
	{ "pin", OPT_PIN, "SHA256",
	    "trust the certificate with this digest only" },
	{ "insecure", OPT_INSECURE, NULL, "accept any certificate" },
	{ "allow-plaintext", OPT_ALLOW_PLAINTEXT, NULL,
	    "allow imap+plain beyond this machine" },
	{ "timeout", OPT_TIMEOUT, "SECONDS",
	    "give a silent server up after this (60)" },
	{ "compress-line", OPT_COMPRESS_LINE, "WHEN",
	    "auto (far servers), on or off" },
	{ "max-rate", OPT_MAX_RATE, "OCTETS",
	    "octets a second over all connections (500k)" },
	{ "max-messages", OPT_MAX_MESSAGES, "N",
	    "messages a second, likewise (4, 0.5, 30/min)" },
	{ "max-wait", OPT_MAX_WAIT, "SECONDS",
	    "longest pause for a server that asks for one (600)" },
	{ NULL, 0, NULL, NULL },
};

const struct option_spec options_parallel[] = {
	{ "connections", 'j', "N", "work over up to N connections (1 to 3)" },
	{ NULL, 0, NULL, NULL },
};

const struct option_spec options_selection[] = {
	{ "folder", OPT_FOLDER, "GLOB", "only these folders; may be repeated" },
	{ "exclude", OPT_EXCLUDE, "GLOB", "not these folders" },
	{ "since", OPT_SINCE, "DATE", "only mail that came at DATE or later" },
	{ "before", OPT_BEFORE, "DATE", "only mail that came before DATE" },
	{ NULL, 0, NULL, NULL },
};

bool
option_table_is_shared(const struct option_spec *table)
{
	return table == options_general || table == options_keys ||
	    table == options_connect || table == options_parallel ||
	    table == options_selection || table == options_accounts;
}

static enum rc
take_mechanism(struct common_options *o, const char *value, struct fault *f)
{
	static const char *const known[] = { "SCRAM-SHA-256", "PLAIN", "LOGIN",
		"CRAM-MD5", "OAUTHBEARER", "XOAUTH2" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcasecmp(value, known[i]) != 0)
			continue;
		o->access.mechanism = known[i];
		return RC_OK;
	}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--auth: unknown mechanism '%s', use SCRAM-SHA-256, PLAIN, LOGIN, "
	    "CRAM-MD5, OAUTHBEARER or XOAUTH2",
	    value);
}

/* As openssl prints it too: with colons, in capitals. */
static enum rc
take_pin(struct common_options *o, const char *value, struct fault *f)
{
	unsigned char digest[PIN_OCTETS];
	struct buf b = BUF_INIT;
	const char *p = value;
	enum rc rc = RC_OK;

	if (strncasecmp(p, "sha256:", 7) == 0)
		p += 7;
	for (; *p != '\0'; p++)
		if (*p != ':')
			buf_addc(&b, *p);
	if (text_unhex(buf_str(&b), b.len, digest, sizeof(digest))) {
		buf_clear(&b);
		text_hex(&b, digest, sizeof(digest));
		strs_add(&o->access.pins, buf_str(&b));
	} else {
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--pin: '%s' is not a SHA-256 digest of 64 hex digits",
		    value);
	}
	buf_release(&b);
	return rc;
}

static enum rc
take_connections(struct common_options *o, const char *value, struct fault *f)
{
	uint64_t n;

	if (!num_u64(value, strlen(value), CONNECTIONS_MAX, &n) || n == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-j: '%s' is not a number from 1 to %d", value,
		    CONNECTIONS_MAX);
	o->connections = (unsigned)n;
	return RC_OK;
}

static enum rc
take_timeout(struct common_options *o, const char *value, struct fault *f)
{
	uint64_t s;

	if (!num_u64(value, strlen(value), TIMEOUT_MAX_S, &s) || s == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--timeout: '%s' is not a number of seconds from 1 to %d",
		    value, TIMEOUT_MAX_S);
	o->access.timeout_ms = (int)s * 1000;
	return RC_OK;
}

static enum rc
take_max_rate(struct common_options *o, const char *value, struct fault *f)
{
	uint64_t rate;

	if (!num_size(value, &rate) || rate < RATE_MIN ||
	    rate > UINT64_C(1) << 40)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--max-rate: '%s' is not a number of octets a second from "
		    "1k to 1T",
		    value);
	pace_limit_octets(o->access.pace, rate);
	return RC_OK;
}

static enum rc
take_max_messages(struct common_options *o, const char *value, struct fault *f)
{
	double rate;

	if (!num_rate(value, &rate) || rate * MESSAGES_MIN_S < 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--max-messages: '%s' is not a number of messages a "
		    "second from 1/min to 999999: 4, 0.5 or 30/min",
		    value);
	pace_limit_messages(o->access.pace, rate);
	return RC_OK;
}

static enum rc
take_max_wait(struct common_options *o, const char *value, struct fault *f)
{
	uint64_t s;

	if (!num_u64(value, strlen(value), WAIT_MAX_S, &s))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--max-wait: '%s' is not a number of seconds from 0 to %d",
		    value, WAIT_MAX_S);
	pace_limit_pause(o->access.pace, (int64_t)s * 1000);
	return RC_OK;
}

static enum rc
take_compress_line(struct common_options *o, const char *value, struct fault *f)
{
	static const char *const words[] = { [ACCESS_COMPRESS_AUTO] = "auto",
		[ACCESS_COMPRESS_ON] = "on",
		[ACCESS_COMPRESS_OFF] = "off" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i]) != 0)
			continue;
		o->access.compress = (enum access_compress)i;
		return RC_OK;
	}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--compress-line: '%s' is not auto, on or off", value);
}

static enum rc
take_date(const char *option, const char *value, int64_t *r, struct fault *f)
{
	if (!date_parse_argument(value, r))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "%s: '%s' is not a date like 2026-11-23 or "
		    "2026-11-23T08:00",
		    option, value);
	return RC_OK;
}

static enum rc
take_secret(struct common_options *o, const char *value, struct fault *f)
{
	enum rc rc = secret_check(value, f);

	if (rc != RC_OK)
		return fault_wrap(f, rc, "--secret");
	strs_add(&o->secret, value);
	return RC_OK;
}

static enum rc
take_key_secret(struct common_options *o, const char *value, struct fault *f)
{
	enum rc rc = secret_check(value, f);

	if (rc == RC_OK && secret_is_token(value))
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'token-cmd:' is for servers: use cmd:");
	if (rc != RC_OK)
		return fault_wrap(f, rc, "--key-secret");
	o->key_secret = value;
	return RC_OK;
}

/* The options whose every value is good. */
static void
take_plain(struct common_options *o, int letter, const char *value)
{
	switch (letter) {
	case 'q':
		o->quiet = true;
		break;
	case 'v':
		o->verbose++;
		break;
	case 'n':
		o->dry_run = true;
		break;
	case 'p':
		o->public_key = value;
		break;
	case 's':
		o->secret_key = value;
		break;
	case OPT_JSON:
		o->json = value;
		break;
	case OPT_AUTH_USER:
		o->access.auth_user = value;
		break;
	case OPT_CA:
		o->access.ca_file = value;
		break;
	case OPT_INSECURE:
		o->access.insecure = true;
		break;
	case OPT_ALLOW_PLAINTEXT:
		o->access.allow_plaintext = true;
		break;
	case OPT_FOLDER:
		strs_add(&o->selection.folder, value);
		break;
	case OPT_EXCLUDE:
		strs_add(&o->selection.exclude, value);
		break;
	default:
		break;
	}
}

enum rc
option_take(struct common_options *o, const struct option_spec *spec,
    const char *value, struct fault *f)
{
	if (spec->argument != NULL && *value == '\0')
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--%s: needs a %s that is not empty", spec->name,
		    spec->argument);
	switch (spec->letter) {
	case OPT_SECRET:
		return take_secret(o, value, f);
	case OPT_KEY_SECRET:
		return take_key_secret(o, value, f);
	case OPT_AUTH:
		return take_mechanism(o, value, f);
	case OPT_PIN:
		return take_pin(o, value, f);
	case 'j':
		return take_connections(o, value, f);
	case OPT_TIMEOUT:
		return take_timeout(o, value, f);
	case OPT_COMPRESS_LINE:
		return take_compress_line(o, value, f);
	case OPT_MAX_RATE:
		return take_max_rate(o, value, f);
	case OPT_MAX_MESSAGES:
		return take_max_messages(o, value, f);
	case OPT_MAX_WAIT:
		return take_max_wait(o, value, f);
	case OPT_SINCE:
		return take_date("--since", value, &o->selection.since, f);
	case OPT_BEFORE:
		return take_date("--before", value, &o->selection.before, f);
	default:
		break;
	}
	if (option_accounts_has(spec))
		return option_accounts_take(&o->accounts, spec, value, f);
	take_plain(o, spec->letter, value);
	return RC_OK;
}
