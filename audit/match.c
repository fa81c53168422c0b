#include <stdlib.h>
#include <string.h>

#include "match.h"
#include "util/mem.h"

/*
 * Among equal copies the one with the same date and flags is taken, so
 * that a drift is not reported where there is none.  So many copies are
 * looked at; a mailbox with ten thousand equal mails must not take
 * ten thousand squared.
 */
enum { CANDIDATES_MAX = 64 };

enum how { BY_BYTES, BY_CANON };

struct wanted {
	const struct match *match;
	const struct item *found;
	uint32_t place; /* MATCH_NOWHERE: anywhere */
	enum how how;
};

static uint64_t
hash_key(const struct item *i)
{
	uint64_t h;

	memcpy(&h, i->hash.b, sizeof(h));
	return h;
}

static uint64_t
canon_key(const struct item *i)
{
	uint64_t h;

	memcpy(&h, i->canon, sizeof(h));
	return h;
}

static bool
is_wanted(const void *arg, uint32_t id)
{
	const struct wanted *w = arg;
	const struct item *i = &w->match->archive->v[id];

	if (i->proof != PROOF_MISSING)
		return false;
	if (w->place != MATCH_NOWHERE &&
	    w->match->place[i->msg.folder] != w->place)
		return false;
	if (w->how == BY_CANON)
		return memcmp(i->canon, w->found->canon, sizeof(i->canon)) == 0;
	return i->eol == w->found->eol && hash_equal(&i->hash, &w->found->hash);
}

void
match_init(struct match *m, struct items *archive, const uint32_t *place)
{
	const struct item *i;
	size_t k;

	memset(m, 0, sizeof(*m));
	m->archive = archive;
	m->place = place;
	for (k = 0; k < archive->n; k++) {
		i = &archive->v[k];
		table_add(&m->by_hash, hash_key(i), (uint32_t)k);
		table_add(&m->by_canon, canon_key(i), (uint32_t)k);
	}
}

void
match_release(struct match *m)
{
	table_release(&m->by_hash);
	table_release(&m->by_canon);
	free(m->drift);
	m->drift = NULL;
}

static bool
same_date(const struct msg *a, const struct msg *b)
{
	return !a->date.known || !b->date.known ||
	    a->date.epoch == b->date.epoch;
}

static int
likeness(const struct msg *a, const struct msg *b)
{
	return (same_date(a, b) ? 4 : 0) + (a->flags == b->flags ? 2 : 0) +
	    (strcmp(a->keywords, b->keywords) == 0 ? 1 : 0);
}

static struct item *
best_candidate(struct match *m, const struct wanted *w)
{
	const struct table *t = w->how == BY_BYTES ? &m->by_hash : &m->by_canon;
	uint64_t key =
	    w->how == BY_BYTES ? hash_key(w->found) : canon_key(w->found);
	struct item *best = NULL;
	struct table_cursor c;
	int like, best_like = -1, tried = 0;
	uint32_t id;

	for (id = table_first(t, key, is_wanted, w, &c);
	     id != TABLE_NONE && tried < CANDIDATES_MAX;
	     id = table_next(t, is_wanted, w, &c), tried++) {
		like = likeness(&m->archive->v[id].msg, &w->found->msg);
		if (like > best_like) {
			best = &m->archive->v[id];
			best_like = like;
		}
	}
	return best;
}

static void
note_drift(struct match *m, const struct item *i, const struct msg *found)
{
	struct drift d = {
		.item = (size_t)(i - m->archive->v),
		.date = !same_date(&i->msg, found),
		.flags = i->msg.flags != found->flags,
		.keywords = strcmp(i->msg.keywords, found->keywords) != 0,
		.found = *found,
	};

	if (!d.date && !d.flags && !d.keywords)
		return;
	m->drift =
	    xgrow(m->drift, m->drifts, &m->drifts_cap, sizeof(*m->drift));
	m->drift[m->drifts++] = d;
}

/* One pass over the found; keeps those that stand for none. */
static void
pass(struct match *m, uint32_t place, enum how how, enum proof proof,
    struct items *found)
{
	struct wanted w = { .match = m, .place = place, .how = how };
	struct item *i;
	size_t k, left = 0;

	for (k = 0; k < found->n; k++) {
		w.found = &found->v[k];
		i = best_candidate(m, &w);
		if (i == NULL) {
			if (left != k)
				found->v[left] = found->v[k];
			left++;
			continue;
		}
		i->proof = proof;
		i->found_folder = w.found->msg.folder;
		i->found_uid = w.found->msg.uid;
		note_drift(m, i, &w.found->msg);
	}
	found->n = left;
}

void
match_place(struct match *m, uint32_t place, struct items *found)
{
	pass(m, place, BY_BYTES, PROOF_IDENTICAL, found);
	pass(m, place, BY_CANON, PROOF_LINE_ENDS, found);
}

void
match_headers(struct match *m, uint32_t place, struct items *found)
{
	pass(m, place, BY_CANON, PROOF_HEADER, found);
}

void
match_elsewhere(struct match *m, struct items *left)
{
	pass(m, MATCH_NOWHERE, BY_BYTES, PROOF_RELOCATED, left);
	pass(m, MATCH_NOWHERE, BY_CANON, PROOF_RELOCATED, left);
}

static int
by_item(const void *x, const void *y)
{
	const struct drift *a = x, *b = y;

	return a->item < b->item ? -1 : a->item > b->item;
}

void
match_sort_drift(struct match *m)
{
	if (m->drifts > 0)
		qsort(m->drift, m->drifts, sizeof(*m->drift), by_item);
}
