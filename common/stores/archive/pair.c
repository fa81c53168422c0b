#include <stdlib.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/reading.h"
#include "stores/archive/tar.h"
#include "util/mem.h"

enum rc
check_signature(const struct archive_reader *r, const struct hash512 *h,
    const struct buf *sig, const char *comment, struct fault *f)
{
	struct buf told = BUF_INIT;
	enum rc rc;

	rc = minisign_verify(&r->key, h, sig->data, sig->len, &told, f);
	if (rc == RC_OK && strcmp(buf_str(&told), comment) != 0)
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "it is signed as '%s', not as '%s'", buf_str(&told),
		    comment);
	buf_release(&told);
	return rc == RC_OK ? RC_OK : RC_STORE;
}

/* The member at *at, which must be this file; its octets into text. */
static enum rc
read_member(struct archive_reader *r, uint64_t *at, const char *path,
    size_t max, struct buf *text, int64_t *mtime_r, struct fault *f)
{
	struct tar_member *m;
	enum rc rc;

	m = xmalloc(sizeof(*m));
	rc = tar_next(r->pair_tar, at, m, f);
	if (rc == RC_END ||
	    (rc == RC_OK &&
		(m->type != TAR_FILE || strcmp(m->path, path) != 0)))
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "there is no '%s' where it has to be", path);
	if (rc == RC_OK && m->size > max)
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "'%s' is larger than it may be", path);
	if (rc == RC_OK) {
		buf_clear(text);
		rc = spool_read(r->pair_tar, m->data,
		    buf_room(text, (size_t)m->size + 1), (size_t)m->size, f);
	}
	if (rc == RC_OK) {
		text->len = (size_t)m->size;
		*mtime_r = m->mtime;
	}
	free(m);
	return rc;
}

static enum rc
read_members(struct archive_reader *r, const char *path, struct pair *p,
    struct buf *sig, struct fault *f)
{
	int64_t mtime = 0;
	char *sigpath;
	enum rc rc;

	p->end = 0;
	sigpath = xasprintf("%s" SIGNATURE_SUFFIX, path);
	rc =
	    read_member(r, &p->end, path, MANIFEST_MAX, &r->text, &p->mtime, f);
	if (rc == RC_OK)
		rc = read_member(r, &p->end, sigpath, SIGNATURE_MAX, sig,
		    &mtime, f);
	if (rc == RC_OK && mtime != p->mtime)
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "its members have different times");
	free(sigpath);
	return rc;
}

static enum rc
verify_pair(struct archive_reader *r, const char *kind, uint32_t number,
    const struct buf *sig, struct fault *f)
{
	struct hash512 h;
	char *comment;
	enum rc rc;

	/* The header is the one that tells the id. */
	hash512_of(r->text.data, r->text.len, &h);
	comment = manifest_comment(kind, r->header.about.id, number);
	rc = check_signature(r, &h, sig, comment, f);
	free(comment);
	return rc;
}

/* The id that the header claims, before anything of it is believed. */
static void
peek_id(struct archive_reader *r)
{
	static const char start[] = "\nid\t";
	const size_t digits = sizeof(r->header.about.id) - 1;
	const char *p;

	p = strstr(buf_str(&r->text), start);
	if (p == NULL)
		return;
	p += sizeof(start) - 1;
	if (strspn(p, "0123456789abcdef") == digits)
		memcpy(r->header.about.id, p, digits);
}

/* The frame at hand: its manifest into r->text, its signature into sig. */
static enum rc
unpack_pair(struct archive_reader *r, uint32_t number, struct pair *p,
    struct buf *sig, bool *cut_r, struct fault *f)
{
	const struct frame_caps caps = { .size = MANIFEST_MAX,
		.window = MANIFEST_WINDOW };
	char *path;
	enum rc rc;

	spool_clear(r->pair_frame);
	spool_clear(r->pair_tar);
	rc = frame_copy(r->in, &caps, r->pair_frame, &p->frame, cut_r, f);
	if (rc == RC_END) {
		*cut_r = true;
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "ends before a manifest");
	}
	if (rc == RC_OK)
		rc = frame_in_spool(r->z, r->pair_frame, p->frame.size,
		    r->pair_tar, f);
	if (rc != RC_OK)
		return rc;
	path = xasprintf("manifest/%06u.tsv", number);
	rc = read_members(r, path, p, sig, f);
	free(path);
	return rc;
}

enum rc
pair_read_known(struct archive_reader *r, uint32_t number,
    const struct hash *manifest, struct fault *f)
{
	struct buf sig = BUF_INIT;
	struct pair p;
	struct hash hash;
	bool cut;
	enum rc rc;

	rc = unpack_pair(r, number, &p, &sig, &cut, f);
	buf_release(&sig);
	if (rc != RC_OK)
		return rc;
	hash_of(r->text.data, r->text.len, &hash);
	if (hash_equal(&hash, manifest))
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "its manifest is not the one that the final names");
}

enum rc
pair_read(struct archive_reader *r, const char *kind, uint32_t number,
    struct pair *p, bool *cut_r, struct fault *f)
{
	struct buf sig = BUF_INIT;
	enum rc rc;

	rc = unpack_pair(r, number, p, &sig, cut_r, f);
	if (rc == RC_OK && number == 0)
		peek_id(r);
	if (rc == RC_OK)
		rc = verify_pair(r, kind, number, &sig, f);
	buf_release(&sig);
	if (rc != RC_OK)
		return rc;
	hash_of(r->text.data, r->text.len, &r->prev);
	r->prev_frame = p->frame.hash;
	return RC_OK;
}

/* True when the frame is the only one that its content can have. */
static enum rc
check_stored(struct archive_reader *r, struct fault *f)
{
	const size_t n = (size_t)spool_size(r->pair_tar);
	const size_t stored = (size_t)spool_size(r->pair_frame);
	struct buf content = BUF_INIT, want = BUF_INIT, have = BUF_INIT;
	enum rc rc;

	rc = spool_read(r->pair_tar, 0, buf_room(&content, n), n, f);
	if (rc == RC_OK)
		rc = spool_read(r->pair_frame, 0, buf_room(&have, stored),
		    stored, f);
	if (rc == RC_OK) {
		frame_store(content.data, n, &want);
		if (want.len != stored ||
		    memcmp(want.data, have.data, stored) != 0)
			rc = fault_set(f, RC_STORE, CAUSE_DATA,
			    "the last frame was made by another program");
	}
	buf_release(&content);
	buf_release(&want);
	buf_release(&have);
	return rc;
}

enum rc
pair_check_last(struct archive_reader *r, const struct pair *p, struct fault *f)
{
	const uint64_t pad = spool_size(r->pair_tar) - p->end;
	const unsigned char *s;
	uint64_t at;
	size_t i, n;
	enum rc rc;

	if (r->tar_size % TAR_RECORD != 0 || pad < 2 * TAR_BLOCK ||
	    pad >= 2 * TAR_BLOCK + TAR_RECORD)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "the tar does not end as it has to");
	for (at = p->end; at < spool_size(r->pair_tar); at += n) {
		rc = spool_view(r->pair_tar, at, SIZE_MAX, &s, &n, f);
		if (rc != RC_OK)
			return rc;
		for (i = 0; i < n; i++)
			if (s[i] != 0)
				return fault_set(f, RC_STORE, CAUSE_DATA,
				    "something lies behind the tar's end");
	}
	return check_stored(r, f);
}
