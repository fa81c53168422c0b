#ifndef PROBE_MARK_TEXT_H
#define PROBE_MARK_TEXT_H

#include <stddef.h>

#include "util/buf.h"

/* The text of a marked message: how it reads, and how MIME carries it. */

/* Appends it: UTF-8, CRLF. */
void mark_text(const char *token, struct buf *out);

/* Appends in quoted-printable (RFC 2045 6.7), CRLF kept as line ends. */
void mark_text_quote(const void *p, size_t n, struct buf *out);
/* Appends what is decoded; what cannot be stays as it is, as RFC 2045 6.7
 * advises. */
void mark_text_unquote(const void *p, size_t n, struct buf *out);
/* Base64 (RFC 2045 6.8): octets that are none of its alphabet are passed
 * over; it ends at the first "=". */
void mark_text_unbase64(const void *p, size_t n, struct buf *out);

#endif
