#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <time.h>

#include "tests/unit/peer.h"

#include "net/certificate.h"
#include "stores/imap/net.h"
#include "util/strs.h"

enum { DAY = 86400, YEAR = 365 * DAY };

struct pair {
	X509 *cert;
	EVP_PKEY *key;
};

static void
add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(e);
	assert_int_equal(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* A certificate, good from and to so many seconds from now, signed by by
 * (NULL: by itself). */
static struct pair
make_pair(const char *name, const char *names, long from, long to,
    const struct pair *by)
{
	struct pair p = { X509_new(), EVP_EC_gen("P-256") };
	X509_NAME *n = X509_NAME_new();

	if (by == NULL)
		by = &p;
	assert_int_equal(X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC,
			     (const unsigned char *)name, -1, -1, 0),
	    1);
	(void)X509_set_version(p.cert, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(p.cert), 1 + rand());
	(void)X509_set_subject_name(p.cert, n);
	(void)X509_set_issuer_name(p.cert,
	    by == &p ? n : X509_get_subject_name(by->cert));
	(void)X509_set_pubkey(p.cert, p.key);
	(void)X509_gmtime_adj(X509_getm_notBefore(p.cert), from);
	(void)X509_gmtime_adj(X509_getm_notAfter(p.cert), to);
	if (names != NULL)
		add_extension(p.cert, NID_subject_alt_name, names);
	else
		add_extension(p.cert, NID_basic_constraints,
		    "critical,CA:TRUE");
	assert_true(X509_sign(p.cert, by->key, EVP_sha256()) > 0);
	X509_NAME_free(n);
	return p;
}

static void
free_pair(struct pair *p)
{
	X509_free(p->cert);
	EVP_PKEY_free(p->key);
}

/* Shakes hands with whoever comes, says hello, waits for the end. */
static void
serve(struct peer *p, const struct pair *with, int max_version)
{
	int listener = peer_listen(&p->port), fd;
	SSL_CTX *c;
	SSL *ssl;
	char byte;

	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid != 0) {
		(void)close(listener);
		return;
	}
	(void)alarm(PEER_SECONDS); /* nobody comes: do not wait for ever */
	(void)signal(SIGPIPE, SIG_IGN);
	c = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(c, 0);
	(void)SSL_CTX_set_min_proto_version(c, TLS1_VERSION);
	(void)SSL_CTX_set_max_proto_version(c, max_version);
	if (SSL_CTX_use_certificate(c, with->cert) != 1 ||
	    SSL_CTX_use_PrivateKey(c, with->key) != 1)
		_exit(PEER_BROKEN);
	fd = accept(listener, NULL, NULL);
	ssl = SSL_new(c);
	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		(void)SSL_write(ssl, "* OK hello\r\n", 12);
		while (SSL_read(ssl, &byte, 1) == 1)
			;
	}
	_exit(0);
}

/* What the tests differ in. */
struct attempt {
	const char *host;
	const char *ca_file;
	const struct strs *pins;
	bool insecure;
	int max_version;
};

/* Connects; the fault's text, or what net_tls says, is in text. */
static enum rc
attempt(const struct attempt *a, const struct pair *server, struct fault *f,
    char *text, size_t max)
{
	struct endpoint c = { .location = "imaps://localhost" };
	mailstream *stream;
	struct net *net;
	struct peer p;
	enum rc rc;

	serve(&p, server,
	    a->max_version != 0 ? a->max_version : TLS1_3_VERSION);
	c.host = a->host != NULL ? a->host : "localhost";
	c.port = p.port;
	c.security = SECURITY_TLS;
	c.ca_file = a->ca_file;
	c.pins = a->pins;
	c.insecure = a->insecure;
	c.timeout_ms = 5000;
	rc = net_open(&c, &stream, &net, f);
	(void)snprintf(text, max, "%s", rc == RC_OK ? net_tls(net) : f->text);
	if (rc == RC_OK) {
		char hello[12];

		(void)net_raw(net, true);
		assert_int_equal(mailstream_read(stream, hello, 1), 1);
		(void)mailstream_close(stream);
	}
	(void)peer_end(&p);
	return rc;
}

static void
refused(const struct attempt *a, const struct pair *server, const char *words)
{
	struct fault f = FAULT_INIT;
	char text[FAULT_MAX];

	assert_int_equal(attempt(a, server, &f, text, sizeof(text)), RC_STORE);
	assert_int_equal(f.cause, CAUSE_UNREACHABLE);
	if (strstr(text, words) == NULL)
		assert_string_equal(text, words);
}

static void
accepted(const struct attempt *a, const struct pair *server, const char *words)
{
	struct fault f = FAULT_INIT;
	char text[FAULT_MAX];

	if (attempt(a, server, &f, text, sizeof(text)) != RC_OK)
		assert_string_equal(text, "");
	if (strstr(text, words) == NULL)
		assert_string_equal(text, words);
}

/* The authority, also as a file. */
struct authority {
	struct pair ca;
	char file[32];
};

static int
set_up(void **state)
{
	struct authority *a = calloc(1, sizeof(*a));
	FILE *out;

	assert_non_null(a);
	a->ca = make_pair("test authority", NULL, -DAY, YEAR, NULL);
	(void)snprintf(a->file, sizeof(a->file), "/tmp/mailproof-ca.XXXXXX");
	out = fdopen(mkstemp(a->file), "w");
	assert_non_null(out);
	assert_int_equal(PEM_write_X509(out, a->ca.cert), 1);
	assert_int_equal(fclose(out), 0);
	*state = a;
	return 0;
}

static int
tear_down(void **state)
{
	struct authority *a = *state;

	(void)unlink(a->file);
	free_pair(&a->ca);
	free(a);
	return 0;
}

static void
a_certificate_of_the_authority_for_this_host_is_taken(void **state)
{
	struct authority *a = *state;
	struct pair good =
	    make_pair("good", "DNS:localhost,IP:127.0.0.1", -DAY, YEAR, &a->ca);

	accepted(&(struct attempt){ .ca_file = a->file }, &good, "TLSv1.3 ");
	accepted(&(struct attempt){ .ca_file = a->file, .host = "127.0.0.1" },
	    &good, " sha256:");
	accepted(&(struct attempt){ .ca_file = a->file,
		     .max_version = TLS1_2_VERSION },
	    &good, "TLSv1.2 ");
	refused(&(struct attempt){ .insecure = false }, &good,
	    "signed by an authority that is not trusted here: name that with "
	    "--ca FILE");
	free_pair(&good);
}

static void
any_other_certificate_is_refused_with_its_reason(void **state)
{
	struct authority *a = *state;
	struct attempt with_ca = { .ca_file = a->file };
	struct pair old =
	    make_pair("old", "DNS:localhost", -YEAR, -DAY, &a->ca);
	struct pair young =
	    make_pair("young", "DNS:localhost", DAY, YEAR, &a->ca);
	struct pair other = make_pair("other",
	    "DNS:mail.example.net,DNS:*.example.org,IP:192.0.2.1", -DAY, YEAR,
	    &a->ca);
	struct pair self = make_pair("self", "DNS:localhost", -DAY, YEAR, NULL);
	char when[64];
	struct tm tm;
	time_t then = time(NULL) - DAY;

	(void)gmtime_r(&then, &tm);
	(void)strftime(when, sizeof(when),
	    "its certificate expired on %Y-%m-%d", &tm);
	refused(&with_ca, &old, when);
	refused(&with_ca, &old, "if it is the right server, --pin sha256:");
	refused(&with_ca, &young, "its certificate begins on ");
	refused(&with_ca, &other,
	    "its certificate is for mail.example.net, "
	    "*.example.org, 192.0.2.1, not for localhost: use that name");
	with_ca.host = "127.0.0.1";
	refused(&with_ca, &other, ", not for 127.0.0.1");
	with_ca.host = NULL;
	refused(&with_ca, &self, "its certificate is self-signed: ");
	free_pair(&old);
	free_pair(&young);
	free_pair(&other);
	free_pair(&self);
}

static void
tls_older_than_1_2_is_refused(void **state)
{
	struct authority *a = *state;
	struct pair good =
	    make_pair("good", "DNS:localhost", -DAY, YEAR, &a->ca);
	struct attempt old = { .ca_file = a->file };

	old.max_version = TLS1_VERSION;
	refused(&old, &good, "older than 1.2");
	old.max_version = TLS1_1_VERSION;
	refused(&old, &good, "older than 1.2");
	free_pair(&good);
}

static void
a_pin_is_necessary_and_sufficient(void **state)
{
	struct authority *a = *state;
	struct pair good =
	    make_pair("good", "DNS:localhost", -DAY, YEAR, &a->ca);
	struct pair self =
	    make_pair("self", "DNS:elsewhere", -YEAR, -DAY, NULL);
	struct buf pin = BUF_INIT, colons = BUF_INIT;
	struct strs pins = STRS_INIT;
	size_t i;

	certificate_digest(&pin, self.cert);
	for (i = 7; i < pin.len; i += 2)
		buf_addf(&colons, "%s%.2s", i > 7 ? ":" : "",
		    buf_str(&pin) + i);
	strs_add(&pins,
	    "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
	    "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00");
	refused(&(struct attempt){ .pins = &pins }, &self,
	    "its certificate is not the pinned one: it is now sha256:");
	strs_add(&pins, buf_str(&colons));
	accepted(&(struct attempt){ .pins = &pins }, &self, ", pinned");
	refused(&(struct attempt){ .pins = &pins, .ca_file = a->file }, &good,
	    "not the pinned one");
	refused(&(struct attempt){ .pins = &pins, .insecure = true }, &good,
	    "not the pinned one");
	strs_release(&pins);
	buf_release(&pin);
	buf_release(&colons);
	free_pair(&good);
	free_pair(&self);
}

static void
insecure_takes_any_and_says_so(void **state)
{
	struct pair self = make_pair("self", "DNS:elsewhere", -DAY, YEAR, NULL);

	(void)state;
	accepted(&(struct attempt){ .insecure = true }, &self,
	    ", accepted unverified: its certificate is self-signed");
	free_pair(&self);
}

static void
a_bad_pin_or_authority_file_is_a_matter_of_configuration(void **state)
{
	struct pair self = make_pair("self", "DNS:localhost", -DAY, YEAR, NULL);
	struct fault f = FAULT_INIT;
	struct strs pins = STRS_INIT;
	char text[FAULT_MAX];

	(void)state;
	strs_add(&pins, "abc");
	assert_int_equal(attempt(&(struct attempt){ .pins = &pins }, &self, &f,
			     text, sizeof(text)),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
	assert_non_null(strstr(text, "pin 'abc'"));
	assert_int_equal(attempt(&(struct attempt){ .ca_file = "/dev/null" },
			     &self, &f, text, sizeof(text)),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
	assert_non_null(strstr(text, "/dev/null"));
	strs_release(&pins);
	free_pair(&self);
}

static void
a_server_without_tls_is_told_from_one_with_a_bad_one(void **state)
{
	static const struct peer_turn turns[] = { { NULL,
	    "* OK plain words\r\n" } };
	struct endpoint c = { .host = "127.0.0.1",
		.security = SECURITY_TLS,
		.timeout_ms = 5000 };
	struct fault f = FAULT_INIT;
	mailstream *stream;
	struct net *net;
	struct peer p;

	(void)state;
	peer_start(&p, turns, 1);
	c.port = p.port;
	assert_int_equal(net_open(&c, &stream, &net, &f), RC_STORE);
	assert_non_null(strstr(f.text, "does not begin with TLS: use imap://"));
	assert_int_equal(f.cause, CAUSE_UNREACHABLE);
	(void)peer_end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_certificate_of_the_authority_for_this_host_is_taken),
		cmocka_unit_test(
		    any_other_certificate_is_refused_with_its_reason),
		cmocka_unit_test(tls_older_than_1_2_is_refused),
		cmocka_unit_test(a_pin_is_necessary_and_sufficient),
		cmocka_unit_test(insecure_takes_any_and_says_so),
		cmocka_unit_test(
		    a_bad_pin_or_authority_file_is_a_matter_of_configuration),
		cmocka_unit_test(
		    a_server_without_tls_is_told_from_one_with_a_bad_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
