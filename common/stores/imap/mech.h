#ifndef IMAP_MECH_H
#define IMAP_MECH_H

#include <stdbool.h>

#include "net/sasl.h"
#include "stores/imap/session.h"
#include "util/buf.h"
#include "util/fault.h"

/* One login on its way; buffers hold secrets and are wiped by the caller. */
struct login {
	struct session *s;
	struct buf secret;
	struct buf line; /* the server's last */
	struct buf out;  /* what its challenge says, decoded */
	int tag;
	bool done; /* the tagged answer came: it is in r */
	struct imap_reply *r;
};

/* Each says all there is to say, up to the tagged answer.  RC_STORE when
 * the line is lost, or the server is not what it claims to be. */
enum rc mech_sasl(struct login *l, enum sasl_mechanism m, struct sasl *sasl,
    struct fault *f) CHECKED;
/* The LOGIN command, with literals for what cannot be quoted. */
enum rc mech_command(struct login *l, const char *who, struct fault *f) CHECKED;

#endif
