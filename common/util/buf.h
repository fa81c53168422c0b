#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stddef.h>

#include "util/fault.h"

/* A growing run of bytes; may hold NUL. */
struct buf {
	unsigned char *data;
	size_t len;
	size_t cap;
};

#define BUF_INIT           \
	{                  \
		NULL, 0, 0 \
	}

void buf_release(struct buf *b); /* frees; b is empty again */
void buf_clear(struct buf *b);   /* empties, keeps the room */
void buf_wipe(struct buf *b);    /* overwrites all room, then releases */
/* Makes room for n more and returns where they go; then raise b->len. */
unsigned char *buf_room(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, int c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_drop(struct buf *b, size_t n); /* takes n off the front */
/* The bytes with a NUL behind (not counted); borrowed until the next call
 * on b.  Only as good a string as the bytes are free of NUL. */
char *buf_str(struct buf *b);
/* The same, and the caller frees it; b is empty again. */
char *buf_steal(struct buf *b);

#endif
