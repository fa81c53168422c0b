#ifndef MAIL_UTF8_H
#define MAIL_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/* What stands for a character that cannot be shown. */
#define UTF8_REPLACEMENT 0xFFFDU

/* The code point at s and the octets it takes; 0 when s[0..n) does not
 * start with valid UTF-8 (RFC 3629: no surrogates, no overlong forms). */
size_t utf8_decode(const void *s, size_t n, uint32_t *r);
void utf8_encode(struct buf *b, uint32_t cp);

/* The most octets, at most max, of s[0..n) that do not cut a character. */
size_t utf8_cut(const void *s, size_t n, size_t max);

#endif
