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
	struct archive_reader *r;

	r = xcalloc(1, sizeof(*r));
	r->name = xstrdup(name);
	r->key = *key;
	r->options = options;
	if (minisig != NULL)
		buf_add(&r->minisig, minisig->data, minisig->len);
	r->in = input_new(fd, (options & ARCHIVE_DETACHED) != 0);
	r->z = frame_in_new();
	r->frame = spool_new(FRAME_BOUND);
	r->tar = spool_new(TAR_BOUND);
	r->pair_frame = spool_new(PAIR_BOUND);
	r->pair_tar = spool_new(PAIR_BOUND);
	r->atoms = atoms_new();
	r->ledger = ledger_new();
	r->links = links_new(r->in, r->z, (options & ARCHIVE_KEEP) != 0);
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
	free(r->past);
	free(r->name);
	free(r);
}

static void
count_frame(struct archive_reader *r, const struct frame *frame)
{
	r->tar_size += frame->size;
	if (!seek_add(&r->seek, frame))
		r->seekable = false;
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
	count_frame(r, &p.frame);
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

/* The stream ends, and all before is authentic: say what there is. */
static enum rc
ends_early(struct archive_reader *r, bool inside, struct fault *f)
{
	const unsigned n = (unsigned)r->pasts;

	r->incomplete = true;
	if (inside)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "truncated at octet %llu, inside segment %u: the "
		    "%u segments before it are whole",
		    (unsigned long long)input_offset(r->in), n + 1, n);
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "ends after segment %u of an unfinished backup: what is there "
	    "is authentic, the rest is missing",
	    n);
}

/* What M says of itself and of D. */
static enum rc
check_chain(const struct archive_reader *r, const struct frame *d,
    const struct hash *prev, const struct hash *prev_frame, struct fault *f)
{
	const struct manifest_segment *s = &r->segment;
	const char *why = NULL;

	if (strcmp(s->id, r->header.about.id) != 0)
		why = "is of another archive";
	else if (s->number != r->pasts + 1)
		why = "is not the next segment";
	else if (!hash_equal(&s->prev, prev) ||
	    !hash_equal(&s->prev_frame, prev_frame))
		why = "does not follow the one before it";
	else if (s->frame.offset != d->offset ||
	    s->frame.compressed != d->compressed || s->frame.size != d->size ||
	    !hash_equal(&s->frame.hash, &d->hash))
		why = "does not describe the data before it";
	else if (r->text.len > r->header.limits.manifest)
		why = "is larger than the header allows";
	if (why == NULL)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_DATA, "the manifest %s", why);
}

/* Numbers go up by one; the folder's strings move over. */
static enum rc
take_folders(struct archive_reader *r, struct fault *f)
{
	struct manifest_folder *m;
	size_t i;

	for (i = 0; i < r->segment.folders; i++) {
		m = &r->segment.folder[i];
		if (m->number != r->folders)
			return fault_set(f, RC_STORE, CAUSE_DATA,
			    "folder %u comes out of order", m->number);
		r->folder = xgrow(r->folder, r->folders, &r->folder_cap,
		    sizeof(*r->folder));
		r->more =
		    xgrow(r->more, r->folders, &r->more_cap, sizeof(*r->more));
		r->folder[r->folders] = m->entry;
		r->more[r->folders] = (struct read_folder){ m->dir, 0, 0 };
		r->folders++;
		memset(m, 0, sizeof(*m));
	}
	return RC_OK;
}

/* True when the last two lines are the final and its signature. */
static bool
is_last(const struct manifest_segment *s)
{
	return s->files >= 2 &&
	    strcmp(s->file[s->files - 2].path, FINAL_PATH) == 0 &&
	    strcmp(s->file[s->files - 1].path, FINAL_PATH SIGNATURE_SUFFIX) ==
	    0;
}

/* D and M are in their spools; what M says comes before any use of D. */
static enum rc
check_pair(struct archive_reader *r, const struct frame *d, struct pair *p,
    struct fault *f)
{
	struct manifest_past *past;
	enum rc rc;

	rc = take_folders(r, f);
	if (rc != RC_OK)
		return rc;
	count_frame(r, d);
	count_frame(r, &p->frame);
	r->past = xgrow(r->past, r->pasts, &r->past_cap, sizeof(*r->past));
	past = &r->past[r->pasts++];
	*past = (struct manifest_past){ d->offset, d->compressed, d->size,
		r->prev };
	if (p->mtime != layout_clamp_time(r->header.about.created))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "the time of its manifest is not that of the archive");
	if (is_last(&r->segment))
		return pair_check_last(r, p, f);
	if (p->end != spool_size(r->pair_tar))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "something lies behind its manifest");
	return RC_OK;
}

static enum rc
unpack(struct archive_reader *r, const struct frame *d, struct fault *f)
{
	enum rc rc;

	rc = links_add(r->links, d, r->frame, f);
	if (rc == RC_OK)
		rc = frame_in_spool(r->z, r->frame, d->size, r->tar, f);
	if (rc == RC_OK)
		rc = check_members(r, f);
	if (rc != RC_OK || !is_last(&r->segment))
		return rc;
	rc = check_final(r, f);
	r->finished = rc == RC_OK;
	return rc;
}

static enum rc
read_pair(struct archive_reader *r, struct frame *d, struct pair *p,
    bool *cut_r, struct fault *f)
{
	const struct frame_caps caps = { r->header.limits.member +
		    r->header.limits.segment + TAR_SLACK,
		DATA_WINDOW };
	const struct hash prev = r->prev, prev_frame = r->prev_frame;
	enum rc rc;

	rc = frame_copy(r->in, &caps, r->frame, d, cut_r, f);
	if (rc == RC_OK)
		rc = pair_read(r, "segment", (uint32_t)r->pasts + 1, p, cut_r,
		    f);
	if (rc != RC_OK)
		return rc;
	r->segment.atoms = r->atoms;
	rc = manifest_parse_segment(buf_str(&r->text), r->text.len, &r->segment,
	    f);
	return rc == RC_OK ? check_chain(r, d, &prev, &prev_frame, f) : rc;
}

static enum rc
read_segment(struct archive_reader *r, struct fault *f)
{
	const unsigned number = (unsigned)r->pasts + 1;
	const uint64_t start = input_offset(r->in);
	struct frame d;
	struct pair p;
	bool cut = false;
	enum rc rc;

	manifest_segment_release(&r->segment);
	links_forget(r->links);
	spool_clear(r->frame);
	spool_clear(r->tar);
	rc = read_pair(r, &d, &p, &cut, f);
	if (rc == RC_END || cut)
		return ends_early(r, rc != RC_END, f);
	if (rc == RC_OK)
		rc = check_pair(r, &d, &p, f);
	if (rc == RC_OK)
		rc = unpack(r, &d, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc, "segment %u at octet %llu", number,
		    (unsigned long long)start);
	r->view = (struct archive_segment){ number, d.offset, r->segment.entry,
		r->segment.entries };
	return RC_OK;
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
			rc = read_segment(r, f);
		if (rc != RC_OK)
			return fail(r, rc, f);
		if (r->complete)
			return RC_END;
		/* Dovecot's files are no concern of the caller's. */
	} while (r->view.n == 0);
	*seg_r = &r->view;
	return RC_OK;
}
