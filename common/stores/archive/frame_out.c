#include "stores/archive/frame.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "stores/archive/format.h"
#include "util/mem.h"

enum {
	CHUNK = 131072,
	BLOCK_MAX = 131072, /* RFC 8878, section 3.1.1.2.4 */
};

struct frame_out {
	ZSTD_CCtx *ctx; /* NULL until the first frame */
	int level;
	frame_sink_fn *sink;
	void *arg;
	struct hasher hash;
	uint64_t left; /* octets of content still to come */
	struct frame frame;
	unsigned char chunk[CHUNK];
};

struct frame_out *
frame_out_new(int level)
{
	struct frame_out *z;

	z = xcalloc(1, sizeof(*z));
	z->level = level;
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

static enum rc
zstd_fault(size_t code, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_BUG, "zstd: %s",
	    ZSTD_getErrorName(code));
}

static enum rc
make_context(struct frame_out *z, struct fault *f)
{
	const struct {
		ZSTD_cParameter name;
		int value;
	} set[] = {
		{ ZSTD_c_compressionLevel, z->level },
		{ ZSTD_c_checksumFlag, 1 },
		{ ZSTD_c_contentSizeFlag, 1 },
		{ ZSTD_c_enableLongDistanceMatching, 1 },
		{ ZSTD_c_windowLog, MANIFEST_WINDOW },
	};
	size_t i, code;

	z->ctx = ZSTD_createCCtx();
	if (z->ctx == NULL)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "out of memory");
	for (i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
		code =
		    ZSTD_CCtx_setParameter(z->ctx, set[i].name, set[i].value);
		if (ZSTD_isError(code))
			return zstd_fault(code, f);
	}
	return RC_OK;
}

enum rc
frame_out_begin(struct frame_out *z, uint64_t size, frame_sink_fn *sink,
    void *arg, struct fault *f)
{
	size_t code;
	enum rc rc;

	if (z->ctx == NULL) {
		rc = make_context(z, f);
		if (rc != RC_OK)
			return rc;
	}
	z->sink = sink;
	z->arg = arg;
	z->left = size;
	z->frame = (struct frame){ 0 };
	z->frame.size = size;
	hasher_init(&z->hash);
	code = ZSTD_CCtx_reset(z->ctx, ZSTD_reset_session_only);
	if (!ZSTD_isError(code))
		code = ZSTD_CCtx_setPledgedSrcSize(z->ctx, size);
	return ZSTD_isError(code) ? zstd_fault(code, f) : RC_OK;
}

static enum rc
drain(struct frame_out *z, size_t n, struct fault *f)
{
	if (n == 0)
		return RC_OK;
	hasher_add(&z->hash, z->chunk, n);
	z->frame.compressed += n;
	return z->sink(z->arg, z->chunk, n, f);
}

static enum rc
compress(struct frame_out *z, ZSTD_inBuffer *in, ZSTD_EndDirective mode,
    struct fault *f)
{
	ZSTD_outBuffer out;
	size_t left;
	enum rc rc;

	do {
		out = (ZSTD_outBuffer){ z->chunk, CHUNK, 0 };
		left = ZSTD_compressStream2(z->ctx, &out, in, mode);
		if (ZSTD_isError(left))
			return zstd_fault(left, f);
		rc = drain(z, out.pos, f);
		if (rc != RC_OK)
			return rc;
	} while (mode == ZSTD_e_end ? left > 0 : in->pos < in->size);
	return RC_OK;
}

enum rc
frame_out_add(struct frame_out *z, const void *p, size_t n, struct fault *f)
{
	ZSTD_inBuffer in = { p, n, 0 };

	if (n > z->left)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "a frame gets more than was announced");
	z->left -= n;
	return compress(z, &in, ZSTD_e_continue, f);
}

enum rc
frame_out_spool(struct frame_out *z, struct spool *s, struct fault *f)
{
	const unsigned char *p;
	uint64_t off;
	size_t n;
	enum rc rc;

	for (off = 0; off < spool_size(s); off += n) {
		rc = spool_view(s, off, SIZE_MAX, &p, &n, f);
		if (rc == RC_OK)
			rc = frame_out_add(z, p, n, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc
frame_out_end(struct frame_out *z, struct frame *r, struct fault *f)
{
	const uint64_t offset = r->offset;
	ZSTD_inBuffer in = { NULL, 0, 0 };
	enum rc rc;

	if (z->left > 0)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "a frame gets less than was announced");
	rc = compress(z, &in, ZSTD_e_end, f);
	if (rc != RC_OK)
		return rc;
	hasher_end(&z->hash, &z->frame.hash);
	*r = z->frame;
	r->offset = offset;
	return RC_OK;
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
