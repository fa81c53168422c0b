#include "stores/archive/frame.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "stores/archive/format.h"
#include "stores/archive/texture.h"
#include "util/mem.h"

enum {
	CHUNK = 131072,
	BLOCK_MAX = 131072, /* RFC 8878, section 3.1.1.2.4 */
	LEVEL_USUAL = 3,
	LEVEL_BEST = 8,  /* the next one doubles the context's tables */
	QUICK_HASH = 17, /* log */
	QUICK_MATCH = 6,
	/* permille of a texture */
	CODED_MUCH = 400,
	REPEATED_MUCH = 30,
};

struct frame_out {
	ZSTD_CCtx *ctx; /* NULL until the first frame */
	enum frame_effort effort;
	unsigned char chunk[CHUNK];
};

/* One frame on its way. */
struct making {
	ZSTD_CCtx *ctx;
	struct spool *to;
	struct frame *frame;
	struct hasher hash;
};

struct frame_out *
frame_out_new(enum frame_effort effort)
{
	struct frame_out *z;

	z = xcalloc(1, sizeof(*z));
	z->effort = effort;
	return z;
}

void
frame_out_free(struct frame_out *z)
{
	if (z == NULL)
		return;
	ZSTD_freeCCtx(z->ctx);
	free(z);
}

size_t
frame_out_bound(size_t n)
{
	return ZSTD_compressBound(n);
}

static enum rc
zstd_fault(size_t code, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_BUG, "zstd: %s",
	    ZSTD_getErrorName(code));
}

/* How a frame is compressed. */
struct way {
	bool quick;   /* a large hash table, and no search besides */
	bool distant; /* long-distance matching */
	int level;
};

/*
 * Base64 gives nothing but its 6 bits in 8, which need no search for
 * matches: what little there is to find a large hash table finds without
 * one.  And long-distance matching costs a sixth of the time, which is for
 * nothing where nothing comes again.  p: the content, or its beginning.
 */
static struct way
choose(enum frame_effort effort, const unsigned char *p, size_t n, bool whole)
{
	struct way w = { false, true, LEVEL_USUAL };
	struct texture t;

	if (effort == FRAME_BEST) {
		w.level = LEVEL_BEST;
		return w;
	}
	texture_of(p, n, &t);
	w.quick = t.coded >= CODED_MUCH;
	w.distant = !whole || t.repeated >= REPEATED_MUCH;
	return w;
}

static enum rc
set_up(struct frame_out *z, const struct way *w, struct fault *f)
{
	/* 0: what the level says */
	const struct {
		ZSTD_cParameter name;
		int value;
	} set[] = {
		{ ZSTD_c_compressionLevel, w->level },
		{ ZSTD_c_checksumFlag, 1 },
		{ ZSTD_c_contentSizeFlag, 1 },
		{ ZSTD_c_windowLog, MANIFEST_WINDOW },
		{ ZSTD_c_enableLongDistanceMatching, w->distant },
		{ ZSTD_c_strategy, w->quick ? ZSTD_fast : 0 },
		{ ZSTD_c_hashLog, w->quick ? QUICK_HASH : 0 },
		{ ZSTD_c_minMatch, w->quick ? QUICK_MATCH : 0 },
	};
	size_t i, code;

	if (z->ctx == NULL)
		z->ctx = ZSTD_createCCtx();
	if (z->ctx == NULL)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "out of memory");
	code = ZSTD_CCtx_reset(z->ctx, ZSTD_reset_session_and_parameters);
	for (i = 0; !ZSTD_isError(code) && i < sizeof(set) / sizeof(set[0]);
	     i++)
		code =
		    ZSTD_CCtx_setParameter(z->ctx, set[i].name, set[i].value);
	return ZSTD_isError(code) ? zstd_fault(code, f) : RC_OK;
}

/* From memory to memory: zstd needs no copy of the window then. */
static enum rc
pack_memory(struct making *m, const unsigned char *p, size_t n,
    unsigned char *to, struct fault *f)
{
	size_t put;

	put = ZSTD_compress2(m->ctx, to, ZSTD_compressBound(n), p, n);
	if (ZSTD_isError(put))
		return zstd_fault(put, f);
	hasher_add(&m->hash, to, put);
	spool_filled(m->to, put);
	m->frame->compressed = put;
	return RC_OK;
}

static enum rc
compress(struct making *m, ZSTD_inBuffer *in, bool last, unsigned char *chunk,
    struct fault *f)
{
	ZSTD_outBuffer out;
	size_t left;
	enum rc rc;

	do {
		out = (ZSTD_outBuffer){ chunk, CHUNK, 0 };
		left = ZSTD_compressStream2(m->ctx, &out, in,
		    last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return zstd_fault(left, f);
		hasher_add(&m->hash, chunk, out.pos);
		m->frame->compressed += out.pos;
		rc = spool_add(m->to, chunk, out.pos, f);
		if (rc != RC_OK)
			return rc;
	} while (last ? left > 0 : in->pos < in->size);
	return RC_OK;
}

static enum rc
pack_pieces(struct making *m, struct spool *from, unsigned char *chunk,
    struct fault *f)
{
	ZSTD_inBuffer in;
	const unsigned char *p;
	uint64_t off;
	size_t n, code;
	enum rc rc;

	code = ZSTD_CCtx_setPledgedSrcSize(m->ctx, m->frame->size);
	if (ZSTD_isError(code))
		return zstd_fault(code, f);
	for (off = 0; off < m->frame->size; off += n) {
		rc = spool_view(from, off, SIZE_MAX, &p, &n, f);
		if (rc != RC_OK)
			return rc;
		in = (ZSTD_inBuffer){ p, n, 0 };
		rc = compress(m, &in, false, chunk, f);
		if (rc != RC_OK)
			return rc;
	}
	in = (ZSTD_inBuffer){ NULL, 0, 0 };
	return compress(m, &in, true, chunk, f);
}

/* The context holds a window then, which is not kept for the rest. */
static enum rc
pack_large(struct frame_out *z, struct making *m, struct spool *from,
    struct fault *f)
{
	enum rc rc;

	rc = pack_pieces(m, from, z->chunk, f);
	ZSTD_freeCCtx(z->ctx);
	z->ctx = NULL;
	return rc;
}

enum rc
frame_out_spool(struct frame_out *z, struct spool *from, struct spool *to,
    struct frame *r, struct fault *f)
{
	struct making m = { .to = to, .frame = r };
	const unsigned char *p = NULL;
	unsigned char *room = NULL;
	struct way way;
	size_t n = 0;
	enum rc rc = RC_OK;

	r->size = spool_size(from);
	r->compressed = 0;
	if (r->size > 0)
		rc = spool_view(from, 0, SIZE_MAX, &p, &n, f);
	if (rc != RC_OK)
		return rc;
	way = choose(z->effort, p, n, n == r->size);
	rc = set_up(z, &way, f);
	if (rc != RC_OK)
		return rc;
	m.ctx = z->ctx;
	hasher_init(&m.hash);
	if (n == r->size)
		room = spool_room(to, ZSTD_compressBound(n));
	if (room != NULL)
		rc = pack_memory(&m, p, n, room, f);
	else
		rc = pack_large(z, &m, from, f);
	hasher_end(&m.hash, &r->hash);
	return rc;
}

static void
put_le(struct buf *b, uint64_t v, unsigned octets)
{
	unsigned i;

	for (i = 0; i < octets; i++)
		buf_addc(b, (int)(v >> (8 * i) & 0xff));
}

static void
put_block(struct buf *b, size_t n, unsigned type, bool last)
{
	put_le(b, (uint64_t)n << 3 | type << 1 | last, 3);
}

/* RFC 8878, section 3.1.1: single segment, 8 octets of content size. */
void
frame_store(const void *p, size_t n, struct buf *out)
{
	const unsigned char *s = p;
	size_t at, len, zeros = 0;

	while (zeros < n && zeros < BLOCK_MAX && s[n - 1 - zeros] == 0)
		zeros++;
	put_le(out, ZSTD_MAGICNUMBER, 4);
	buf_addc(out, 3 << 6 | 1 << 5 | 1 << 2);
	put_le(out, n, 8);
	for (at = 0; at < n - zeros; at += len) {
		len = n - zeros - at < BLOCK_MAX ? n - zeros - at : BLOCK_MAX;
		put_block(out, len, 0, zeros == 0 && at + len == n);
		buf_add(out, s + at, len);
	}
	if (zeros > 0 || n == 0) {
		put_block(out, zeros, zeros > 0 ? 1 : 0, true);
		if (zeros > 0)
			buf_addc(out, 0);
	}
	put_le(out, XXH64(p, n, 0) & 0xffffffff, 4);
}
