#ifndef NET_TLS_H
#define NET_TLS_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "net/endpoint.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * TLS 1.2 or newer, with SNI.  In the handshake the certificate must be
 * one of:
 *
 *   without pins  signed by an authority of the system or of ca_file, in
 *                 time, and issued for the host name or address
 *   with pins     the pinned one: its SHA-256 (of the DER) is necessary and
 *                 sufficient, so that a self-signed one can be trusted
 *   insecure      any (pins, when given, still decide); tls_describe says
 *                 that it was not verified, and why
 */
struct tls;

/* Waits until the socket can be read or written; RC_STORE when it cannot. */
typedef enum rc tls_wait_fn(void *arg, bool to_write, struct fault *f);

/* Over a connected, non-blocking fd, which stays the caller's.  The texts
 * of faults (CAUSE_UNREACHABLE, CAUSE_CONFIG for the CA file and the pins)
 * say the way out. */
enum rc tls_connect(const struct endpoint *at, int fd, tls_wait_fn *wait,
    void *arg, struct tls **r, struct fault *f) CHECKED;
/* Says goodbye without waiting for an answer; takes NULL. */
void tls_free(struct tls *t);
SSL *tls_ssl(struct tls *t);
/* net_tls's text, borrowed. */
const char *tls_describe(const struct tls *t);

/* What the handshake came to; texts live as long as the connection. */
struct tls_facts {
	const char *version; /* "TLSv1.3" */
	const char *cipher;
	const char *subject; /* of the certificate, as RFC 4514 writes it; */
	const char *issuer;  /* UTF-8, may hold bytes for text_visible */
	int64_t until;       /* its end, UTC seconds; 0: not known */
};
const struct tls_facts *tls_facts(const struct tls *t);

#endif
