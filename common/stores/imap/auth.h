#ifndef IMAP_AUTH_H
#define IMAP_AUTH_H

#include <stdbool.h>

#include "net/sasl.h"
#include "stores/imap/session.h"
#include "util/fault.h"

/*
 * As sasl_choose; the LOGIN command (RFC 3501, 6.2.3) does where nobody
 * offers AUTHENTICATE LOGIN and nobody forbids it: *command_r then.
 */
enum rc auth_choose(const struct imap_caps *caps, struct sasl_want *w,
    enum sasl_mechanism *r, bool *command_r, struct fault *f) CHECKED;

/* Fetches the secret, logs in, wipes.  CAUSE_LOGIN with the server's text,
 * CAUSE_TEMPORARY for [UNAVAILABLE], BYE and the like. */
enum rc auth_login(struct session *s, struct imap_reply *r, struct fault *f)
    CHECKED;

#endif
