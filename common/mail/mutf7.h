#ifndef MAIL_MUTF7_H
#define MAIL_MUTF7_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/* Modified UTF-7 (RFC 3501 section 5.1.3).  Appends to out.  What is not
 * UTF-8 becomes U+FFFD. */
void mutf7_encode(struct buf *out, const char *utf8, size_t n);
/* False when s is not modified UTF-7 (raw 8-bit, bad base64, lone
 * surrogate); out is then as before. */
bool mutf7_decode(struct buf *out, const char *s, size_t n);

#endif
