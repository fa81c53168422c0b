#ifndef IMAP_IMAP_H
#define IMAP_IMAP_H

#include "mail/store.h"
#include "net/endpoint.h"
#include "util/fault.h"

/* COMPRESS=DEFLATE (RFC 4978), where the server offers it. */
enum imap_compress {
	IMAP_COMPRESS_AUTO, /* when the server is far: net_is_far */
	IMAP_COMPRESS_ON,   /* also on this machine */
	IMAP_COMPRESS_OFF,
};

/* All strings are copied by imap_open. */
struct imap_config {
	struct endpoint at;
	struct credentials who;
	enum imap_compress compress;
};

/* Connects, checks TLS, logs in.  CAUSE_UNREACHABLE, CAUSE_LOGIN,
 * CAUSE_TEMPORARY, CAUSE_CONFIG. */
enum rc imap_open(const struct imap_config *c, struct store **r,
    struct fault *f) CHECKED;

#endif
