#ifndef IMAP_INTRODUCE_H
#define IMAP_INTRODUCE_H

#include "stores/imap/session.h"
#include "util/fault.h"

/*
 * After login: ID (RFC 2971), NAMESPACE (RFC 2342) and COMPRESS (RFC 4978)
 * in one flight.  Where the line is to be compressed nothing may be sent
 * before the OK of it, and it is waited for.  Else the answers are taken
 * with those of the first command, so that they cost no round trip; a
 * refusal is no matter.
 */
enum rc introduce(struct session *s, struct fault *f) CHECKED;
/* Takes the answers that are still to come; before s->software, prefix,
 * sep and foreign are looked at.  Commands do it by themselves. */
enum rc introduce_finish(struct session *s, struct fault *f) CHECKED;

#endif
