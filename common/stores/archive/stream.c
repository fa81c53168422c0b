#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/manifest.h"
#include "stores/archive/seek.h"
#include "stores/archive/writing.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

enum { PAIR_BOUND = 1 << 20, ID_OCTETS = 16 };

static enum rc
put_pair(void *arg, const void *p, size_t n, struct fault *f)
{
	return spool_add(arg, p, n, f);
}

void
stream_init(struct stream *s, struct outfile *out, const struct seckey *key,
    enum frame_effort effort)
{
	unsigned char id[ID_OCTETS];
	struct buf hex = BUF_INIT;
	size_t i;

	randombytes_buf(id, sizeof(id));
	text_hex(&hex, id, sizeof(id));
	assert(hex.len == sizeof(s->id) - 1);
	for (i = 0; i < sizeof(s->id); i++)
		s->id[i] = buf_str(&hex)[i];
	buf_release(&hex);
	s->out = out;
	s->key = key;
	s->z = frame_out_new(effort);
	s->pair = spool_new(PAIR_BOUND);
	s->pair_tar = tar_out_new(put_pair, s->pair);
	s->frame = spool_new(PAIR_BOUND);
	s->seekable = true;
	hasher512_init(&s->whole);
}

void
stream_release(struct stream *s)
{
	tar_out_free(s->pair_tar);
	spool_free(s->pair);
	spool_free(s->frame);
	frame_out_free(s->z);
	buf_release(&s->past);
	buf_release(&s->seek);
}

static enum rc
put(struct stream *s, const void *p, size_t n, struct fault *f)
{
	hasher_add(&s->whole, p, n);
	s->offset += n;
	return outfile_write(s->out, p, n, f);
}

enum rc
stream_frame(struct stream *s, struct spool *octets, struct frame *r,
    struct fault *f)
{
	const unsigned char *p;
	uint64_t off;
	size_t n;
	enum rc rc;

	r->offset = s->offset;
	for (off = 0; off < spool_size(octets); off += n) {
		rc = spool_view(octets, off, SIZE_MAX, &p, &n, f);
		if (rc == RC_OK)
			rc = put(s, p, n, f);
		if (rc != RC_OK)
			return rc;
	}
	s->tar += r->size;
	if (!seek_add(&s->seek, r))
		s->seekable = false;
	return RC_OK;
}

void
stream_sign(const struct stream *s, const struct hash512 *h, const char *kind,
    uint32_t number, struct buf *sig)
{
	char *comment;

	comment = manifest_comment(kind, s->id, number);
	minisign_sign(s->key, h, comment, sig);
	free(comment);
}

static enum rc
put_member(struct stream *s, const char *path, const struct buf *text,
    struct fault *f)
{
	const struct tar_head head = { .type = TAR_FILE,
		.path = path,
		.size = text->len,
		.mtime = s->mtime };
	enum rc rc;

	rc = tar_out_begin(s->pair_tar, &head, f);
	if (rc == RC_OK)
		rc = tar_out_data(s->pair_tar, text->data, text->len, f);
	return rc == RC_OK ? tar_out_end(s->pair_tar, f) : rc;
}

/* The end of the archive: at least two blocks of NUL, whole records. */
static enum rc
store_pair(struct stream *s, struct frame *r, struct fault *f)
{
	const size_t n = (size_t)spool_size(s->pair);
	const uint64_t least = s->tar + n + 2 * TAR_BLOCK;
	const size_t pad = 2 * TAR_BLOCK +
	    (size_t)((TAR_RECORD - least % TAR_RECORD) % TAR_RECORD);
	struct buf content = BUF_INIT, stored = BUF_INIT;
	unsigned char *p;
	enum rc rc;

	p = buf_room(&content, n + pad);
	memset(p, 0, n + pad);
	rc = spool_read(s->pair, 0, p, n, f);
	if (rc == RC_OK) {
		frame_store(p, n + pad, &stored);
		r->size = n + pad;
		r->compressed = stored.len;
		hash_of(stored.data, stored.len, &r->hash);
		rc = spool_add(s->frame, stored.data, stored.len, f);
	}
	buf_release(&content);
	buf_release(&stored);
	return rc;
}

enum rc
stream_pair(struct stream *s, const char *kind, uint32_t number,
    const struct buf *text, bool last, struct fault *f)
{
	struct buf sig = BUF_INIT;
	struct frame frame = { 0 };
	struct hash512 h;
	char *path, *sigpath;
	enum rc rc;

	path = xasprintf("manifest/%06u.tsv", number);
	sigpath = xasprintf("%s" SIGNATURE_SUFFIX, path);
	hash512_of(text->data, text->len, &h);
	stream_sign(s, &h, kind, number, &sig);
	spool_clear(s->pair);
	spool_clear(s->frame);
	rc = put_member(s, path, text, f);
	if (rc == RC_OK)
		rc = put_member(s, sigpath, &sig, f);
	if (rc == RC_OK)
		rc = last ? store_pair(s, &frame, f) :
			    frame_out_spool(s->z, s->pair, s->frame, &frame, f);
	if (rc == RC_OK)
		rc = stream_frame(s, s->frame, &frame, f);
	if (rc == RC_OK) {
		hash_of(text->data, text->len, &s->prev);
		s->prev_frame = frame.hash;
	}
	free(path);
	free(sigpath);
	buf_release(&sig);
	return rc;
}

enum rc
stream_segment(void *arg, struct parcel *p, struct fault *f)
{
	struct stream *s = arg;
	const struct segment_chain chain = { s->id, s->segments + 1, &s->prev,
		&s->prev_frame, &p->frame };
	struct buf text = BUF_INIT;
	enum rc rc;

	rc = stream_frame(s, p->packed, &p->frame, f);
	if (rc == RC_OK) {
		segment_manifest(&chain, &p->lines, &text);
		rc = stream_pair(s, "segment", chain.number, &text, s->last, f);
	}
	if (rc == RC_OK) {
		s->segments++;
		manifest_put_past(&s->past, s->segments, &p->frame, &s->prev);
	}
	buf_release(&text);
	return rc;
}

enum rc
stream_seek_table(struct stream *s, struct fault *f)
{
	struct buf table = BUF_INIT;
	enum rc rc;

	seek_table(&s->seek, &table);
	rc = put(s, table.data, table.len, f);
	buf_release(&table);
	return rc;
}
