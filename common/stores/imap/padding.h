#ifndef IMAP_PADDING_H
#define IMAP_PADDING_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/body.h"
#include "stores/imap/session.h"
#include "util/fault.h"

/*
 * Dovecot (2.3.19, maildir, sdbox and mdbox; measured) takes one CR away
 * from each CR CR+ LF and from CRs at the very end of what is appended. One
 * more CR in these places makes it keep the message as it was.
 */

/* Is the server one that drops them? */
bool padding_applies(const struct session *s);

/* How many CRs to add: 0 for almost every message. */
enum rc padding_count(const struct body *b, uint64_t *n_r, struct fault *f)
    CHECKED;

/* As body_wire, with these CRs. */
enum rc padding_wire(const struct body *b, body_sink_fn *sink, void *arg,
    struct fault *f) CHECKED;

#endif
