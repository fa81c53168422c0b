#define ZLIB_CONST
#include "stores/imap/squeeze.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "util/mem.h"

enum {
	WINDOW_BITS = -15, /* RFC 4978 section 3: raw, 32 KiB */
	MEM_LEVEL = 8,     /* zlib's usual one: 256 KiB together */
	/* Mail is mostly base64: the usual level costs three times the CPU
	 * for hardly fewer octets. */
	LEVEL = 3,
	PACKED = 32 << 10,
};

struct squeeze {
	z_stream in, out;
	bool more; /* the inflater may hold octets that had no room */
	unsigned char raw[SQUEEZE_EARLY_MAX]; /* from the server */
	unsigned char packed[PACKED];         /* for the server */
};

struct squeeze *
squeeze_new(const void *early, size_t n)
{
	struct squeeze *q = xcalloc(1, sizeof(*q));

	assert(n <= sizeof(q->raw));
	/* zlib fails only for want of memory here. */
	if (inflateInit2(&q->in, WINDOW_BITS) != Z_OK ||
	    deflateInit2(&q->out, LEVEL, Z_DEFLATED, WINDOW_BITS, MEM_LEVEL,
		Z_DEFAULT_STRATEGY) != Z_OK) {
		squeeze_free(q);
		return NULL;
	}
	if (n > 0)
		memcpy(q->raw, early, n);
	q->in.next_in = q->raw;
	q->in.avail_in = (uInt)n;
	return q;
}

void
squeeze_free(struct squeeze *q)
{
	if (q == NULL)
		return;
	(void)inflateEnd(&q->in);
	(void)deflateEnd(&q->out);
	explicit_bzero(q->raw, sizeof(q->raw));
	free(q);
}

/* Inflates what there is: octets, 0 for none yet, -1 for the end. */
static ssize_t
inflate_some(struct squeeze *q, struct link *l, void *to, size_t max)
{
	uInt room = max > INT_MAX ? INT_MAX : (uInt)max;
	uInt got;

	q->in.next_out = to;
	q->in.avail_out = room;
	switch (inflate(&q->in, Z_SYNC_FLUSH)) {
	case Z_OK:
	case Z_BUF_ERROR: /* nothing to be done: no trouble */
		break;
	case Z_STREAM_END:
		/* Not by RFC 4978, but nothing can come behind it. */
		if (q->in.avail_out < room)
			break;
		link_trouble(l, NET_EOF, "");
		return -1;
	default:
		link_trouble(l, NET_HOSTILE,
		    "the server's compressed stream is broken: use "
		    "--compress-line off");
		return -1;
	}
	got = room - q->in.avail_out;
	q->more = q->in.avail_out == 0;
	return (ssize_t)got;
}

ssize_t
squeeze_read(struct squeeze *q, struct link *l, void *to, size_t max)
{
	ssize_t got;

	for (;;) {
		if (q->in.avail_in == 0 && !q->more) {
			got = link_read(l, q->raw, sizeof(q->raw));
			if (got < 0)
				return -1;
			q->in.next_in = q->raw;
			q->in.avail_in = (uInt)got;
		}
		q->more = false;
		got = inflate_some(q, l, to, max);
		if (got != 0)
			return got;
	}
}

static int
put_packed(struct squeeze *q, struct link *l)
{
	const unsigned char *at = q->packed;
	size_t left = sizeof(q->packed) - q->out.avail_out;
	ssize_t put;

	while (left > 0) {
		put = link_write(l, at, left);
		if (put < 0)
			return -1;
		at += put;
		left -= (size_t)put;
	}
	return 0;
}

ssize_t
squeeze_write(struct squeeze *q, struct link *l, const void *from, size_t len)
{
	/* libetpan hands on what it has gathered, 64 KiB or all that there
	 * is: five octets for the end of a block are nothing beside it. */
	if (len > SQUEEZE_EARLY_MAX)
		len = SQUEEZE_EARLY_MAX;
	q->out.next_in = from;
	q->out.avail_in = (uInt)len;
	do {
		q->out.next_out = q->packed;
		q->out.avail_out = sizeof(q->packed);
		if (deflate(&q->out, Z_SYNC_FLUSH) == Z_STREAM_ERROR) {
			link_trouble(l, NET_ERROR, "cannot compress the line");
			return -1;
		}
		if (put_packed(q, l) != 0)
			return -1;
	} while (q->out.avail_out == 0);
	return (ssize_t)len;
}
