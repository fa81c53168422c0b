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

/* Where the octets of a gap are. */
struct wanted {
	struct lineage_place at;
	uint32_t gap;
};

static int
by_place(const void *x, const void *y)
{
	const struct wanted *a = x, *b = y;

	if (a->at.generation != b->at.generation)
		return a->at.generation < b->at.generation ? -1 : 1;
	if (a->at.segment != b->at.segment)
		return a->at.segment < b->at.segment ? -1 : 1;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	return a->gap < b->gap ? -1 : a->gap > b->gap;
}

static enum rc
message_of(struct audit *a, uint32_t gap, struct lineage_message *r,
    struct fault *f)
{
	const struct item *i = &a->evidence.v[a->match.gap[gap].item];

	return lineage_again(a->chain, i->id, r, f);
}

/* The gaps by where their octets are; the caller frees. */
static enum rc
sort_wanted(struct audit *a, struct wanted **r, struct fault *f)
{
	struct wanted *w = xcalloc(a->match.gaps + 1, sizeof(*w));
	struct lineage_message m;
	uint32_t k;
	enum rc rc = RC_OK;

	*r = w;
	for (k = 0; k < a->match.gaps && rc == RC_OK; k++) {
		rc = message_of(a, k, &m, f);
		w[k] = (struct wanted){ m.place, k };
	}
	if (rc == RC_OK)
		qsort(w, a->match.gaps, sizeof(*w), by_place);
	return rc;
}

/* Where it lies: itself, unless another archive has its octets. */
static struct listing_place
place_of(const struct audit *a, const struct lineage_message *m,
    const struct archive_entry *e)
{
	const bool own = m->line.generation == m->place.generation;
	struct listing_place at = { m->place.generation, m->place.segment,
		e->offset };

	if (own) {
		at.segment = m->line.segment;
		at.offset = m->offset;
	}
	if (lineage_last(a->chain) == 1)
		at.generation = 0;
	return at;
}

static enum rc
look(struct audit *a, const struct archive_segment *s, const struct wanted *w,
    struct fault *f)
{
	struct gap *g = &a->match.gap[w->gap];
	struct lineage_message m;
	struct facts facts;
	struct body body;
	enum rc rc;

	rc = message_of(a, w->gap, &m, f);
	if (rc == RC_OK)
		rc = archive_reader_body(lineage_reader(a->chain,
					     w->at.generation),
		    w->at.line, &body, f);
	if (rc != RC_OK)
		return rc;
	memset(&facts, 0, sizeof(facts));
	facts.hash = body.digest.hash;
	facts.size = body.digest.wire_size;
	facts.at = place_of(a, &m, &s->entry[w->at.line]);
	memcpy(g->canon, body.digest.canon, sizeof(g->canon));
	return notes_add(&a->notes, &facts, &body, &g->note, f);
}

static enum rc
open_segment(struct audit *a, const struct lineage_place *at,
    const struct archive_segment **r, struct fault *f)
{
	struct opened *o = &a->opened[at->generation - 1];
	enum rc rc;

	rc = interrupt_check(f);
	if (rc == RC_OK)
		rc = lineage_segment(a->chain, at->generation, at->segment, r,
		    f);
	if (rc != RC_OK)
		return rc;
	o->segments++;
	o->last = at->segment ==
	    lineage_final(a->chain, at->generation)->totals.segments;
	return RC_OK;
}

static enum rc
open_segments(struct audit *a, const struct wanted *w, struct fault *f)
{
	const struct archive_segment *s = NULL;
	size_t k;
	enum rc rc;

	a->opened = xcalloc(lineage_last(a->chain), sizeof(*a->opened));
	for (k = 0; k < a->match.gaps; k++) {
		if (k == 0 || w[k].at.segment != w[k - 1].at.segment ||
		    w[k].at.generation != w[k - 1].at.generation) {
			rc = open_segment(a, &w[k].at, &s, f);
			if (rc != RC_OK)
				return rc;
		}
		rc = look(a, s, &w[k], f);
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
	rc = sort_wanted(a, &w, f);
	if (rc == RC_OK)
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
