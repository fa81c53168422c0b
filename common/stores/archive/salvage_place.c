/* Where the data of each manifest lies, and what data has none. */
#include <stdlib.h>
#include <string.h>

#include "stores/archive/salvaging.h"
#include "util/mem.h"

static int
by_place(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* How many marks lie before this octet. */
static size_t
marks_before(const struct salvage *s, uint64_t at)
{
	size_t low = 0, high = s->marks, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->mark[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
add(struct salvage *s, const struct region *r)
{
	s->region =
	    xgrow(s->region, s->regions, &s->region_cap, sizeof(*s->region));
	s->region[s->regions++] = *r;
}

/* The end of the manifest before this octet. */
static uint64_t
floor_of(const struct salvage *s, uint64_t at)
{
	uint64_t floor = 0;
	size_t i;

	for (i = 0; i < s->parts; i++)
		if (s->part[i].at < at && s->part[i].end > floor &&
		    s->part[i].end <= at)
			floor = s->part[i].end;
	return floor;
}

/*
 * D ends where its manifest starts.  It starts where the manifest says if a
 * frame does so there; else octets were put in or are lost, and it starts
 * at the frame before, if there is one: what does not belong to D is found
 * out by its blocks.
 */
static void
place_part(struct salvage *s, uint32_t i)
{
	const struct part *p = &s->part[i];
	const uint64_t floor = floor_of(s, p->at);
	const size_t n = marks_before(s, p->at);
	struct region r = { .to = p->at, .size = p->data.size, .part = i };
	size_t k;

	r.from =
	    p->data.compressed < p->at ? p->at - p->data.compressed : floor;
	if (r.from < floor)
		r.from = floor;
	k = marks_before(s, r.from);
	if ((k == s->marks || s->mark[k] != r.from) && n > 0 &&
	    s->mark[n - 1] >= floor)
		r.from = s->mark[n - 1];
	add(s, &r);
}

/* Where the next thing that is known starts. */
static uint64_t
next_after(const struct salvage *s, uint64_t at)
{
	const size_t k = marks_before(s, at + 1);
	uint64_t next = k < s->marks ? s->mark[k] : scan_size(s->scan);
	size_t i;

	for (i = 0; i < s->parts; i++)
		if (s->part[i].at > at && s->part[i].at < next)
			next = s->part[i].at;
	return next;
}

static void
place_marks(struct salvage *s)
{
	const size_t known = s->regions;
	struct region r = { .part = REGION_STRAY };
	size_t i, k = 0;

	for (i = 0; i < s->marks; i++) {
		r.from = s->mark[i];
		while (k < known && s->region[k].to <= r.from)
			k++;
		if (k < known && s->region[k].from <= r.from)
			continue;
		r.to = next_after(s, r.from);
		add(s, &r);
	}
}

void
salvage_place(struct salvage *s)
{
	uint32_t i;

	for (i = 0; i < s->parts; i++)
		place_part(s, i);
	if (s->regions > 0)
		qsort(s->region, s->regions, sizeof(*s->region), by_place);
	place_marks(s);
	if (s->regions > 0)
		qsort(s->region, s->regions, sizeof(*s->region), by_place);
}

enum rc
salvage_unpack(struct salvage *s, uint32_t region, struct fault *f)
{
	const struct region *r = &s->region[region];
	struct torn_frame w = { .from = r->from,
		.to = r->part == REGION_STRAY ? 0 : r->to,
		.size = r->size };
	struct torn_state state;
	enum rc rc;

	if (s->at_hand == region)
		return RC_OK;
	s->at_hand = REGION_STRAY;
	spool_clear(s->tar);
	rc = torn_unpack(s->torn, s->scan, &w, s->tar, &state, f);
	if (rc == RC_OK && r->part == REGION_STRAY && !state.ended) {
		/* Its end is lost: it is where something else starts. */
		w.to = r->to;
		spool_clear(s->tar);
		rc = torn_unpack(s->torn, s->scan, &w, s->tar, &state, f);
	}
	if (rc != RC_OK)
		return rc;
	if (r->part == REGION_STRAY && state.ended) {
		s->region[region].to = state.end;
		s->region[region].ended = true;
	}
	s->at_hand = region;
	return RC_OK;
}
