#include "frame.h"

#include <stdint.h>
#include <string.h>

#include "pool.h"

struct head {
	uint32_t kind;
	uint32_t octets;
};

void
frame_add(struct buf *b, enum frame_kind kind, const void *p, size_t n)
{
	const struct head h = { (uint32_t)kind, (uint32_t)n };

	buf_add(b, &h, sizeof(h));
	buf_add(b, p, n);
}

enum frame_got
frame_take(struct buf *b, enum frame_kind *kind_r, struct buf *r)
{
	struct head h;

	if (b->len < sizeof(h))
		return FRAME_PART;
	memcpy(&h, b->data, sizeof(h));
	if ((h.kind != FRAME_NEWS && h.kind != FRAME_RESULT) ||
	    h.octets > POOL_RESULT_MAX)
		return FRAME_BAD;
	if (b->len - sizeof(h) < h.octets)
		return FRAME_PART;
	*kind_r = (enum frame_kind)h.kind;
	buf_clear(r);
	buf_add(r, b->data + sizeof(h), h.octets);
	b->len -= sizeof(h) + h.octets;
	memmove(b->data, b->data + sizeof(h) + h.octets, b->len);
	return FRAME_WHOLE;
}
