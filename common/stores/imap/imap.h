#ifndef IMAP_IMAP_H
#define IMAP_IMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "mail/store.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/pace.h"
#include "util/strs.h"

enum imap_security {
	IMAP_TLS,      /* imaps: from the start */
	IMAP_STARTTLS, /* imap: refused when not offered, never downgraded */
	IMAP_PLAIN,    /* imap+plain */
};

/* Appends the password to secret (wiped by the caller); called at each
 * connect. */
typedef enum rc imap_secret_fn(void *arg, struct buf *secret, struct fault *f);

/* COMPRESS=DEFLATE (RFC 4978), where the server offers it. */
enum imap_compress {
	IMAP_COMPRESS_AUTO, /* when the server is far: net_is_far */
	IMAP_COMPRESS_ON,   /* also on this machine */
	IMAP_COMPRESS_OFF,
};

/* All strings are copied by imap_open. */
struct imap_config {
	const char *location; /* for messages: no secret in it */
	const char *host;
	uint16_t port;
	enum imap_security security;
	const char *user;
	const char *auth_user; /* SASL: logs in as this one for user; NULL */
	const char *mechanism; /* NULL: the strongest both offer */
	imap_secret_fn *secret;
	void *secret_arg;
	const char *ca_file;     /* NULL: the system's */
	const struct strs *pins; /* SHA-256 of the certificate, hex; any fits */
	bool insecure;           /* accept any certificate, and say so */
	int timeout_ms;          /* a stall this long is an error */
	enum imap_compress compress;
	struct pace *pace; /* shared by connections, outlives them; NULL */
};

/* Connects, checks TLS, logs in.  CAUSE_UNREACHABLE, CAUSE_LOGIN,
 * CAUSE_TEMPORARY, CAUSE_CONFIG. */
enum rc imap_open(const struct imap_config *c, struct store **r,
    struct fault *f) CHECKED;

#endif
