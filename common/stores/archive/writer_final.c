#include <inttypes.h>
#include <stdlib.h>

#include "stores/archive/format.h"
#include "stores/archive/manifest.h"
#include "stores/archive/seek.h"
#include "stores/archive/writer_delta.h"
#include "stores/archive/writing.h"
#include "util/mem.h"

enum {
	FINAL_BOUND = 1 << 20,
	CLAIM_MAX = 256, /* octets of a claim line */
	/* The last manifest is stored without compression. */
	LAST_LINES_MAX = 1 << 16,
};

void
archive_writer_refuse(struct archive_writer *w, const struct msg *m,
    const char *reason)
{
	struct buf line = BUF_INIT;

	manifest_put_refused(&line, m, reason);
	/* A failure is told by archive_writer_final. */
	if (w->refuse_rc == RC_OK)
		w->refuse_rc = spool_add(w->refused, line.data, line.len,
		    &w->refuse_fault);
	buf_release(&line);
	w->totals.refused++;
	w->folder[m->folder].claim.refused++;
}

void
archive_writer_claim(struct archive_writer *w, uint32_t folder,
    const struct folder_claim *claim)
{
	struct folder_claim *to = &w->folder[folder].claim;
	const uint64_t stored = to->stored, refused = to->refused;

	*to = *claim;
	to->stored = stored;
	to->refused = refused;
}

void
archive_writer_totals(struct archive_writer *w, struct archive_totals *r)
{
	struct fault f = FAULT_INIT;
	enum rc rc;

	rc = packer_drain(w->packer, &f);
	(void)rc; /* was told, or is by the next call */
	*r = w->totals;
	r->segments = w->stream.segments;
	r->written = w->stream.offset;
}

const char *
archive_writer_id(const struct archive_writer *w)
{
	return w->stream.id;
}

static enum rc
copy_spool(struct spool *to, struct spool *from, struct fault *f)
{
	const unsigned char *p;
	uint64_t off;
	size_t n;
	enum rc rc;

	for (off = 0; off < spool_size(from); off += n) {
		rc = spool_view(from, off, SIZE_MAX, &p, &n, f);
		if (rc == RC_OK)
			rc = spool_add(to, p, n, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc
put_buf(struct spool *to, struct buf *b, struct fault *f)
{
	enum rc rc;

	rc = spool_add(to, b->data, b->len, f);
	buf_clear(b);
	return rc;
}

static enum rc
compose(struct archive_writer *w, const struct hash *state, bool seek,
    struct spool *to, struct fault *f)
{
	const struct archive_totals *t = &w->totals;
	const struct stream *s = &w->stream;
	struct buf b = BUF_INIT;
	uint32_t i;
	enum rc rc;

	manifest_put_begin(&b, "final", s->id);
	buf_addf(&b, "segments\t%" PRIu32 "\n", s->segments + 1);
	buf_add(&b, s->past.data, s->past.len);
	for (i = 0; i < w->folders; i++)
		manifest_put_claim(&b, i, &w->folder[i].claim);
	delta_put_bases(w, &b);
	rc = put_buf(to, &b, f);
	if (rc == RC_OK)
		rc = copy_spool(to, w->refused, f);
	if (rc == RC_OK)
		rc = delta_put_lines(w, to, f);
	buf_addf(&b, "state\t%s\t%" PRIu64 "\t",
	    w->parent != NULL ? "delta" : "full", t->state);
	hash_hex(&b, state);
	buf_addf(&b,
	    "\ntotals\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
	    "\t%" PRIu64 "\nseek\t%d\nend\n",
	    t->messages, t->links, t->refused, t->octets, t->unlettered, seek);
	if (rc == RC_OK)
		rc = put_buf(to, &b, f);
	buf_release(&b);
	return rc;
}

static enum rc
hash_final(struct spool *text, struct hash *h, struct hash512 *wide,
    struct fault *f)
{
	struct hasher a, b;
	const unsigned char *p;
	uint64_t off;
	size_t n;
	enum rc rc;

	hasher_init(&a);
	hasher512_init(&b);
	for (off = 0; off < spool_size(text); off += n) {
		rc = spool_view(text, off, SIZE_MAX, &p, &n, f);
		if (rc != RC_OK)
			return rc;
		hasher_add(&a, p, n);
		hasher_add(&b, p, n);
	}
	hasher_end(&a, h);
	hasher512_end(&b, wide);
	return RC_OK;
}

/* final.tsv and its signature, as the last members of the last segment. */
static enum rc
add_final(struct archive_writer *w, struct spool *text, struct hash *hash_r,
    struct fault *f)
{
	struct buf sig = BUF_INIT;
	struct spool *sigtext;
	struct hash512 wide;
	enum rc rc;

	sigtext = spool_new(SIGNATURE_MAX);
	rc = hash_final(text, hash_r, &wide, f);
	if (rc == RC_OK) {
		stream_sign(&w->stream, &wide, "final", w->number, &sig);
		rc = put_buf(sigtext, &sig, f);
	}
	if (rc == RC_OK)
		rc = segment_add_file(w->segment, FINAL_PATH, w->stream.mtime,
		    text, f);
	if (rc == RC_OK)
		rc = segment_add_file(w->segment, FINAL_PATH SIGNATURE_SUFFIX,
		    w->stream.mtime, sigtext, f);
	spool_free(sigtext);
	buf_release(&sig);
	return rc;
}

static enum rc
write_end(struct archive_writer *w, const struct hash *state,
    struct hash *final_r, struct fault *f)
{
	struct stream *s = &w->stream;
	struct spool *text;
	bool seek;
	enum rc rc = RC_OK;

	if (segment_lines(w->segment) > LAST_LINES_MAX)
		rc = writer_close(w, f);
	/* The final names all segments before it. */
	if (rc == RC_OK)
		rc = packer_drain(w->packer, f);
	if (rc != RC_OK)
		return rc;
	/* It says whether the table follows, so that is decided here, with
	 * room for the final itself. */
	seek = s->seekable &&
	    segment_size(w->segment) + spool_size(w->refused) + s->past.len +
		    w->folders * CLAIM_MAX + delta_bound(w) <
		SEEK_FRAME_MAX / 2;
	text = spool_new(FINAL_BOUND);
	rc = compose(w, state, seek, text, f);
	if (rc == RC_OK)
		rc = add_final(w, text, final_r, f);
	spool_free(text);
	s->last = true;
	if (rc == RC_OK)
		rc = writer_close(w, f);
	if (rc == RC_OK)
		rc = packer_drain(w->packer, f);
	if (rc == RC_OK && seek)
		rc = stream_seek_table(s, f);
	return rc;
}

static enum rc
write_all(struct archive_writer *w, struct hash *final_r, struct fault *f)
{
	struct hash state;
	struct record twin;
	enum rc rc;

	if (w->refuse_rc != RC_OK) {
		*f = w->refuse_fault;
		return w->refuse_rc;
	}
	delta_sort(w);
	rc = ledger_sort(w->ledger, &twin, f);
	if (rc == RC_END)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "%s: UID %" PRIu32 " was stored twice",
		    w->folder[twin.folder].folder.name, twin.uid);
	if (rc == RC_OK)
		rc = writer_close(w, f);
	if (rc == RC_OK)
		rc = writer_indexes(w, &state, f);
	return rc == RC_OK ? write_end(w, &state, final_r, f) : rc;
}

enum rc
archive_writer_final(struct archive_writer *w, struct buf *minisig_r,
    struct fault *f)
{
	struct hash final;
	struct hash512 whole;
	struct buf hex = BUF_INIT;
	char *comment;
	enum rc rc;

	if (w->dead)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "the archive was written to after a failure");
	rc =
	    earlier_final(w->earlier, &final) ? RC_OK : write_all(w, &final, f);
	w->dead = true;
	if (rc != RC_OK)
		return rc;
	hasher512_end(&w->stream.whole, &whole);
	hash_hex(&hex, &final);
	comment = manifest_file_comment(w->stream.id, delta_generation(w),
	    buf_str(&hex));
	minisign_sign(w->stream.key, &whole, comment, minisig_r);
	free(comment);
	buf_release(&hex);
	return RC_OK;
}
