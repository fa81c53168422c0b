#ifndef ARCHIVE_SEEK_H
#define ARCHIVE_SEEK_H

#include <stdbool.h>

#include "stores/archive/frame.h"
#include "util/buf.h"

/* The table of zstd's seekable format (its version 0.1.0, without
 * checksums): where the frames are, for whoever jumps.  Never trusted. */

enum { SEEK_HEAD = 8, SEEK_ENTRY = 8, SEEK_FOOT = 9 }; /* octets */

/* Appends an entry; false when the frame is too large for the table. */
bool seek_add(struct buf *entries, const struct frame *frame);
/* The skippable frame that ends an archive, from all its entries. */
void seek_table(const struct buf *entries, struct buf *out);

#endif
