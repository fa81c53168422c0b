/* A segment: D and what M says of it, read or passed over. */
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/reading.h"
#include "stores/archive/seek.h"
#include "util/mem.h"

void
frame_count(struct archive_reader *r, const struct frame *frame)
{
	r->tar_size += frame->size;
	if (!seek_add(&r->seek, frame))
		r->seekable = false;
}

/* D is not looked at unless it is needed. */
static bool
passes_over(const struct archive_reader *r)
{
	return (r->options & ARCHIVE_MANIFESTS) != 0;
}

/* And yet its octets are held against the hash that M tells. */
static bool
hashes(const struct archive_reader *r)
{
	return !passes_over(r) || (r->options & ARCHIVE_PREFIX) != 0;
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
	    (hashes(r) && !hash_equal(&s->frame.hash, &d->hash)))
		why = "does not describe the data before it";
	else if (r->text.len > r->header.limits.manifest)
		why = "is larger than the header allows";
	if (why == NULL)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_DATA, "the manifest %s", why);
}

enum rc
segment_folders(struct archive_reader *r, struct fault *f)
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

bool
segment_is_last(const struct manifest_segment *s)
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

	rc = segment_folders(r, f);
	if (rc != RC_OK)
		return rc;
	frame_count(r, d);
	frame_count(r, &p->frame);
	r->past = xgrow(r->past, r->pasts, &r->past_cap, sizeof(*r->past));
	past = &r->past[r->pasts++];
	*past = (struct manifest_past){ d->offset, d->compressed, d->size,
		r->prev };
	if (p->mtime != layout_clamp_time(r->header.about.created))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "the time of its manifest is not that of the archive");
	if (segment_is_last(&r->segment))
		return pair_check_last(r, p, f);
	if (p->end != spool_size(r->pair_tar))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "something lies behind its manifest");
	return RC_OK;
}

/* D lies in r->frame. */
static enum rc
unpack(struct archive_reader *r, bool taken, struct fault *f)
{
	enum rc rc;

	rc = frame_in_spool(r->z, r->frame, r->segment.frame.size, r->tar, f);
	return rc == RC_OK ? check_members(r, taken, f) : rc;
}

enum rc
segment_unpack(struct archive_reader *r, struct fault *f)
{
	enum rc rc;

	rc = frame_reread(r->in, &r->segment.frame, r->frame, f);
	return rc == RC_OK ? unpack(r, true, f) : rc;
}

/* What the lines say, and the members where they are to be had. */
static enum rc
take_messages(struct archive_reader *r, const struct frame *d, struct fault *f)
{
	enum rc rc;

	if (passes_over(r)) {
		rc = lines_take(r, f);
		if (rc == RC_OK && segment_is_last(&r->segment))
			rc = segment_unpack(r, f);
	} else {
		rc = links_add(r->links, d, r->frame, f);
		if (rc == RC_OK)
			rc = unpack(r, false, f);
	}
	if (rc != RC_OK || !segment_is_last(&r->segment))
		return rc;
	rc = check_final(r, f);
	r->finished = rc == RC_OK;
	return rc;
}

enum rc
segment_parse(struct archive_reader *r, struct fault *f)
{
	r->segment.atoms = r->atoms;
	return manifest_parse_segment(buf_str(&r->text), r->text.len,
	    &r->segment, f);
}

static enum rc
read_pair(struct archive_reader *r, struct frame *d, struct pair *p,
    bool *cut_r, struct fault *f)
{
	const struct frame_caps caps = { r->header.limits.member +
		    r->header.limits.segment + TAR_SLACK,
		DATA_WINDOW, hashes(r) };
	const struct hash prev = r->prev, prev_frame = r->prev_frame;
	enum rc rc;

	rc = frame_copy(r->in, &caps, passes_over(r) ? NULL : r->frame, d,
	    cut_r, f);
	if (rc == RC_OK)
		rc = pair_read(r, "segment", (uint32_t)r->pasts + 1, p, cut_r,
		    f);
	if (rc == RC_OK)
		rc = segment_parse(r, f);
	return rc == RC_OK ? check_chain(r, d, &prev, &prev_frame, f) : rc;
}

/* Forgets the segment before. */
static void
begin_segment(struct archive_reader *r)
{
	manifest_segment_release(&r->segment);
	links_forget(r->links);
	spool_clear(r->frame);
	spool_clear(r->tar);
}

static void
show_segment(struct archive_reader *r)
{
	r->view = (struct archive_segment){ r->segment.number,
		r->segment.frame.offset, r->segment.entry, r->segment.entries };
}

enum rc
segment_read(struct archive_reader *r, struct fault *f)
{
	const unsigned number = (unsigned)r->pasts + 1;
	const uint64_t start = input_offset(r->in);
	struct frame d;
	struct pair p;
	bool cut = false;
	enum rc rc;

	begin_segment(r);
	rc = read_pair(r, &d, &p, &cut, f);
	if (rc == RC_END || cut)
		return ends_early(r, rc != RC_END, f);
	if (rc == RC_OK)
		rc = check_pair(r, &d, &p, f);
	if (rc == RC_OK)
		rc = take_messages(r, &d, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc, "segment %u at octet %llu", number,
		    (unsigned long long)start);
	show_segment(r);
	return RC_OK;
}

/* The manifest is the one that was verified, and D is its D. */
static enum rc
read_again(struct archive_reader *r, const struct manifest_past *past,
    uint32_t number, struct fault *f)
{
	struct pair p;
	bool cut;
	enum rc rc;

	input_seek(r->in, past->offset + past->compressed);
	rc = pair_read(r, "segment", number, &p, &cut, f);
	if (rc == RC_OK && !hash_equal(&r->prev, &past->manifest))
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "was changed while the archive was read");
	if (rc == RC_OK)
		rc = segment_parse(r, f);
	return rc == RC_OK ? segment_unpack(r, f) : rc;
}

enum rc
segment_reopen(struct archive_reader *r, uint32_t number, struct fault *f)
{
	const struct manifest_past *past = &r->past[number - 1];
	enum rc rc;

	begin_segment(r);
	rc = read_again(r, past, number, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc, "segment %u at octet %llu", number,
		    (unsigned long long)past->offset);
	show_segment(r);
	return RC_OK;
}
