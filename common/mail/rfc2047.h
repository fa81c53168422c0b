#ifndef MAIL_RFC2047_H
#define MAIL_RFC2047_H

#include <stddef.h>

#include "util/buf.h"

/*
 * The text of an unstructured field or a phrase as a person reads it:
 * encoded words decoded (RFC 2047; a charset that is not known leaves its
 * words as they are), raw 8-bit as UTF-8 if all of it is, else as Latin-1.
 * What is appended is UTF-8 without control characters, at most max octets.
 */
void rfc2047_decode(struct buf *out, const void *s, size_t n, size_t max);

#endif
