/*
 * An archive's final and folders without its messages, for whoever only wants
 * to know whether it is up to date: the seek table tells where the last pair
 * lies, its signatures whether that is so, and the final where all others
 * are, and their hashes.
 */
#include <string.h>

#include "stores/archive/reading.h"
#include "stores/archive/seek.h"

static enum rc
bad(struct fault *f, const char *what)
{
	return fault_set(f, RC_STORE, CAUSE_DATA, "%s", what);
}

/* The last M, to which the input is moved, and its D; RC_END: there is no
 * telling. */
static enum rc
find_last(struct archive_reader *r, uint32_t *number_r, struct frame *d,
    struct fault *f)
{
	unsigned char p[SEEK_TAIL];
	uint32_t frames, data, manifest;
	uint64_t size, table, pair;
	enum rc rc;

	if (!input_is_file(r->in))
		return RC_END;
	rc = input_size(r->in, &size, f);
	if (rc != RC_OK || size < sizeof(p))
		return rc == RC_OK ? RC_END : rc;
	input_seek(r->in, size);
	rc = input_reread(r->in, size - sizeof(p), p, sizeof(p), f);
	if (rc != RC_OK || !seek_tail(p, &frames, &data, &manifest))
		return rc == RC_OK ? RC_END : rc;
	table = SEEK_HEAD + (uint64_t)frames * SEEK_ENTRY + SEEK_FOOT;
	pair = (uint64_t)data + manifest;
	if (frames % 2 == 0 || table > size || pair > size - table)
		return RC_END;
	*number_r = frames / 2;
	d->offset = size - table - pair;
	d->compressed = data;
	input_seek(r->in, d->offset + data);
	return RC_OK;
}

/* The last pair, as it is signed. */
static enum rc
read_last(struct archive_reader *r, uint32_t number, const struct frame *d,
    struct fault *f)
{
	const struct manifest_segment *s = &r->segment;
	struct pair p;
	bool cut;
	enum rc rc;

	rc = pair_read(r, "segment", number, &p, &cut, f);
	if (rc == RC_OK)
		rc = segment_parse(r, f);
	if (rc != RC_OK)
		return rc;
	if (strcmp(s->id, r->header.about.id) != 0 || s->number != number ||
	    s->frame.offset != d->offset ||
	    s->frame.compressed != d->compressed || !segment_is_last(s))
		return bad(f, "the manifest is not that of the end");
	/* What messages say of others can only be read in order. */
	return s->entries > 0 ? RC_END : segment_unpack(r, f);
}

/* The folders of a segment before the last. */
static enum rc
read_folders(struct archive_reader *r, const struct manifest_past *past,
    uint32_t number, struct fault *f)
{
	enum rc rc;

	input_seek(r->in, past->offset + past->compressed);
	rc = pair_read_known(r, number, &past->manifest, f);
	manifest_segment_release(&r->segment);
	if (rc == RC_OK)
		rc = manifest_parse_folders(buf_str(&r->text), r->text.len,
		    &r->segment, f);
	return rc == RC_OK ? segment_folders(r, f) : rc;
}

static enum rc
take_claims(struct archive_reader *r, struct fault *f)
{
	const struct manifest_final *m = &r->final;
	size_t i;

	if (m->claims != r->folders)
		return bad(f, "its final disagrees with its folders");
	for (i = 0; i < m->claims; i++)
		r->folder[i].claim = m->claim[i].claim;
	return RC_OK;
}

/* What the last segment announces comes after all others. */
static enum rc
all_folders(struct archive_reader *r, struct fault *f)
{
	struct manifest_segment last = r->segment;
	uint32_t i;
	enum rc rc = RC_OK;

	memset(&r->segment, 0, sizeof(r->segment));
	for (i = 0; rc == RC_OK && i < r->final.pasts; i++) {
		rc = read_folders(r, &r->final.past[i], i + 1, f);
		if (rc != RC_OK)
			rc = fault_wrap(f, rc, "segment %u", i + 1);
	}
	manifest_segment_release(&r->segment);
	r->segment = last;
	if (rc == RC_OK)
		rc = segment_folders(r, f);
	return rc == RC_OK ? take_claims(r, f) : rc;
}

enum rc
glance(struct archive_reader *r, bool folders, struct fault *f)
{
	uint32_t number;
	struct frame d;
	enum rc rc;

	rc = find_last(r, &number, &d, f);
	if (rc != RC_OK)
		return rc;
	rc = read_last(r, number, &d, f);
	if (rc == RC_END)
		return rc;
	if (rc == RC_OK)
		rc = final_read(r, f);
	if (rc == RC_OK &&
	    (strcmp(r->final.id, r->header.about.id) != 0 ||
		r->final.segments != number || r->final.pasts != number - 1))
		rc = bad(f, "its final disagrees with its end");
	if (rc == RC_OK && folders)
		rc = all_folders(r, f);
	if (rc != RC_OK)
		return fault_wrap(f, rc, "at its end");
	final_show(r);
	r->shown.totals = r->final.totals;
	r->finished = r->complete = true;
	return RC_OK;
}
