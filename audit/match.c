#include "match.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

/* So many are looked at when none has the same date, flags and keywords. */
enum { CANDIDATES_MAX = 64 };

static void
rank_item(const struct match *m, const struct item *i, struct rank *r)
{
	r->eol = i->eol;
	r->place = m->place[i->folder];
	r->dated = i->dated;
	r->epoch = i->epoch;
	r->label = i->label;
}

static void
rank_by_key(const void *arg, uint32_t id, struct rank *r)
{
	const struct match *m = arg;
	const struct item *i = &m->archive->v[id];

	rank_item(m, i, r);
	r->key = i->key.b;
	r->key_len = sizeof(i->key.b);
	r->id = id;
}

static void
rank_by_canon(const void *arg, uint32_t id, struct rank *r)
{
	const struct match *m = arg;
	const struct gap *g = &m->gap[id];

	rank_item(m, &m->archive->v[g->item], r);
	r->key = g->canon;
	r->key_len = sizeof(g->canon);
	r->eol = 0; /* it is what canon does without */
	r->id = id;
}

void
match_init(struct match *m, struct items *archive, const struct labels *labels,
    const uint32_t *place)
{
	memset(m, 0, sizeof(*m));
	m->archive = archive;
	m->labels = labels;
	m->place = place;
	order_init(&m->by_key, archive->n, rank_by_key, m);
}

void
match_release(struct match *m)
{
	order_release(&m->by_key);
	order_release(&m->by_canon);
	free(m->gap);
	free(m->drift);
	free(m->moved);
	m->moved = NULL;
	m->gap = NULL;
	m->drift = NULL;
}

static bool
same_date(const struct item *i, const struct facts *found)
{
	return !i->dated || !found->dated || i->epoch == found->epoch;
}

static bool
same_flags(const struct match *m, const struct item *i,
    const struct facts *found)
{
	return labels_flags(m->labels, i->label) ==
	    labels_flags(m->labels, found->label);
}

/* Keywords are kept once. */
static bool
same_keywords(const struct match *m, const struct item *i,
    const struct facts *found)
{
	return labels_keywords(m->labels, i->label) ==
	    labels_keywords(m->labels, found->label);
}

static int
likeness(const struct match *m, const struct item *i, const struct facts *found)
{
	return (same_date(i, found) ? 4 : 0) +
	    (same_flags(m, i, found) ? 2 : 0) +
	    (same_keywords(m, i, found) ? 1 : 0);
}

/* One of two orders of the archive's items. */
struct search {
	struct match *match;
	struct order *order;
	bool gaps; /* its ids are of gaps, not of items */
	struct rank rank;
	const struct facts *found;
};

static struct item *
item_at(const struct search *s, uint32_t at)
{
	const struct match *m = s->match;
	const uint32_t id = s->order->id[at];

	return &m->archive->v[s->gaps ? m->gap[id].item : id];
}

/* The first in [at, end) that is still missing: an item may have been taken
 * by its other order.  end: there is none. */
static uint32_t
first_missing(const struct search *s, uint32_t at, uint32_t end)
{
	for (;;) {
		at = order_free(s->order, at);
		if (at >= end)
			return end;
		if (item_at(s, at)->proof == PROOF_MISSING)
			return at;
		order_take(s->order, at);
	}
}

/* Of those in [at, end) the one most alike, the first of such; end: none. */
static uint32_t
most_alike(const struct search *s, uint32_t at, uint32_t end)
{
	uint32_t best = end;
	int like, best_like = -1, tried;

	at = first_missing(s, at, end);
	for (tried = 0; at < end && tried < CANDIDATES_MAX; tried++) {
		like = likeness(s->match, item_at(s, at), s->found);
		s->order->steps++;
		if (like > best_like ||
		    (like == best_like &&
			s->order->id[at] < s->order->id[best])) {
			best = at;
			best_like = like;
		}
		at = first_missing(s, at + 1, end);
	}
	return best;
}

/* Where the item is that is to be taken; false: nowhere. */
static bool
find(struct search *s, uint32_t *at_r)
{
	const bool anywhere = s->rank.place == MATCH_NOWHERE;
	uint32_t at, end;

	if (!anywhere && s->rank.dated) {
		order_find(s->order, &s->rank, RANK_LABEL, &at, &end);
		*at_r = first_missing(s, at, end);
		if (*at_r < end)
			return true;
	}
	order_find(s->order, &s->rank, anywhere ? RANK_KEY : RANK_PLACE, &at,
	    &end);
	*at_r = most_alike(s, at, end);
	return *at_r < end;
}

static void
note_drift(struct match *m, const struct item *i, const struct facts *found)
{
	struct drift d = {
		.epoch = found->epoch,
		.item = (uint32_t)(i - m->archive->v),
		.label = found->label,
		.date = !same_date(i, found),
		.flags = !same_flags(m, i, found),
		.keywords = !same_keywords(m, i, found),
	};

	if (!d.date && !d.flags && !d.keywords)
		return;
	m->drift =
	    xgrow(m->drift, m->drifts, &m->drifts_cap, sizeof(*m->drift));
	m->drift[m->drifts++] = d;
}

static void
note_moved(struct match *m, const struct item *i, const struct facts *found)
{
	m->moved = xgrow(m->moved, m->moves, &m->moved_cap, sizeof(*m->moved));
	m->moved[m->moves++] = (struct moved){ (uint32_t)(i - m->archive->v),
		found->place, found->uid };
}

static bool
take(struct search *s, enum proof proof)
{
	struct match *m = s->match;
	struct item *i;
	uint32_t at;

	if (!find(s, &at))
		return false;
	order_take(s->order, at);
	i = item_at(s, at);
	i->proof = (uint8_t)proof;
	note_drift(m, i, s->found);
	if (proof == PROOF_RELOCATED)
		note_moved(m, i, s->found);
	return true;
}

static struct rank
rank_of(uint32_t place, const struct facts *found)
{
	return (struct rank){ .key = found->key.b,
		.key_len = sizeof(found->key.b),
		.eol = found->eol,
		.place = place,
		.dated = found->dated,
		.epoch = found->epoch,
		.label = found->label };
}

bool
match_key(struct match *m, uint32_t place, enum proof proof,
    const struct facts *found)
{
	struct search s = { m, &m->by_key, false, rank_of(place, found),
		found };

	return take(&s, proof);
}

bool
match_canon(struct match *m, uint32_t place, enum proof proof,
    const struct facts *found)
{
	struct search s = { m, &m->by_canon, true, rank_of(place, found),
		found };

	s.rank.key = found->canon;
	s.rank.key_len = sizeof(found->canon);
	s.rank.eol = 0;
	return take(&s, proof);
}

void
match_find_gaps(struct match *m)
{
	size_t k, n = 0;

	for (k = 0; k < m->archive->n; k++)
		n += m->archive->v[k].proof == PROOF_MISSING;
	m->gap = xcalloc(n + 1, sizeof(*m->gap));
	for (k = 0; k < m->archive->n; k++)
		if (m->archive->v[k].proof == PROOF_MISSING)
			m->gap[m->gaps++].item = (uint32_t)k;
}

void
match_order_gaps(struct match *m)
{
	order_init(&m->by_canon, m->gaps, rank_by_canon, m);
}

static int
drifts_by_item(const void *x, const void *y)
{
	const struct drift *a = x, *b = y;

	return a->item < b->item ? -1 : a->item > b->item;
}

static int
moves_by_item(const void *x, const void *y)
{
	const struct moved *a = x, *b = y;

	return a->item < b->item ? -1 : a->item > b->item;
}

void
match_end(struct match *m)
{
	if (m->drifts > 0)
		qsort(m->drift, m->drifts, sizeof(*m->drift), drifts_by_item);
	if (m->moves > 0)
		qsort(m->moved, m->moves, sizeof(*m->moved), moves_by_item);
}

const struct moved *
match_moved(const struct match *m, uint32_t item)
{
	const struct moved key = { .item = item };
	const struct moved *r;

	r = bsearch(&key, m->moved, m->moves, sizeof(*m->moved), moves_by_item);
	assert(r != NULL);
	return r;
}
