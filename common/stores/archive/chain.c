#include "stores/archive/chain.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "stores/archive/format.h"
#include "util/mem.h"

enum {
	BLOCK_RAW = 0,
	BLOCK_RLE = 1,
	BLOCK_RESERVED = 3,
	CHECKSUM = 4,
	WINDOW_MIN = 17, /* a block fits */
	WINDOW_LOST = 24,
	/* A chain is taken up again no further away, octets. */
	MEND_MAX = 1 << 28,
};

static uint64_t
get_le(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static unsigned
log_of(uint64_t octets)
{
	unsigned n = WINDOW_MIN;

	while (n < 64 && (uint64_t)1 << n < octets)
		n++;
	return n;
}

/* Octets of the frame's header (RFC 8878, section 3.1.1.1); 0: it is none
 * that we could have written. */
static size_t
parse_head(struct chain *c, const unsigned char *p, size_t n)
{
	const unsigned single = p[4] >> 5 & 1, code = p[4] >> 6;
	const size_t wide = code == 0 ? single : (size_t)1 << code;
	const size_t length = 6 - single + wide;
	uint64_t window, base;

	if (n < length || get_le(p, 4) != ZSTD_MAGICNUMBER ||
	    (p[4] & 0x1b) != 0)
		return 0;
	c->size = get_le(p + 6 - single, wide) + (wide == 2 ? 256 : 0);
	window = c->size;
	if (single == 0) {
		base = (uint64_t)1 << (10 + (p[5] >> 3));
		window = base + base / 8 * (p[5] & 7);
	}
	c->window = log_of(window);
	return c->window <= DATA_WINDOW ? length : 0;
}

static enum rc
find_head(struct chain *c, struct scan *s, uint64_t at, size_t *length_r,
    struct fault *f)
{
	unsigned char p[FRAME_HEAD_MAX];
	size_t n;
	enum rc rc;

	memset(p, 0, sizeof(p));
	rc = scan_read(s, at, p, sizeof(p), &n, f);
	if (rc != RC_OK)
		return rc;
	*length_r = parse_head(c, p, n);
	c->headed = *length_r > 0;
	if (!c->headed) {
		c->size = 0;
		c->window = WINDOW_LOST;
	}
	return RC_OK;
}

/* False: no block starts so. */
static bool
parse_block(const unsigned char *p, struct block *b, bool *last_r)
{
	const uint64_t head = get_le(p, BLOCK_HEAD);
	const uint32_t size = (uint32_t)(head >> 3);
	const unsigned type = head >> 1 & 3;

	*last_r = (head & 1) != 0;
	b->size = type == BLOCK_RLE ? 1 : size;
	return type != BLOCK_RESERVED && size <= BLOCK_MAX &&
	    (size > 0 || (*last_r && type == BLOCK_RAW));
}

/* Adds block after block, up to the last or to what cannot be one; none
 * ends behind stop. */
static enum rc
walk(struct chain *c, struct scan *s, uint64_t at, uint64_t stop,
    struct fault *f)
{
	unsigned char p[BLOCK_HEAD];
	struct block b = { .lost = false };
	size_t n;
	enum rc rc;

	c->ended = false;
	while (!c->ended) {
		c->end = at;
		rc = scan_glance(s, at, p, sizeof(p), &n, f);
		if (rc != RC_OK)
			return rc;
		if (n < sizeof(p) || !parse_block(p, &b, &c->ended)) {
			c->ended = false;
			break;
		}
		b.at = at;
		at += BLOCK_HEAD + b.size;
		if (at > stop) {
			c->ended = false;
			break;
		}
		c->v = xgrow(c->v, c->n, &c->cap, sizeof(*c->v));
		c->v[c->n++] = b;
		c->end = at + CHECKSUM;
	}
	return RC_OK;
}

/* True when a chain that starts at `at` ends where the frame does. */
static enum rc
leads_to(struct scan *s, uint64_t at, uint64_t to, bool *r, struct fault *f)
{
	unsigned char p[BLOCK_HEAD];
	struct block b;
	bool last = false;
	size_t n;
	enum rc rc;

	*r = false;
	while (!last && at + BLOCK_HEAD + CHECKSUM <= to) {
		rc = scan_glance(s, at, p, sizeof(p), &n, f);
		if (rc != RC_OK)
			return rc;
		if (n < sizeof(p) || !parse_block(p, &b, &last))
			return RC_OK;
		at += BLOCK_HEAD + b.size;
	}
	*r = last && at + CHECKSUM == to;
	return RC_OK;
}

/* Moves *at to where a chain starts that leads to the end; RC_END: none. */
static enum rc
find_rest(struct scan *s, uint64_t *at, uint64_t to, struct fault *f)
{
	const uint64_t stop = to - *at > MEND_MAX ? *at + MEND_MAX : to;
	unsigned char p[BLOCK_HEAD];
	struct block b;
	size_t n;
	bool ok;
	enum rc rc;

	for (; *at < stop; ++*at) {
		/* Keeps the window where the search is. */
		rc = scan_read(s, *at, p, sizeof(p), &n, f);
		if (rc != RC_OK)
			return rc;
		if (n < sizeof(p) || !parse_block(p, &b, &ok))
			continue;
		rc = leads_to(s, *at, to, &ok, f);
		if (rc != RC_OK || ok)
			return rc;
	}
	return RC_END;
}

/*
 * The chain does not lead to the end of the frame, which is known.  Octets
 * were changed, lost or put in: in the last block that was found, or before
 * it where by chance something looked like a block.  What lies between the
 * two parts of the chain is one block that is lost.
 */
static enum rc
mend(struct chain *c, struct scan *s, uint64_t from, uint64_t to,
    struct fault *f)
{
	uint64_t at = c->n > 0 ? c->v[c->n - 1].at + 1 : from;
	enum rc rc;

	rc = find_rest(s, &at, to, f);
	if (rc != RC_OK)
		return rc == RC_END ? RC_OK : rc;
	while (c->n > 0 &&
	    c->v[c->n - 1].at + BLOCK_HEAD + c->v[c->n - 1].size > at)
		c->n--;
	c->v = xgrow(c->v, c->n, &c->cap, sizeof(*c->v));
	c->v[c->n++] = (struct block){ .at = at, .lost = true };
	return walk(c, s, at, to - CHECKSUM, f);
}

enum rc
chain_find(struct chain *c, struct scan *s, const struct torn_frame *w,
    struct fault *f)
{
	const uint64_t stop =
	    w->to > CHECKSUM ? w->to - CHECKSUM : scan_size(s);
	size_t length;
	enum rc rc;

	c->n = 0;
	c->ended = false;
	c->end = w->from;
	rc = find_head(c, s, w->from, &length, f);
	if (rc != RC_OK || stop < w->from)
		return rc;
	if (c->headed)
		rc = walk(c, s, w->from + length, stop, f);
	if (rc == RC_OK && w->to > 0 && !(c->ended && c->end == w->to))
		rc = mend(c, s, w->from, w->to, f);
	if (w->size > 0) {
		c->size = w->size;
		if (!c->headed && log_of(w->size) < WINDOW_LOST)
			c->window = log_of(w->size);
	}
	return rc;
}

void
chain_release(struct chain *c)
{
	free(c->v);
	memset(c, 0, sizeof(*c));
}
