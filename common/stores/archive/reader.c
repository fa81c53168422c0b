#include "stores/archive/reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/reading.h"
#include "stores/archive/seek.h"
#include "util/mem.h"

enum {
	FRAME_BOUND = 24 << 20, /* octets of D in memory, compressed */
	TAR_BOUND = 20 << 20,
	SELDOM_BOUND = 1 << 20, /* of both, where D is passed over */
	PAIR_BOUND = 1 << 20,
};

/* All that a reader says starts with the archive's name. */
static enum rc
fail(struct archive_reader *r, enum rc rc, struct fault *f)
{
	rc = fault_wrap(f, rc == RC_MESSAGE ? RC_STORE : rc, "%s", r->name);
	r->fault = *f;
	r->failed = true;
	return rc;
}

static struct archive_reader *
make_reader(int fd, const char *name, const struct pubkey *key,
    unsigned options, const struct buf *minisig)
{
	const bool seldom = (options & ARCHIVE_MANIFESTS) != 0;
	struct archive_reader *r;

	r = xcalloc(1, sizeof(*r));
	r->name = xstrdup(name);
	r->key = *key;
	r->options = options;
	if (minisig != NULL)
		buf_add(&r->minisig, minisig->data, minisig->len);
	r->in =
	    input_new(fd, (options & (ARCHIVE_DETACHED | ARCHIVE_PREFIX)) != 0);
	r->z = frame_in_new();
	r->frame = spool_new(seldom ? SELDOM_BOUND : FRAME_BOUND);
	r->tar = spool_new(seldom ? SELDOM_BOUND : TAR_BOUND);
	r->pair_frame = spool_new(PAIR_BOUND);
	r->pair_tar = spool_new(PAIR_BOUND);
	r->atoms = atoms_new();
	r->ledger = ledger_new();
	r->links =
	    links_new(r->in, r->z, (options & ARCHIVE_KEEP) != 0 && !seldom);
	r->seekable = true;
	return r;
}

void
archive_reader_free(struct archive_reader *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->folders; i++) {
		folder_release(&r->folder[i].folder);
		free(r->more[i].dir);
	}
	free(r->folder);
	free(r->more);
	manifest_segment_release(&r->segment);
	manifest_final_release(&r->final);
	archive_header_release(&r->header.about);
	links_free(r->links);
	ledger_free(r->ledger);
	atoms_free(r->atoms);
	spool_free(r->frame);
	spool_free(r->tar);
	spool_free(r->pair_frame);
	spool_free(r->pair_tar);
	frame_in_free(r->z);
	input_free(r->in);
	buf_release(&r->minisig);
	buf_release(&r->text);
	buf_release(&r->seek);
	free(r->found);
	free(r->place);
	free(r->past);
	free(r->name);
	free(r);
}

static enum rc
check_start(struct archive_reader *r, struct fault *f)
{
	static const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	const unsigned char *p;
	size_t n;
	enum rc rc;

	rc = input_peek(r->in, sizeof(magic), &p, &n, f);
	if (rc != RC_OK)
		return rc;
	if (n == 0)
		return fault_set(f, RC_STORE, CAUSE_DATA, "is empty");
	if (n < sizeof(magic) || memcmp(p, magic, n) != 0)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "is not a mailproof archive (no .tar.zst)");
	return RC_OK;
}

static enum rc
read_header(struct archive_reader *r, struct fault *f)
{
	struct pair p;
	bool cut = false;
	enum rc rc;

	rc = check_start(r, f);
	if (rc != RC_OK)
		return rc;
	rc = pair_read(r, "header", 0, &p, &cut, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc, cut ? "truncated" : "header");
	if (p.end != spool_size(r->pair_tar))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "header: something lies behind it");
	rc = manifest_parse_header(buf_str(&r->text), r->text.len, &r->header,
	    f);
	if (rc == RC_OK &&
	    p.mtime != layout_clamp_time(r->header.about.created))
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "its time is not that of the archive");
	if (rc != RC_OK)
		return fault_wrap(f, rc, "header");
	frame_count(r, &p.frame);
	return RC_OK;
}

enum rc
archive_reader_new(int fd, const char *name, const struct pubkey *key,
    unsigned options, const struct buf *minisig, struct archive_reader **r_r,
    struct fault *f)
{
	struct archive_reader *r;
	enum rc rc;

	r = make_reader(fd, name, key, options, minisig);
	if ((options & ARCHIVE_DETACHED) != 0 && minisig == NULL)
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "there is no detached signature (%s.minisig)", name);
	else
		rc = read_header(r, f);
	if (rc != RC_OK) {
		rc = fail(r, rc, f);
		archive_reader_free(r);
		return rc;
	}
	*r_r = r;
	return RC_OK;
}

const struct archive_header *
archive_reader_header(const struct archive_reader *r)
{
	return &r->header.about;
}

/* Whoever has read an archive may go on for hours with what it told. */
static void
rest(struct archive_reader *r)
{
	ledger_free(r->ledger);
	r->ledger = NULL;
	if ((r->options & ARCHIVE_MANIFESTS) == 0) {
		spool_free(r->frame);
		spool_free(r->tar);
		r->frame = r->tar = NULL;
	}
	manifest_segment_release(&r->segment);
	r->view = (struct archive_segment){ .entry = NULL };
	frame_in_rest(r->z);
	buf_release(&r->text);
	buf_release(&r->seek);
}

enum rc
archive_reader_next(struct archive_reader *r,
    const struct archive_segment **seg_r, struct fault *f)
{
	enum rc rc = RC_OK;

	if (r->failed) {
		*f = r->fault;
		return RC_STORE;
	}
	if (r->complete)
		return RC_END;
	do {
		if (r->finished)
			rc = check_end(r, f);
		else
			rc = segment_read(r, f);
		if (rc != RC_OK)
			return fail(r, rc, f);
		if (r->complete) {
			rest(r);
			return RC_END;
		}
		/* Dovecot's files are no concern of the caller's. */
	} while (r->view.n == 0);
	*seg_r = &r->view;
	return RC_OK;
}

enum rc
archive_reader_glance(struct archive_reader *r, bool folders, struct fault *f)
{
	enum rc rc;

	assert((r->options & ARCHIVE_MANIFESTS) != 0 && r->pasts == 0);
	rc = glance(r, folders, f);
	return rc == RC_OK || rc == RC_END ? rc : fail(r, rc, f);
}

enum rc
archive_reader_reopen(struct archive_reader *r, uint32_t number,
    const struct archive_segment **seg_r, struct fault *f)
{
	enum rc rc;

	assert((r->options & ARCHIVE_MANIFESTS) != 0);
	assert(r->complete && !r->failed);
	assert(number >= 1 && number <= r->pasts);
	rc = segment_reopen(r, number, f);
	if (rc != RC_OK)
		return fail(r, rc, f);
	*seg_r = &r->view;
	return RC_OK;
}
