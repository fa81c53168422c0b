#include "stores/archive/seek.h"

#include "stores/archive/format.h"

#define SKIPPABLE_MAGIC 0x184D2A5EU
#define SEEKABLE_MAGIC 0x8F92EAB1U

static void
put_le32(struct buf *b, uint64_t v)
{
	unsigned i;

	for (i = 0; i < 32; i += 8)
		buf_addc(b, (int)(v >> i & 0xff));
}

bool
seek_add(struct buf *entries, const struct frame *frame)
{
	if (frame->size > SEEK_FRAME_MAX || frame->compressed > UINT32_MAX)
		return false;
	put_le32(entries, frame->compressed);
	put_le32(entries, frame->size);
	return true;
}

static uint32_t
get_le32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

bool
seek_tail(const unsigned char *p, uint32_t *frames_r, uint32_t *d_r,
    uint32_t *m_r)
{
	const unsigned char *foot = p + (size_t)2 * SEEK_ENTRY;

	*d_r = get_le32(p);
	*m_r = get_le32(p + SEEK_ENTRY);
	*frames_r = get_le32(foot);
	return *frames_r >= 2 && foot[4] == 0 &&
	    get_le32(foot + 5) == SEEKABLE_MAGIC;
}

void
seek_table(const struct buf *entries, struct buf *out)
{
	put_le32(out, SKIPPABLE_MAGIC);
	put_le32(out, entries->len + SEEK_FOOT);
	buf_add(out, entries->data, entries->len);
	put_le32(out, entries->len / SEEK_ENTRY);
	buf_addc(out, 0);
	put_le32(out, SEEKABLE_MAGIC);
}
