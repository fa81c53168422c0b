#ifndef ARCHIVE_PREFIX_H
#define ARCHIVE_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "stores/archive/reading.h"
#include "stores/archive/writer.h"
#include "util/fault.h"

/* Both ends of an unfinished archive, before anything is written to it. */

/*
 * True for a file in which nothing is lost: empty, all NUL, or with nothing
 * in it but the beginning of its first frame.  fd is left open.
 */
enum rc prefix_is_nothing(int fd, bool *nothing_r, struct fault *f) CHECKED;

/*
 * The header that the reader has just read is the one that a would make,
 * but for server and tool and, where it is 0, the size of segments.
 * CAUSE_USAGE, and what differs.
 */
enum rc prefix_check_header(struct archive_reader *r,
    const struct archive_about *a, struct fault *f) CHECKED;

/*
 * The reader has failed at octet from of the file fd.  Is a segment with a
 * number above this one whole behind it, with its data, by a manifest that
 * is signed and names this archive?  RC_END: none is.  The reader can only
 * be freed then.
 */
enum rc prefix_behind(struct archive_reader *r, int fd, uint64_t from,
    uint32_t above, uint32_t *number_r, struct fault *f) CHECKED;

#endif
