#ifndef IMAP_VANISHLINE_H
#define IMAP_VANISHLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stores/imap/token.h"

/* "* VANISHED (EARLIER) 41,43:116" of before, or "* VANISHED 7" of just now
 * (RFC 7162 section 3.2.10), range by range. */
struct vanishline {
	struct tokens at;
	bool earlier;
	bool begun;
};

/* False: the line is about something else. */
bool vanishline_begin(struct vanishline *v, const char *text, size_t n);
/* The next UIDs, first <= last; false at the end, or at what is no range. */
bool vanishline_next(struct vanishline *v, uint32_t *first_r, uint32_t *last_r);

#endif
