#ifndef NET_BASE64_H
#define NET_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/* Base64 (RFC 4648, 4), padded; false on anything else. */
void base64_add(struct buf *r, const void *p, size_t n);
bool base64_decode(struct buf *r, const char *s, size_t n);

#endif
