#ifndef IMAP_SQUEEZE_H
#define IMAP_SQUEEZE_H

#include <stddef.h>
#include <sys/types.h>

#include "net/link.h"

/*
 * COMPRESS=DEFLATE (RFC 4978): both directions of a link as raw deflate
 * streams.  What is inflated is not believed any more than other bytes of a
 * server: it goes to the guard in portions as large as the reader's buffer,
 * whatever it was made of.
 */
struct squeeze;

enum { SQUEEZE_EARLY_MAX = 64 << 10 };

/* early: n octets, SQUEEZE_EARLY_MAX at most, that came behind the OK of
 * COMPRESS.  NULL: out of memory. */
struct squeeze *squeeze_new(const void *early, size_t n);
void squeeze_free(struct squeeze *q); /* takes NULL */
/* As link_read: at least one octet; a stream that is broken is
 * NET_HOSTILE, one that ended NET_EOF. */
ssize_t squeeze_read(struct squeeze *q, struct link *l, void *to, size_t max);
/* As link_write.  All that was written so far can be inflated by the server
 * when this returns. */
ssize_t squeeze_write(struct squeeze *q, struct link *l, const void *from,
    size_t len);

#endif
