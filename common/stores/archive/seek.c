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
