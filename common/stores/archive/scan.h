#ifndef ARCHIVE_SCAN_H
#define ARCHIVE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/fault.h"

/*
 * The octets of a damaged archive, in any order: where a frame starts is
 * found by its first four octets (RFC 8878, section 3.1.1) and not by what
 * lies before it.  Nothing is ever written.
 */
struct scan;

/* fd is taken, also on failure.  CAUSE_USAGE when it is no regular file. */
enum rc scan_new(int fd, struct scan **r, struct fault *f) CHECKED;
void scan_free(struct scan *s); /* takes NULL; closes */
/* Octets of the file when it was opened. */
uint64_t scan_size(const struct scan *s);
/* n octets at off; *n_r is less only where the file ends. */
enum rc scan_read(struct scan *s, uint64_t off, void *p, size_t n, size_t *n_r,
    struct fault *f) CHECKED;
/* The same for a few octets here and there: what lies around them is not
 * read. */
enum rc scan_glance(struct scan *s, uint64_t off, void *p, size_t n,
    size_t *n_r, struct fault *f) CHECKED;
/* The first frame at off or behind it; RC_END: there is none. */
enum rc scan_frame(struct scan *s, uint64_t off, uint64_t *at_r,
    struct fault *f) CHECKED;

#endif
