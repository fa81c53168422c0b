#ifndef ARCHIVE_SEEK_H
#define ARCHIVE_SEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "stores/archive/frame.h"
#include "util/buf.h"

/* The table of zstd's seekable format (its version 0.1.0, without
 * checksums): where the frames are, for whoever jumps.  Never trusted. */

enum { SEEK_HEAD = 8, SEEK_ENTRY = 8, SEEK_FOOT = 9 }; /* octets */

/* Appends an entry; false when the frame is too large for the table. */
bool seek_add(struct buf *entries, const struct frame *frame);
/* The sizes that the last SEEK_TAIL octets of an archive tell of its last two
 * frames, and the number of all; false: they are no table's. */
enum { SEEK_TAIL = 2 * SEEK_ENTRY + SEEK_FOOT };
bool seek_tail(const unsigned char *p, uint32_t *frames_r, uint32_t *d_r,
    uint32_t *m_r);
/* The skippable frame that ends an archive, from all its entries. */
void seek_table(const struct buf *entries, struct buf *out);

#endif
