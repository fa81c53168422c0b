#include "net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/certificate.h"
#include "util/mem.h"
#include "util/text.h"

struct tls {
	SSL_CTX *context;
	SSL *ssl;
	const struct endpoint *at; /* during the handshake */
	struct buf why;            /* what is wrong with the certificate */
	char *text;
	struct tls_facts facts;
	struct buf subject;
	struct buf issuer;
};

SSL *
tls_ssl(struct tls *t)
{
	return t->ssl;
}

const char *
tls_describe(const struct tls *t)
{
	return t->text;
}

const struct tls_facts *
tls_facts(const struct tls *t)
{
	return &t->facts;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	if (t->ssl != NULL && SSL_is_init_finished(t->ssl)) {
		ERR_clear_error();
		(void)SSL_shutdown(t->ssl);
		ERR_clear_error();
	}
	SSL_free(t->ssl);
	SSL_CTX_free(t->context);
	buf_release(&t->why);
	buf_release(&t->subject);
	buf_release(&t->issuer);
	free(t->text);
	free(t);
}

static enum rc
broken(const char *what, struct fault *f)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	enum rc rc;

	rc = fault_set(f, RC_STORE, CAUSE_UNREACHABLE, "%s: %s", what,
	    reason != NULL ? reason : "OpenSSL gives no reason");
	ERR_clear_error();
	return rc;
}

/* In the handshake, in place of OpenSSL's own check of the chain. */
static int
check_pin(X509_STORE_CTX *store, void *arg)
{
	struct tls *t = arg;
	X509 *leaf = X509_STORE_CTX_get0_cert(store);

	if (leaf != NULL && certificate_pinned(leaf, t->at->pins))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	if (leaf != NULL && t->why.len == 0) {
		buf_adds(&t->why,
		    "its certificate is not the pinned one: it "
		    "is now ");
		certificate_digest(&t->why, leaf);
		buf_adds(&t->why, "; if that is right, give this to --pin");
	}
	return 0;
}

/* In the handshake, for each fault that OpenSSL finds in the chain: keeps
 * what is known of the first, which decides. */
static int
note_fault(int good, X509_STORE_CTX *store)
{
	SSL *ssl;
	struct tls *t;

	if (good)
		return 1;
	ssl = X509_STORE_CTX_get_ex_data(store,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	t = SSL_get_app_data(ssl);
	if (t->why.len == 0)
		certificate_complain(&t->why, store, t->at->host);
	/* --insecure goes on, and tells the reason later. */
	return t->at->insecure ? 1 : 0;
}

static enum rc
load_authorities(struct tls *t, struct fault *f)
{
	const char *file = t->at->ca_file;
	enum rc rc;

	if (file == NULL) {
		if (SSL_CTX_set_default_verify_paths(t->context) != 1)
			return broken("cannot load the system's "
				      "certificate authorities",
			    f);
		return RC_OK;
	}
	if (SSL_CTX_load_verify_locations(t->context, file, NULL) == 1) {
		/* What the user names is trusted, root or not. */
		(void)X509_VERIFY_PARAM_set_flags(
		    SSL_CTX_get0_param(t->context), X509_V_FLAG_PARTIAL_CHAIN);
		return RC_OK;
	}
	rc = fault_set(f, RC_STORE, CAUSE_CONFIG,
	    "%s: cannot be read as a "
	    "file of certificate authorities (PEM)",
	    file);
	ERR_clear_error();
	return rc;
}

static bool
is_address(const char *host)
{
	unsigned char scratch[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, scratch) == 1 ||
	    inet_pton(AF_INET6, host, scratch) == 1;
}

/* Which certificate will do. */
static enum rc
set_checks(struct tls *t, struct fault *f)
{
	const struct endpoint *at = t->at;
	X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
	bool set;

	if (is_address(at->host))
		set = X509_VERIFY_PARAM_set1_ip_asc(param, at->host) == 1;
	else {
		X509_VERIFY_PARAM_set_hostflags(param,
		    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		/* What SSL_set_tlsext_host_name does, without its cast that
		 * drops const. */
		set = SSL_set1_host(t->ssl, at->host) == 1 &&
		    SSL_ctrl(t->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
			TLSEXT_NAMETYPE_host_name,
			(void *)(uintptr_t)at->host) == 1;
	}
	if (!set)
		return broken("cannot ask for this host's certificate", f);
	SSL_set_app_data(t->ssl, t);
	SSL_set_verify(t->ssl, SSL_VERIFY_PEER, note_fault);
	return RC_OK;
}

static enum rc
prepare(struct tls *t, int fd, struct fault *f)
{
	const struct endpoint *at = t->at;
	enum rc rc = RC_OK;

	t->context = SSL_CTX_new(TLS_client_method());
	if (t->context == NULL ||
	    SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION) != 1)
		return broken("cannot prepare TLS", f);
	(void)SSL_CTX_set_mode(t->context,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	/* One connection, no resumption: no tickets are kept. */
	(void)SSL_CTX_set_session_cache_mode(t->context, SSL_SESS_CACHE_OFF);
	if (at->pins != NULL && at->pins->n > 0)
		SSL_CTX_set_cert_verify_callback(t->context, check_pin, t);
	else if (at->insecure && at->ca_file == NULL)
		(void)SSL_CTX_set_default_verify_paths(t->context);
	else
		rc = load_authorities(t, f);
	if (rc != RC_OK)
		return rc;
	t->ssl = SSL_new(t->context);
	if (t->ssl == NULL || SSL_set_fd(t->ssl, fd) != 1)
		return broken("cannot prepare TLS", f);
	return set_checks(t, f);
}

/* Why the handshake failed, and what to do about it. */
static enum rc
refused(struct tls *t, int error, int saved, struct fault *f)
{
	int reason = ERR_GET_REASON(ERR_peek_error());

	if (t->why.len > 0) {
		ERR_clear_error();
		(void)fault_set(f, RC_STORE, CAUSE_UNREACHABLE, "%s",
		    buf_str(&t->why));
		return fault_lasts(f, RC_STORE);
	}
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_WRONG_SSL_VERSION:
		ERR_clear_error();
		(void)fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "the server's TLS is older than 1.2, which protects "
		    "nothing any more: have it updated, or use a tunnel and "
		    "%s+plain://",
		    endpoint_protocol(t->at));
		return fault_lasts(f, RC_STORE);
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
		ERR_clear_error();
		(void)fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "this port does not begin with TLS: use %s:// for "
		    "STARTTLS",
		    endpoint_protocol(t->at));
		return fault_lasts(f, RC_STORE);
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		ERR_clear_error();
		return fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "the server closed the connection in the TLS handshake");
	default:
		break;
	}
	if (error == SSL_ERROR_SYSCALL && saved != 0) {
		errno = saved;
		return fault_errno(f, RC_STORE, CAUSE_UNREACHABLE,
		    "TLS handshake");
	}
	return broken("TLS handshake", f);
}

static enum rc
handshake(struct tls *t, tls_wait_fn *wait, void *arg, struct fault *f)
{
	int result, error, saved;
	enum rc rc = RC_OK;

	while (rc == RC_OK) {
		ERR_clear_error();
		errno = 0;
		result = SSL_connect(t->ssl);
		saved = errno;
		if (result == 1)
			return RC_OK;
		error = SSL_get_error(t->ssl, result);
		if (error == SSL_ERROR_WANT_READ)
			rc = wait(arg, false, f);
		else if (error == SSL_ERROR_WANT_WRITE)
			rc = wait(arg, true, f);
		else
			return refused(t, error, saved, f);
	}
	return rc;
}

static void
learn(struct tls *t, X509 *leaf)
{
	if (leaf != NULL) {
		certificate_name(&t->subject, X509_get_subject_name(leaf));
		certificate_name(&t->issuer, X509_get_issuer_name(leaf));
		t->facts.until = certificate_until(leaf);
	}
	t->facts.version = SSL_get_version(t->ssl);
	t->facts.cipher = SSL_get_cipher_name(t->ssl);
	t->facts.subject = buf_str(&t->subject);
	t->facts.issuer = buf_str(&t->issuer);
}

static char *
describe(struct tls *t)
{
	X509 *leaf = SSL_get1_peer_certificate(t->ssl);
	struct buf b = BUF_INIT;

	learn(t, leaf);
	buf_addf(&b, "%s %s ", t->facts.version, t->facts.cipher);
	if (leaf != NULL)
		certificate_digest(&b, leaf);
	X509_free(leaf);
	if (t->at->pins != NULL && t->at->pins->n > 0)
		buf_adds(&b, ", pinned");
	else if (t->why.len > 0)
		buf_addf(&b, ", accepted unverified: %s", buf_str(&t->why));
	return buf_steal(&b);
}

enum rc
tls_connect(const struct endpoint *at, int fd, tls_wait_fn *wait, void *arg,
    struct tls **r, struct fault *f)
{
	struct tls *t;
	enum rc rc;

	if (at->pins != NULL) {
		rc = certificate_check_pins(at->pins, f);
		if (rc != RC_OK)
			return rc;
	}
	t = xcalloc(1, sizeof(*t));
	t->at = at;
	rc = prepare(t, fd, f);
	if (rc == RC_OK)
		rc = handshake(t, wait, arg, f);
	if (rc != RC_OK) {
		tls_free(t);
		return rc;
	}
	t->text = describe(t);
	t->at = NULL;
	*r = t;
	return RC_OK;
}
