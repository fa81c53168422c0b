#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/* One field of a header block as it stands there, folds and all. */
struct header_field {
	const char *name; /* "" for a line that has no colon */
	size_t name_len;  /* without the blanks before the colon */
	const char *body; /* behind the colon */
	size_t body_len;  /* without the last line end */
};

/* What is left of a header block. */
struct header_cursor {
	const char *p;
	size_t n;
};

/* header: a block with any line ends, with or without its empty line.  A
 * "From " line of an mbox at its start is left out. */
void header_start(struct header_cursor *c, const void *header, size_t n);
/* The next field; false at the empty line or the end.  A continuation line
 * without a field before it counts as a line without a colon. */
bool header_next(struct header_cursor *c, struct header_field *r);
/* ASCII, any case. */
bool header_is(const struct header_field *f, const char *name);
/* Appends the body: no CR, each LF a blank, no blanks at either end; at
 * most max octets of it are read. */
void header_unfold(const struct header_field *f, size_t max, struct buf *b);

#endif
