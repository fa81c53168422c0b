/* mprobe flow: send marked messages, and find them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "util/num.h"

enum {
	OPT_FROM = 256,
	OPT_TO,
	OPT_SUBMIT,
	OPT_MX,
	OPT_BOUNCES,
	OPT_WAIT,
	OPT_LEAVE,
	OPT_STRICT,
	OPT_FORMAT,
	OPT_ACCOUNT,
	OPT_OLD_SUBMIT,
	OPT_OUTSIDE,
	OPT_PER_HOST,
};

enum {
	AT_ONCE_MAX = 64,
	PER_HOST_MAX = 1024,
	WAIT_MAX_MS = 86400 * 1000,
};

static const struct option_spec options_flow[] = {
	{ "from", OPT_FROM, "ADDRESS", "the sender" },
	{ "to", OPT_TO, "ADDRESS", "the recipient" },
	{ "submit", OPT_SUBMIT, "SMTP-LOCATION",
	    "send by this server, with a login" },
	{ "mx", OPT_MX, "HOST[:PORT]",
	    "send to this server, as others' servers do" },
	{ "bounces", OPT_BOUNCES, "IMAP-LOCATION",
	    "the sender's mailbox: look for bounces there" },
	{ "wait", OPT_WAIT, "TIME",
	    "for a server to accept, and then for it to arrive (2m)" },
	{ "leave", OPT_LEAVE, NULL, "do not remove what was found" },
	{ "strict", OPT_STRICT, NULL,
	    "outside of INBOX, or altered, counts as not arrived" },
	{ "format", OPT_FORMAT, "FORMAT", "text (default), tsv or json" },
	{ "accounts", 'A', "LIST", "for the accounts of this list" },
	{ "account", OPT_ACCOUNT, "NAME",
	    "of them only this one; may be repeated" },
	{ "parallel", 'P', "N", "so many accounts at once (8)" },
	{ "per-host", OPT_PER_HOST, "N",
	    "so many connections to one server, for all accounts (8)" },
	{ "old-submit", OPT_OLD_SUBMIT, "SMTP-LOCATION",
	    "send by the old server too, as the source's user" },
	{ "outside", OPT_OUTSIDE, "LIST",
	    "a list of one: a mailbox elsewhere, to write to and back" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_flow,
	options_connect,
	options_general,
	NULL,
};

static enum rc
take_format(struct flow_settings *s, const char *value, struct fault *f)
{
	static const char *const words[] = { "text", "tsv", "json" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(value, words[i]) == 0) {
			s->format = (enum flow_format)i;
			return RC_OK;
		}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--format %s: give text, tsv or json", value);
}

static enum rc
take_wait(struct flow_settings *s, const char *value, struct fault *f)
{
	if (num_duration(value, &s->wait_ms) && s->wait_ms > 0 &&
	    s->wait_ms <= WAIT_MAX_MS)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--wait: '%s' is not a time from 1s to 24h: 90s, 2m", value);
}

static enum rc
take_number(const char *option, const char *value, unsigned most, unsigned *r,
    struct fault *f)
{
	uint64_t n;

	if (!num_u64(value, strlen(value), most, &n) || n == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--%s: '%s' is not a number from 1 to %u", option, value,
		    most);
	*r = (unsigned)n;
	return RC_OK;
}

/* The options whose every value is good, or is looked at later. */
static void
take_plain(struct flow_settings *s, int letter, const char *value)
{
	switch (letter) {
	case OPT_FROM:
		s->from = value;
		break;
	case OPT_TO:
		s->to = value;
		break;
	case OPT_SUBMIT:
		s->submit = value;
		break;
	case OPT_MX:
		s->mx = value;
		break;
	case OPT_BOUNCES:
		s->bounces = value;
		break;
	case OPT_LEAVE:
		s->leave = true;
		break;
	case OPT_STRICT:
		s->strict = true;
		break;
	case OPT_ACCOUNT:
		strs_add(&s->account, value);
		break;
	case OPT_OLD_SUBMIT:
		s->old_submit = value;
		break;
	case OPT_OUTSIDE:
		s->outside = value;
		break;
	case 'A':
		s->list = value;
		break;
	default:
		break;
	}
}

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct flow_settings *s = arg;

	if (letter == OPT_FORMAT)
		return take_format(s, value, f);
	if (letter == OPT_WAIT)
		return take_wait(s, value, f);
	if (letter == 'P')
		return take_number("parallel", value, AT_ONCE_MAX, &s->at_once,
		    f);
	if (letter == OPT_PER_HOST)
		return take_number("per-host", value, PER_HOST_MAX,
		    &s->per_host, f);
	take_plain(s, letter, value);
	return RC_OK;
}

static enum rc
print(const struct flow_settings *s, const struct journey *v, size_t n,
    struct fault *f)
{
	struct buf b = BUF_INIT;
	bool good;

	switch (s->format) {
	case FLOW_TEXT:
		flow_text(v, n, &b);
		break;
	case FLOW_TSV:
		flow_tsv(v, n, &b);
		break;
	case FLOW_JSON:
		flow_json(v, n, &b);
		break;
	}
	good = fwrite(b.data, 1, b.len, stdout) == b.len && fflush(stdout) == 0;
	buf_release(&b);
	return good ? RC_OK :
		      fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
}

/* Those who read no report are told what was left, and where. */
static void
conclude(struct probe *p, const struct journey *v, size_t n)
{
	struct fault f = FAULT_INIT;
	const struct leg *l;
	size_t i, k;

	for (i = 0; i < n; i++) {
		f.cause = v[i].broken;
		if (f.cause != CAUSE_NONE)
			outcome_fault(&p->outcome, &f);
		for (k = 0; k < v[i].legs; k++) {
			l = &v[i].leg[k];
			flow_count(p->own, l, &p->outcome);
			if (l->left != NULL)
				report_warn(p->report,
				    "a test message was left (Message-ID %s): "
				    "%s",
				    l->mark.id, l->left);
		}
	}
}

static enum rc
run(struct probe *p, struct fault *f)
{
	const struct flow_settings *s = p->own;
	struct fault second = FAULT_INIT;
	struct journey *v = NULL;
	size_t n = 0, i;
	enum rc rc, printed;

	rc = flow_plan(p, &v, &n, f);
	if (rc == RC_OK) {
		rc = flow_go(v, n, f);
		conclude(p, v, n);
		printed = print(s, v, n, &second);
		if (rc == RC_OK && printed != RC_OK) {
			rc = printed;
			*f = second;
		}
	}
	for (i = 0; i < n; i++)
		journey_release(&v[i]);
	free(v);
	return rc;
}

static void
release(void *settings)
{
	struct flow_settings *s = settings;

	strs_release(&s->account);
	account_list_release(&s->accounts);
	account_list_release(&s->others);
}

const struct verb verb_flow = {
	.word = "flow",
	.summary = "send a marked message, and find it where it arrives",
	.program = {
		.name = "mprobe flow",
		.synopsis =
		    "[options] --from ADDRESS --to ADDRESS --submit "
		    "SMTP-LOCATION IMAP-LOCATION\n"
		    "[options] --from ADDRESS --to ADDRESS --mx HOST[:PORT] "
		    "IMAP-LOCATION\n"
		    "[options] [--submit SMTP-LOCATION] [--outside LIST] "
		    "[--account NAME]... -A LIST",
		.summary = "send a marked message, and find it where it "
			   "arrives",
		.tables = tables,
		.own = own_option,
		.work = WORK_NO_ACCOUNTS,
	},
	.settings = sizeof(struct flow_settings),
	.run = run,
	.release = release,
};
