#include "util/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

enum { BUF_FIRST = 64 };

void
buf_release(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = 0;
	b->cap = 0;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
}

void
buf_wipe(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_release(b);
}

unsigned char *
buf_room(struct buf *b, size_t n)
{
	size_t cap, want;

	/* More than memory can hold: let the allocator say so. */
	want = n > SIZE_MAX - b->len ? SIZE_MAX : b->len + n;
	if (b->data == NULL || want > b->cap) {
		cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap;
		while (cap < want)
			cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
		b->data = xreallocarray(b->data, cap, 1);
		b->cap = cap;
	}
	return b->data + b->len;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(buf_room(b, n), p, n);
	b->len += n;
}

void
buf_addc(struct buf *b, int c)
{
	*buf_room(b, 1) = (unsigned char)c;
	b->len++;
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	size_t n = BUF_FIRST;
	int got;

	/* Most are short: then once is enough. */
	for (;;) {
		char *to = (char *)buf_room(b, n);

		va_start(ap, fmt);
		got = vsnprintf(to, n, fmt, ap);
		va_end(ap);
		assert(got >= 0);
		if ((size_t)got < n)
			break;
		n = (size_t)got + 1;
	}
	b->len += (size_t)got;
}

void
buf_drop(struct buf *b, size_t n)
{
	assert(n <= b->len);
	if (n == 0)
		return;
	b->len -= n;
	memmove(b->data, b->data + n, b->len);
}

char *
buf_str(struct buf *b)
{
	*buf_room(b, 1) = '\0';
	return (char *)b->data;
}

char *
buf_steal(struct buf *b)
{
	char *s;

	s = buf_str(b);
	b->data = NULL;
	b->len = 0;
	b->cap = 0;
	return s;
}
