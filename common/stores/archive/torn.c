#include "stores/archive/torn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "stores/archive/chain.h"
#include "stores/archive/format.h"
#include "util/mem.h"

/* Each block that is found to be lost starts the frame again: so many
 * octets are decompressed for one frame, unless it is larger. */
static const uint64_t AGAIN_MAX = (uint64_t)1 << 32;

enum { FIT_MAX = 1 << 28 }; /* NULs for what nothing else is known of */

struct torn {
	ZSTD_DCtx *ctx; /* NULL until the first frame */
	struct chain chain;
	unsigned char in[BLOCK_HEAD + BLOCK_MAX];
	unsigned char out[BLOCK_MAX];
};

struct torn *
torn_new(void)
{
	return xcalloc(1, sizeof(struct torn));
}

void
torn_free(struct torn *t)
{
	if (t == NULL)
		return;
	ZSTD_freeDCtx(t->ctx);
	chain_release(&t->chain);
	free(t);
}

/* n octets of t->in; RC_MESSAGE: they are damaged. */
static enum rc
feed(struct torn *t, size_t n, struct spool *to, struct fault *f)
{
	ZSTD_inBuffer in = { t->in, n, 0 };
	ZSTD_outBuffer out;
	size_t code;
	enum rc rc;

	do {
		out = (ZSTD_outBuffer){ t->out, sizeof(t->out), 0 };
		code = ZSTD_decompressStream(t->ctx, &out, &in);
		if (ZSTD_isError(code))
			return fault_set(f, RC_MESSAGE, CAUSE_DATA, "zstd: %s",
			    ZSTD_getErrorName(code));
		rc = spool_add(to, t->out, out.pos, f);
		if (rc != RC_OK)
			return rc;
	} while (in.pos < in.size || out.pos == sizeof(t->out));
	return RC_OK;
}

/* A header of our own before the blocks: without a size and a checksum,
 * which what is damaged does not have. */
static enum rc
start(struct torn *t, struct spool *to, struct fault *f)
{
	const unsigned char head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0,
		(unsigned char)((t->chain.window - 10) << 3) };
	size_t code;

	if (t->ctx == NULL)
		t->ctx = ZSTD_createDCtx();
	if (t->ctx == NULL)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "out of memory");
	code = ZSTD_DCtx_reset(t->ctx, ZSTD_reset_session_only);
	if (ZSTD_isError(code))
		return fault_set(f, RC_STORE, CAUSE_BUG, "zstd: %s",
		    ZSTD_getErrorName(code));
	memcpy(t->in, head, sizeof(head));
	return feed(t, sizeof(head), to, f);
}

/* As blocks, so that what is copied from further back is found there. */
static enum rc
put_nuls(struct torn *t, uint64_t n, struct spool *to, struct fault *f)
{
	uint32_t size, head;
	enum rc rc = RC_OK;

	for (; n > 0 && rc == RC_OK; n -= size) {
		size = n < BLOCK_MAX ? (uint32_t)n : BLOCK_MAX;
		head = size << 3 | 1 << 1;
		t->in[0] = (unsigned char)head;
		t->in[1] = (unsigned char)(head >> 8);
		t->in[2] = (unsigned char)(head >> 16);
		t->in[3] = 0;
		rc = feed(t, BLOCK_HEAD + 1, to, f);
	}
	return rc;
}

static enum rc
put_block(struct torn *t, struct scan *s, struct block *b, struct spool *to,
    struct fault *f)
{
	size_t n;
	enum rc rc;

	if (b->lost)
		return put_nuls(t, b->nuls, to, f);
	if (b->size == 0)
		return RC_OK;
	assert(b->size <= BLOCK_MAX);
	rc = scan_read(s, b->at, t->in, BLOCK_HEAD + b->size, &n, f);
	if (rc != RC_OK)
		return rc;
	if (n == BLOCK_HEAD + b->size) {
		t->in[0] &= 0xfe; /* never the last */
		rc = feed(t, n, to, f);
	}
	if (n == BLOCK_HEAD + b->size && rc != RC_MESSAGE)
		return rc;
	b->lost = true;
	/* All blocks but the last have this size. */
	b->nuls = BLOCK_MAX;
	return fault_set(f, RC_MESSAGE, CAUSE_DATA, "a block is damaged");
}

/* A frame that makes more of itself than it says is a bomb, and one that
 * does not say is no larger than a segment may be. */
static uint64_t
octets_of(const struct chain *c)
{
	return c->size > 0 && c->size <= MEMBER_MAX ? 2 * c->size + BLOCK_MAX :
						      SEGMENT_MAX;
}

/* RC_MESSAGE: a block more is lost, all from the start again. */
static enum rc
put_chain(struct torn *t, struct scan *s, const struct torn_frame *w,
    struct spool *to, struct fault *f)
{
	const uint64_t octets =
	    w->octets > 0 ? w->octets : octets_of(&t->chain);
	const uint64_t before = spool_size(to);
	enum rc rc;
	size_t i;

	rc = start(t, to, f);
	for (i = 0; i < t->chain.n && rc == RC_OK; i++) {
		if (spool_size(to) - before >= octets)
			break;
		rc = put_block(t, s, &t->chain.v[i], to, f);
		if (rc == RC_MESSAGE && i + 1 == t->chain.n)
			return RC_OK;
	}
	return rc;
}

/*
 * The first block that is lost gets what the size lacks, or gives what is
 * too much, so that what lies behind is where it has to be.  False when
 * there is nothing to mend.
 */
static bool
fit_size(struct chain *c, uint64_t octets)
{
	struct block *b = c->v;
	const struct block *last = b + c->n;
	uint64_t more;

	for (; b < last && !b->lost; b++)
		;
	/* Behind the last block nothing lies. */
	if (c->n == 0 || b >= last - 1 || !c->ended || c->size == 0 ||
	    c->size == octets)
		return false;
	if (octets < c->size) {
		more = c->size - octets;
		b->nuls += more;
		return more <= FIT_MAX;
	}
	more = octets - c->size;
	b->nuls -= more < b->nuls ? more : b->nuls;
	return true;
}

/* All that comes to the spool, however often it takes. */
static enum rc
put_all(struct torn *t, struct scan *s, const struct torn_frame *w,
    struct spool *to, struct fault *f)
{
	const uint64_t before = spool_size(to);
	uint64_t octets, spent = 0;
	bool fitted = w->octets > 0;
	enum rc rc;

	for (;;) {
		rc = spool_cut(to, before, f);
		if (rc == RC_OK)
			rc = put_chain(t, s, w, to, f);
		octets = spool_size(to) - before;
		spent += octets + BLOCK_MAX;
		if ((rc != RC_OK && rc != RC_MESSAGE) || spent > AGAIN_MAX)
			break;
		if (rc == RC_OK && (fitted || !fit_size(&t->chain, octets)))
			break;
		fitted |= rc == RC_OK;
	}
	return rc == RC_MESSAGE ? RC_OK : rc;
}

enum rc
torn_unpack(struct torn *t, struct scan *s, const struct torn_frame *w,
    struct spool *to, struct torn_state *r, struct fault *f)
{
	const struct chain *c = &t->chain;
	enum rc rc;
	size_t i;

	rc = chain_find(&t->chain, s, w, f);
	if (rc == RC_OK)
		rc = put_all(t, s, w, to, f);
	r->end = c->end;
	r->headed = c->headed;
	r->ended = c->ended;
	r->holes = 0;
	for (i = 0; i < c->n; i++)
		r->holes += c->v[i].lost;
	return rc;
}
