#ifndef ARCHIVE_MANIFEST_DELTA_H
#define ARCHIVE_MANIFEST_DELTA_H

#include <stdbool.h>
#include <stddef.h>

#include "stores/archive/manifest.h"
#include "stores/archive/reader.h"
#include "util/buf.h"

/* The records of a final that only a delta has: base, x and f. */

/* What parser.h wants of a rule; into is the struct manifest_final. */
bool manifest_take_base(void *into, char **c);
bool manifest_take_removal(void *into, char **c);
bool manifest_take_change(void *into, char **c);

/* Each appends one line. */
void manifest_put_base(struct buf *b, const struct archive_base *base);
void manifest_put_change(struct buf *b, const struct archive_change *f);
/*
 * Appends a range to the line x of its folder, or to a new one.  before:
 * the range that was put before it into the same b, or NULL; *line is kept
 * from one call to the next.  _end closes the last line.
 */
void manifest_put_removal(struct buf *b, const struct archive_removal *x,
    const struct archive_removal *before, size_t *line);
void manifest_end_removals(struct buf *b, const struct archive_removal *last);

#endif
