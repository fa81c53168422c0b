#include <stdlib.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/parser.h"
#include "stores/archive/reading.h"
#include "stores/archive/seek.h"
#include "util/mem.h"

enum { LINE_MAX_ = 65536 };

static enum rc
bad(struct fault *f, const char *what)
{
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "its final disagrees with what was read: %s", what);
}

static enum rc
verify_final(struct archive_reader *r, struct fault *f)
{
	const struct final_place *at = &r->final_at;
	struct buf sig = BUF_INIT;
	struct hasher h;
	struct hash512 hash;
	const unsigned char *p;
	uint64_t off, end = at->data + at->size;
	size_t n;
	char *comment;
	enum rc rc;

	if (at->sig_size > SIGNATURE_MAX)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "the final's signature is too large");
	hasher512_init(&h);
	for (off = at->data; off < end; off += n) {
		rc = spool_view(r->tar, off,
		    end - off < SIZE_MAX ? (size_t)(end - off) : SIZE_MAX, &p,
		    &n, f);
		if (rc != RC_OK)
			return rc;
		hasher_add(&h, p, n);
	}
	hasher512_end(&h, &hash);
	rc = spool_read(r->tar, at->sig_data,
	    buf_room(&sig, (size_t)at->sig_size + 1), (size_t)at->sig_size, f);
	sig.len = (size_t)at->sig_size;
	comment =
	    manifest_comment("final", r->header.about.id, r->segment.number);
	if (rc == RC_OK)
		rc = check_signature(r, &hash, &sig, comment, f);
	free(comment);
	buf_release(&sig);
	return rc;
}

/* Hands out the lines of a view; what has no end yet stays in line. */
static enum rc
feed(struct parser *p, struct buf *line, const unsigned char *s, size_t n,
    struct fault *f)
{
	const unsigned char *end;
	size_t len;
	enum rc rc;

	while (n > 0) {
		end = memchr(s, '\n', n);
		len = end != NULL ? (size_t)(end - s) : n;
		if (line->len + len > LINE_MAX_)
			return fault_set(f, RC_STORE, CAUSE_DATA,
			    "a line of the final is too long");
		buf_add(line, s, len);
		if (end == NULL)
			return RC_OK;
		rc = parser_line(p, buf_str(line), line->len, f);
		if (rc != RC_OK)
			return rc;
		buf_clear(line);
		s += len + 1;
		n -= len + 1;
	}
	return RC_OK;
}

static enum rc
parse_final(struct archive_reader *r, struct fault *f)
{
	const uint64_t end = r->final_at.data + r->final_at.size;
	struct buf line = BUF_INIT;
	struct parser *p;
	const unsigned char *s;
	uint64_t off;
	size_t n;
	enum rc rc = RC_OK;

	r->final.atoms = r->atoms;
	p = manifest_final_new(&r->final);
	for (off = r->final_at.data; rc == RC_OK && off < end; off += n) {
		rc = spool_view(r->tar, off,
		    end - off < SIZE_MAX ? (size_t)(end - off) : SIZE_MAX, &s,
		    &n, f);
		if (rc == RC_OK)
			rc = feed(p, &line, s, n, f);
	}
	if (rc == RC_OK && line.len > 0)
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "the final's last line has no end");
	if (rc == RC_OK)
		rc = parser_end(p, f);
	parser_free(p);
	buf_release(&line);
	return rc;
}

/* The BLAKE2b-256 of the canonical state, from all lines that were read. */
static enum rc
hash_state(struct archive_reader *r, struct hash *hash_r, struct fault *f)
{
	struct hasher h;
	struct buf line = BUF_INIT;
	struct record rec;
	uint32_t i, at = 0;
	enum rc rc = RC_OK;

	hasher_init(&h);
	for (i = 0; i < r->folders && rc == RC_OK; i++) {
		buf_clear(&line);
		state_put_folder(&line, i, r->folder[i].uidvalidity,
		    r->folder[i].folder.name);
		hasher_add(&h, line.data, line.len);
		for (;; at++) {
			rc = ledger_sorted(r->ledger, at, &rec, f);
			if (rc != RC_OK || rec.folder != i)
				break;
			buf_clear(&line);
			state_put_message(&line, &rec);
			hasher_add(&h, line.data, line.len);
		}
		if (rc == RC_END)
			rc = RC_OK;
	}
	hasher_end(&h, hash_r);
	buf_release(&line);
	return rc;
}

static enum rc
check_state(struct archive_reader *r, struct fault *f)
{
	struct record twin;
	struct hash state;
	enum rc rc;

	rc = ledger_sort(r->ledger, &twin, f);
	if (rc == RC_END)
		return bad(f, "a UID is there twice");
	/* A delta's is known with its ancestors only. */
	if (rc != RC_OK || r->final.delta)
		return rc;
	rc = hash_state(r, &state, f);
	if (rc != RC_OK)
		return rc;
	if (r->final.totals.state != r->totals.messages ||
	    !hash_equal(&state, &r->final.state))
		return bad(f, "the state");
	return RC_OK;
}

static bool
segments_agree(const struct archive_reader *r)
{
	const struct manifest_final *m = &r->final;
	const struct manifest_past *a, *b;
	size_t i;

	if (strcmp(m->id, r->header.about.id) != 0 ||
	    m->segments != r->segment.number || m->pasts != r->pasts - 1)
		return false;
	for (i = 0; i < m->pasts; i++) {
		a = &m->past[i];
		b = &r->past[i];
		if (a->offset != b->offset || a->compressed != b->compressed ||
		    a->size != b->size ||
		    !hash_equal(&a->manifest, &b->manifest))
			return false;
	}
	return true;
}

static bool
claims_agree(struct archive_reader *r)
{
	const struct manifest_final *m = &r->final;
	const struct folder_claim *c;
	size_t i;

	if (m->claims != r->folders)
		return false;
	for (i = 0; i < m->refusals; i++)
		r->more[m->refusal[i].msg.folder].refused++;
	for (i = 0; i < m->claims; i++) {
		c = &m->claim[i].claim;
		if ((m->delta ? c->stored < r->more[i].stored :
				c->stored != r->more[i].stored) ||
		    c->refused != r->more[i].refused)
			return false;
		r->folder[i].claim = *c;
	}
	return true;
}

enum rc
check_final(struct archive_reader *r, struct fault *f)
{
	const struct archive_totals *t = &r->final.totals;
	enum rc rc;

	rc = final_read(r, f);
	if (rc != RC_OK)
		return rc;
	if (!segments_agree(r))
		return bad(f, "the segments");
	if (!claims_agree(r))
		return bad(f, "the folders");
	if (!delta_agrees(r))
		return bad(f, "what a delta adds");
	r->totals.refused = r->final.refusals;
	r->totals.segments = r->segment.number;
	r->totals.state = t->state;
	if (t->messages != r->totals.messages || t->links != r->totals.links ||
	    t->refused != r->totals.refused || t->octets != r->totals.octets ||
	    t->unlettered != r->totals.unlettered)
		return bad(f, "the totals");
	rc = check_state(r, f);
	if (rc == RC_OK)
		final_show(r);
	return rc;
}

enum rc
final_read(struct archive_reader *r, struct fault *f)
{
	enum rc rc;

	rc = verify_final(r, f);
	if (rc == RC_OK)
		rc = parse_final(r, f);
	return rc == RC_OK ? RC_OK : fault_wrap(f, rc, FINAL_PATH);
}

void
final_show(struct archive_reader *r)
{
	r->shown.refusal = r->final.refusal;
	r->shown.refusals = r->final.refusals;
	r->shown.state = r->final.state;
	r->shown.base = r->final.base;
	r->shown.bases = r->final.bases;
	r->shown.removal = r->final.removal;
	r->shown.removals = r->final.removals;
	r->shown.change = r->final.change;
	r->shown.changes = r->final.changes;
}

/* The seek table where the final tells of one; then nothing. */
static enum rc
check_table(struct archive_reader *r, struct fault *f)
{
	struct buf want = BUF_INIT;
	const unsigned char *p;
	size_t at = 0, n;
	enum rc rc = RC_OK;

	if (r->final.seek && r->seekable)
		seek_table(&r->seek, &want);
	for (; rc == RC_OK && at < want.len; at += n) {
		rc = input_view(r->in, want.len - at, &p, &n, f);
		if (rc == RC_END)
			rc = fault_set(f, RC_STORE, CAUSE_DATA,
			    "truncated: its seek table is not whole");
		else if (rc == RC_OK && memcmp(p, want.data + at, n) != 0)
			rc = fault_set(f, RC_STORE, CAUSE_DATA,
			    "its seek table is damaged");
		if (rc == RC_OK)
			input_consume(r->in, n);
	}
	buf_release(&want);
	if (rc != RC_OK)
		return rc;
	rc = input_view(r->in, 1, &p, &n, f);
	if (rc == RC_OK)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "something lies behind its end at octet %llu",
		    (unsigned long long)input_offset(r->in));
	return rc == RC_END ? RC_OK : rc;
}

static enum rc
check_detached(struct archive_reader *r, struct fault *f)
{
	struct buf hex = BUF_INIT;
	struct hash512 h;
	char *comment;
	enum rc rc;

	hash_hex(&hex, &r->shown.hash);
	comment = manifest_file_comment(r->header.about.id,
	    r->header.about.generation, buf_str(&hex));
	input_hash(r->in, &h);
	rc = check_signature(r, &h, &r->minisig, comment, f);
	free(comment);
	buf_release(&hex);
	return rc == RC_OK ? rc : fault_wrap(f, rc, "detached signature");
}

enum rc
check_end(struct archive_reader *r, struct fault *f)
{
	enum rc rc;

	rc = check_table(r, f);
	if (rc == RC_OK && (r->options & ARCHIVE_DETACHED) != 0)
		rc = check_detached(r, f);
	if (rc != RC_OK)
		return rc;
	r->totals.written = input_offset(r->in);
	r->shown.totals = r->totals;
	r->complete = true;
	return RC_OK;
}
