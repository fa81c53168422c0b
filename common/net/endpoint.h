#ifndef NET_ENDPOINT_H
#define NET_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/fault.h"
#include "util/pace.h"
#include "util/strs.h"

enum security {
	SECURITY_TLS,      /* from the start: imaps, smtps */
	SECURITY_STARTTLS, /* refused when not offered, never downgraded */
	SECURITY_NONE,     /* plaintext: imap+plain, smtp+plain */
};

/* Where a server is, and whom we take for it. */
struct endpoint {
	const char *location; /* for messages: no secret in it */
	const char *host;
	uint16_t port;
	enum security security;
	const char *ca_file;     /* NULL: the system's */
	const struct strs *pins; /* SHA-256 of the certificate, hex; any fits;
				  * NULL: none */
	bool insecure;           /* accept any certificate, and say so */
	int timeout_ms;          /* a stall this long is an error */
	struct pace *pace; /* shared by connections, outlives them; NULL */
};

/* "imap" or "smtp", for texts that name another scheme as the way out. */
const char *endpoint_protocol(const struct endpoint *at);

/* Appends the password or token to secret (wiped by the caller); called at
 * each connect. */
typedef enum rc secret_fn(void *arg, struct buf *secret, struct fault *f);

/* Who logs in there. */
struct credentials {
	const char *user;      /* whose mail */
	const char *auth_user; /* SASL: logs in as this one for user; NULL */
	const char *mechanism; /* NULL: the strongest both offer */
	secret_fn *secret;
	void *secret_arg;
	bool token; /* the secret is an OAuth2 token from a command: where it
		     * is refused, another connection asks once more */
};

#endif
