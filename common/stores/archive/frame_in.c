#include "stores/archive/frame.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "stores/archive/format.h"
#include "util/mem.h"

enum {
	HEADER_MAX = 18, /* RFC 8878, section 3.1.1.1 */
	BLOCK_MAX = 131072,
	BLOCK_RAW = 0,
	BLOCK_RLE = 1,
	BLOCK_COMPRESSED = 2,
	CHUNK = 131072,
};

struct frame_in {
	ZSTD_DCtx *ctx; /* NULL until the first frame */
	unsigned char chunk[CHUNK];
};

/* One frame on its way into a spool. */
struct copy {
	struct input *in;
	const struct frame_caps *caps;
	struct spool *to; /* NULL: they are passed over */
	struct hasher hash;
	struct frame frame;
	uint64_t block_max;
	bool *cut;
	struct fault *f;
};

static enum rc
damaged(struct copy *c, const char *why)
{
	return fault_set(c->f, RC_STORE, CAUSE_DATA, "%s", why);
}

static enum rc
pass_over(struct copy *c, uint64_t n)
{
	enum rc rc;

	rc = input_skip(c->in, n, c->f);
	if (rc == RC_END) {
		*c->cut = true;
		return damaged(c, "ends inside a frame");
	}
	c->frame.compressed += n;
	return rc;
}

/* Moves n octets, which are also put into keep unless that is NULL. */
static enum rc
move(struct copy *c, uint64_t n, unsigned char *keep)
{
	const unsigned char *p;
	size_t got;
	enum rc rc;

	if (c->to == NULL && keep == NULL && !c->caps->hash)
		return pass_over(c, n);
	for (; n > 0; n -= got) {
		rc = input_view(c->in, n < SIZE_MAX ? (size_t)n : SIZE_MAX, &p,
		    &got, c->f);
		if (rc == RC_END) {
			*c->cut = true;
			return damaged(c, "ends inside a frame");
		}
		if (rc == RC_OK && c->to != NULL)
			rc = spool_add(c->to, p, got, c->f);
		if (rc != RC_OK)
			return rc;
		if (c->to != NULL || c->caps->hash)
			hasher_add(&c->hash, p, got);
		if (keep != NULL) {
			memcpy(keep, p, got);
			keep += got;
		}
		c->frame.compressed += got;
		input_consume(c->in, got);
	}
	return RC_OK;
}

static uint64_t
get_le(const unsigned char *p, unsigned n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* RFC 8878, section 3.1.1.1; only what we write: no dictionary, no unused
 * or reserved bit, content size and checksum present. */
static enum rc
parse_header(struct copy *c, const unsigned char *p)
{
	const unsigned single = p[0] >> 5 & 1, code = p[0] >> 6;
	const unsigned wide = code == 0 ? single : 1U << code;
	uint64_t window, base;

	if ((p[0] & 0x1f) != 1 << 2)
		return damaged(c, "a frame has odd settings");
	if (wide == 0)
		return damaged(c, "a frame does not tell its size");
	c->frame.size = get_le(p + 2 - single, wide) + (wide == 2 ? 256 : 0);
	window = c->frame.size;
	if (single == 0) {
		base = (uint64_t)1 << (10 + (p[1] >> 3));
		window = base + base / 8 * (p[1] & 7);
	}
	if (window > (uint64_t)1 << c->caps->window)
		return damaged(c, "a frame wants too much memory");
	if (c->frame.size > c->caps->size)
		return damaged(c, "a frame is larger than it may be");
	c->block_max = window < BLOCK_MAX ? window : BLOCK_MAX;
	return RC_OK;
}

static enum rc
copy_header(struct copy *c)
{
	unsigned char p[HEADER_MAX];
	unsigned single, code, wide;
	enum rc rc;

	rc = move(c, 5, p);
	if (rc != RC_OK)
		return rc;
	if (get_le(p, 4) != ZSTD_MAGICNUMBER)
		return damaged(c, "no frame starts here");
	single = p[4] >> 5 & 1;
	code = p[4] >> 6;
	wide = code == 0 ? single : 1U << code;
	rc = move(c, 1 - single + wide, p + 5);
	return rc == RC_OK ? parse_header(c, p + 4) : rc;
}

/* RFC 8878, section 3.1.1.2. */
static enum rc
copy_blocks(struct copy *c)
{
	unsigned char p[3];
	uint64_t head, size, stored, bound = 0;
	bool last = false;
	enum rc rc;

	/* Every block but the last holds something: no endless frame. */
	while (!last) {
		rc = move(c, sizeof(p), p);
		if (rc != RC_OK)
			return rc;
		head = get_le(p, 3);
		last = (head & 1) != 0;
		size = head >> 3;
		stored = (head >> 1 & 3) == BLOCK_RLE ? 1 : size;
		if ((head >> 1 & 3) > BLOCK_COMPRESSED || size > c->block_max)
			return damaged(c, "a block is damaged");
		bound += (head >> 1 & 3) == BLOCK_COMPRESSED ? 1 : size;
		if (bound > c->frame.size || (size == 0 && !last))
			return damaged(c, "a block is damaged");
		rc = move(c, stored, NULL);
		if (rc != RC_OK)
			return rc;
	}
	return move(c, 4, NULL);
}

enum rc
frame_copy(struct input *in, const struct frame_caps *caps, struct spool *to,
    struct frame *r, bool *cut_r, struct fault *f)
{
	struct copy c = { .in = in,
		.caps = caps,
		.to = to,
		.cut = cut_r,
		.f = f };
	const unsigned char *p;
	size_t n;
	enum rc rc;

	*cut_r = false;
	rc = to == NULL ? input_keep(in, f) : RC_OK;
	if (rc == RC_OK)
		rc = input_view(in, 1, &p, &n, f);
	if (rc != RC_OK)
		return rc;
	c.frame.offset = input_offset(in);
	hasher_init(&c.hash);
	rc = copy_header(&c);
	if (rc == RC_OK)
		rc = copy_blocks(&c);
	if (rc != RC_OK)
		return rc;
	if (to != NULL || caps->hash)
		hasher_end(&c.hash, &c.frame.hash);
	*r = c.frame;
	return RC_OK;
}

enum rc
frame_reread(struct input *in, const struct frame *d, struct spool *to,
    struct fault *f)
{
	unsigned char *p = xmalloc(CHUNK);
	struct hasher h;
	struct hash hash;
	uint64_t off, left;
	size_t n;
	enum rc rc = RC_OK;

	hasher_init(&h);
	for (off = 0; rc == RC_OK && off < d->compressed; off += n) {
		left = d->compressed - off;
		n = left < CHUNK ? (size_t)left : CHUNK;
		rc = input_reread(in, d->offset + off, p, n, f);
		if (rc == RC_OK)
			rc = spool_add(to, p, n, f);
		if (rc == RC_OK)
			hasher_add(&h, p, n);
	}
	free(p);
	if (rc != RC_OK)
		return rc;
	hasher_end(&h, &hash);
	if (hash_equal(&hash, &d->hash))
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "the data does not have the hash that its manifest tells");
}

struct frame_in *
frame_in_new(void)
{
	return xcalloc(1, sizeof(struct frame_in));
}

void
frame_in_free(struct frame_in *z)
{
	if (z == NULL)
		return;
	frame_in_rest(z);
	free(z);
}

void
frame_in_rest(struct frame_in *z)
{
	ZSTD_freeDCtx(z->ctx);
	z->ctx = NULL;
}

static enum rc
start(struct frame_in *z, struct fault *f)
{
	size_t code;

	if (z->ctx == NULL)
		z->ctx = ZSTD_createDCtx();
	if (z->ctx == NULL)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "out of memory");
	code = ZSTD_DCtx_reset(z->ctx, ZSTD_reset_session_only);
	if (!ZSTD_isError(code))
		code = ZSTD_DCtx_setParameter(z->ctx, ZSTD_d_windowLogMax,
		    DATA_WINDOW);
	if (ZSTD_isError(code))
		return fault_set(f, RC_STORE, CAUSE_BUG, "zstd: %s",
		    ZSTD_getErrorName(code));
	return RC_OK;
}

/* Feeds one view of the compressed octets. */
static enum rc
feed(struct frame_in *z, ZSTD_inBuffer *in, uint64_t *left, struct spool *to,
    size_t *more_r, struct fault *f)
{
	ZSTD_outBuffer out;
	enum rc rc;

	do {
		out = (ZSTD_outBuffer){ z->chunk, CHUNK, 0 };
		*more_r = ZSTD_decompressStream(z->ctx, &out, in);
		if (ZSTD_isError(*more_r))
			return fault_set(f, RC_STORE, CAUSE_DATA,
			    "a frame is damaged (%s)",
			    ZSTD_getErrorName(*more_r));
		if (out.pos > *left)
			return fault_set(f, RC_STORE, CAUSE_DATA,
			    "a frame holds more than it says");
		*left -= out.pos;
		rc = spool_add(to, z->chunk, out.pos, f);
		if (rc != RC_OK)
			return rc;
	} while (*more_r > 0 && (in->pos < in->size || out.pos == CHUNK));
	return RC_OK;
}

/* All at once and without a window of its own, where both sides are in
 * memory.  RC_END: they are not. */
static enum rc
unpack_whole(struct frame_in *z, struct spool *from, uint64_t size,
    struct spool *to, struct fault *f)
{
	const unsigned char *p;
	unsigned char *room;
	size_t n, got;

	if (size > SIZE_MAX || spool_size(from) == 0 ||
	    spool_view(from, 0, SIZE_MAX, &p, &n, f) != RC_OK ||
	    n != spool_size(from))
		return RC_END;
	room = spool_room(to, (size_t)size);
	if (room == NULL)
		return RC_END;
	got = ZSTD_decompressDCtx(z->ctx, room, (size_t)size, p, n);
	if (ZSTD_isError(got))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "a frame is damaged (%s)", ZSTD_getErrorName(got));
	if (got != size)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "a frame is not as long as it says");
	spool_filled(to, got);
	return RC_OK;
}

static enum rc
unpack_in_pieces(struct frame_in *z, struct spool *from, uint64_t size,
    struct spool *to, struct fault *f)
{
	ZSTD_inBuffer in = { NULL, 0, 0 };
	const unsigned char *p;
	uint64_t off, left = size;
	size_t n, more = 1;
	enum rc rc;

	spool_expect(to, size);
	for (off = 0; off < spool_size(from) && more > 0; off += in.pos) {
		rc = spool_view(from, off, SIZE_MAX, &p, &n, f);
		if (rc != RC_OK)
			return rc;
		in = (ZSTD_inBuffer){ p, n, 0 };
		rc = feed(z, &in, &left, to, &more, f);
		if (rc != RC_OK)
			return rc;
	}
	if (more > 0 || left > 0 || off != spool_size(from))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "a frame is not as long as it says");
	return RC_OK;
}

enum rc
frame_in_spool(struct frame_in *z, struct spool *from, uint64_t size,
    struct spool *to, struct fault *f)
{
	enum rc rc;

	rc = start(z, f);
	if (rc == RC_OK)
		rc = unpack_whole(z, from, size, to, f);
	return rc == RC_END ? unpack_in_pieces(z, from, size, to, f) : rc;
}
