#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include <stddef.h>

#include "mail/parts.h"

/*
 * Finds the leaves of a message (RFC 2045, 2046) in its octets as they come,
 * in pieces of any size and with any line ends.  What it keeps is bounded:
 * headers and boundaries, never a body.
 */
struct mime;

enum {
	MIME_HEADER_MAX = 64 << 10, /* octets of one header that are read */
	MIME_LINE_MAX = 1024,       /* of a line that may be a boundary */
};

struct mime *mime_new(void);
void mime_free(struct mime *m); /* takes NULL */
/* A new message; its leaves go to parts (cleared), which outlives it. */
void mime_begin(struct mime *m, struct parts *parts);
void mime_add(struct mime *m, const void *data, size_t n);
/* The message is whole: so are the parts. */
void mime_end(struct mime *m);

#endif
