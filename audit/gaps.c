/*
 * What was not found at the target as it is: the segments that hold it are
 * opened, each once, for its headline and its canonical form, and it is held
 * against what the target has left over.
 */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum { BLOCK = 512 };

/* Where the octets of a gap are. */
struct wanted {
	struct archive_place at;
	uint32_t gap;
};

static int
by_place(const void *x, const void *y)
{
	const struct wanted *a = x, *b = y;

	if (a->at.segment != b->at.segment)
		return a->at.segment < b->at.segment ? -1 : 1;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	return a->gap < b->gap ? -1 : a->gap > b->gap;
}

static struct wanted
wanted_of(const struct audit *a, uint32_t gap)
{
	const struct items *l = &a->evidence;
	const struct item *i = &l->v[a->match.gap[gap].item];
	struct wanted w = { { i->segment, i->line }, gap };

	if (i->linked)
		w.at = l->link[i->line].target;
	return w;
}

/* The gaps by where their octets are; NULL: they stand so, for without links
 * that is the archive's order. */
static struct wanted *
sort_wanted(const struct audit *a)
{
	struct wanted *w;
	uint32_t k;

	if (a->evidence.links == 0)
		return NULL;
	w = xcalloc(a->match.gaps + 1, sizeof(*w));
	for (k = 0; k < a->match.gaps; k++)
		w[k] = wanted_of(a, k);
	qsort(w, a->match.gaps, sizeof(*w), by_place);
	return w;
}

static enum rc
look(struct audit *a, const struct archive_segment *s, const struct wanted *w,
    struct fault *f)
{
	const struct archive_entry *e = &s->entry[w->at.line];
	struct gap *g = &a->match.gap[w->gap];
	const struct item *i = &a->evidence.v[g->item];
	struct facts facts;
	struct body body;
	enum rc rc;

	rc = archive_reader_body(a->archive, w->at.line, &body, f);
	if (rc != RC_OK)
		return rc;
	memset(&facts, 0, sizeof(facts));
	facts.hash = body.digest.hash;
	facts.size = body.digest.wire_size;
	facts.offset = i->linked ?
	    (uint64_t)a->evidence.link[i->line].block * BLOCK :
	    e->offset;
	memcpy(g->canon, body.digest.canon, sizeof(g->canon));
	return notes_add(&a->notes, &facts, &body, &g->note, f);
}

static enum rc
open_segments(struct audit *a, const struct wanted *sorted, struct fault *f)
{
	const uint32_t last = archive_reader_final(a->archive)->totals.segments;
	const struct archive_segment *s = NULL;
	struct wanted w;
	uint32_t k;
	enum rc rc;

	for (k = 0; k < a->match.gaps; k++) {
		w = sorted != NULL ? sorted[k] : wanted_of(a, k);
		if (s == NULL || s->number != w.at.segment) {
			rc = interrupt_check(f);
			if (rc == RC_OK)
				rc = archive_reader_reopen(a->archive,
				    w.at.segment, &s, f);
			if (rc != RC_OK)
				return rc;
			a->opened++;
			a->last_opened = s->number == last;
		}
		rc = look(a, s, &w, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* One pass; keeps what stands for none. */
enum rc
audit_match_extras(struct audit *a, enum proof proof, bool canon,
    struct fault *f)
{
	struct match *m = &a->match;
	struct facts found;
	size_t k, left = 0;
	uint32_t place;
	bool stands;
	enum rc rc;

	for (k = 0; k < a->extra.n; k++) {
		rc = notes_facts(&a->notes, a->extra.v[k].note, &found, f);
		if (rc != RC_OK)
			return rc;
		place = proof == PROOF_RELOCATED ? MATCH_NOWHERE : found.place;
		stands = canon ? match_canon(m, place, proof, &found) :
				 match_key(m, place, proof, &found);
		if (!stands)
			a->extra.v[left++] = a->extra.v[k];
	}
	a->extra.n = left;
	return RC_OK;
}

enum rc
audit_look_at_gaps(struct audit *a, struct fault *f)
{
	const bool canon = a->level == LEVEL_FULL;
	struct wanted *w;
	enum rc rc;

	match_find_gaps(&a->match);
	if (a->match.gaps == 0)
		return RC_OK;
	if (a->extra.n == 0)
		order_release(&a->match.by_key);
	w = sort_wanted(a);
	rc = open_segments(a, w, f);
	free(w);
	if (rc != RC_OK || a->extra.n == 0)
		return rc;
	match_order_gaps(&a->match);
	if (canon)
		rc = audit_match_extras(a, PROOF_LINE_ENDS, true, f);
	if (rc == RC_OK)
		rc = audit_match_extras(a, PROOF_RELOCATED, false, f);
	if (rc == RC_OK && canon)
		rc = audit_match_extras(a, PROOF_RELOCATED, true, f);
	return rc;
}
