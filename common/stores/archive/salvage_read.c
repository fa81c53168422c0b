/* The messages of one D, whole or not. */
#include <stdlib.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/salvaging.h"
#include "stores/archive/tar.h"
#include "util/mem.h"

/* A region whose manifest counts. */
struct work {
	struct salvage *s;
	uint32_t region;
	struct part *part;
	struct manifest_segment m;
	struct buf text;
	bool searched; /* for members at places of their own */
	struct fault *f;
};

/* Where the octets of line i end in a whole tar: the next member starts
 * behind them, whatever header they have. */
static uint64_t
end_of(const struct manifest_segment *m, size_t i, size_t *file)
{
	uint64_t end = m->frame.size;

	while (*file < m->files && m->file[*file].offset <= m->entry[i].offset)
		++*file;
	if (*file < m->files)
		end = m->file[*file].offset;
	if (i + 1 < m->entries && m->entry[i + 1].offset < end)
		end = m->entry[i + 1].offset;
	return end;
}

static enum rc
give(struct salvage *s, const struct archive_entry *e, const struct body *b,
    struct fault *f)
{
	return s->sink->message(s->sink->arg, e, b, f);
}

/* At the place that the manifest tells. */
static enum rc
read_at_place(struct work *w, size_t i, size_t *file)
{
	const struct archive_entry *e = &w->m.entry[i];
	const uint64_t end = end_of(&w->m, i, file);
	const uint64_t room =
	    (e->file_size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	struct body b;
	enum rc rc;

	if (room > end || end - room < e->offset)
		return RC_END;
	rc = salvage_body(w->s, e, end - room, &b, w->f);
	if (rc == RC_OK)
		rc = salvage_remember_at(w->s, e, w->region, end - room, w->f);
	return rc == RC_OK ? give(w->s, e, &b, w->f) : rc;
}

/* Every member that is found by its header, wherever it lies. */
static enum rc
search(struct work *w)
{
	struct tar_member *m;
	struct hash hash;
	uint64_t at = 0;
	enum rc rc;

	w->searched = true;
	m = xmalloc(sizeof(*m));
	do {
		rc = tar_find(w->s->tar, &at, m, w->f);
		if (rc == RC_OK && m->type == TAR_FILE)
			rc = salvage_remember(w->s, m, w->region, &hash, w->f);
	} while (rc == RC_OK);
	free(m);
	return rc == RC_END ? RC_OK : rc;
}

static void
put_off(struct work *w, size_t i)
{
	struct salvage *s = w->s;

	s->pending = xgrow(s->pending, s->pendings, &s->pending_cap,
	    sizeof(*s->pending));
	s->pending[s->pendings++] =
	    (struct pending){ .part = (uint32_t)(w->part - s->part),
		    .entry = (uint32_t)i };
}

/* By its hash, in this region; elsewhere it is looked for in the end. */
static enum rc
read_by_hash(struct work *w, size_t i)
{
	const struct archive_entry *e = &w->m.entry[i];
	const size_t n = sizeof(e->hash.b);
	struct record have;
	struct body b;
	enum rc rc;

	rc = salvage_lookup(w->s, e->hash.b, n, e->file_size, &have, w->f);
	if (rc == RC_END && !w->searched && !e->link) {
		rc = search(w);
		if (rc == RC_OK)
			rc = salvage_lookup(w->s, e->hash.b, n, e->file_size,
			    &have, w->f);
	}
	if (rc == RC_OK && have.segment == w->region) {
		rc = salvage_body(w->s, e, have.data, &b, w->f);
		if (rc == RC_OK)
			return give(w->s, e, &b, w->f);
	}
	if (rc != RC_OK && rc != RC_END)
		return rc;
	put_off(w, i);
	return RC_OK;
}

static enum rc
read_all(struct work *w)
{
	size_t i, file = 0;
	enum rc rc = RC_OK;

	for (i = 0; i < w->m.entries && rc == RC_OK; i++) {
		rc = RC_END;
		if (!w->m.entry[i].link)
			rc = read_at_place(w, i, &file);
		if (rc == RC_END)
			rc = read_by_hash(w, i);
	}
	return rc;
}

static bool
has_final(const struct manifest_segment *m)
{
	return m->files >= 2 &&
	    strcmp(m->file[m->files - 2].path, FINAL_PATH) == 0;
}

enum rc
salvage_signed(struct salvage *s, uint32_t region, struct fault *f)
{
	struct work w = { .s = s,
		.region = region,
		.part = &s->part[s->region[region].part],
		.m = { .atoms = s->atoms },
		.f = f };
	enum rc rc;

	rc = salvage_parse(s, w.part, &w.text, &w.m, f);
	if (rc == RC_OK)
		rc = salvage_unpack(s, region, f);
	if (rc == RC_OK)
		rc = read_all(&w);
	if (rc == RC_OK && has_final(&w.m))
		rc = salvage_final(s, f);
	manifest_segment_release(&w.m);
	buf_release(&w.text);
	return rc;
}
