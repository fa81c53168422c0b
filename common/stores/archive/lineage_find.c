/* Messages of a chain by their octets, and by where these are. */
#include <stdlib.h>
#include <string.h>

#include "stores/archive/lineaging.h"
#include "util/mem.h"

struct search {
	struct lineage *l;
	const struct kin *want;
	bool dated; /* the INTERNALDATE, too */
	struct kin *found;
	struct fault *fault;
	enum rc *rc;
};

static bool
is_wanted(const void *arg, uint32_t id)
{
	const struct search *s = arg;
	const struct lineage_message *a = &s->want->m, *b = &s->found->m;

	*s->rc = kin_get(s->l, id, s->found, s->fault);
	/* A failure ends the search, too. */
	if (*s->rc != RC_OK)
		return true;
	return hash_equal(&a->hash, &b->hash) && a->eol == b->eol &&
	    (!s->dated ||
		(a->msg.date.known == b->msg.date.known &&
		    a->msg.date.epoch == b->msg.date.epoch));
}

static uint64_t
key(const struct kin *k, bool dated)
{
	const struct record r = lineage_record(&k->m);
	uint64_t plain;

	if (dated)
		return record_key(&r);
	memcpy(&plain, r.hash.b, sizeof(plain));
	return plain;
}

static enum rc
find(struct lineage *l, const struct kin *want, bool dated, struct kin *found,
    struct fault *f)
{
	enum rc rc = RC_OK;
	const struct search s = { l, want, dated, found, f, &rc };
	struct table_cursor c;

	if (table_first(&l->octets, key(want, dated), is_wanted, &s, &c) ==
	    TABLE_NONE)
		return RC_END;
	return rc;
}

/* Of equal ones the first: copies must not share a chain. */
static enum rc
add(struct lineage *l, const struct kin *k, uint32_t id, struct fault *f)
{
	struct kin twin;
	unsigned dated;
	enum rc rc;

	for (dated = 0; dated < 2; dated++) {
		rc = find(l, k, dated == 1, &twin, f);
		if (rc == RC_STORE)
			return rc;
		if (rc == RC_END)
			table_add(&l->octets, key(k, dated == 1), id);
	}
	return RC_OK;
}

enum rc
lineage_index(struct lineage *l, struct fault *f)
{
	const struct kin_segment *s;
	const struct generation *g;
	struct kin k;
	uint32_t i, n;
	size_t at;
	enum rc rc;

	for (g = l->generation; l->options.next && g < l->generation + l->at;
	     g++)
		for (at = 0; at < g->segments; at++) {
			s = &g->segment[at];
			for (i = s->first, n = s->lines; n > 0; i++, n--) {
				rc = kin_get(l, i, &k, f);
				if (rc == RC_OK && !k.link)
					rc = add(l, &k, i, f);
				if (rc != RC_OK)
					return rc;
			}
		}
	return RC_OK;
}

enum rc
lineage_find(struct lineage *l, const struct hash *hash, enum eol eol,
    const struct mdate *date, struct lineage_message *r, struct fault *f)
{
	const struct kin want = {
		.m = { .hash = *hash,
		    .eol = eol,
		    .msg = { .date = *date, .keywords = "" } }
	};
	struct kin found;
	enum rc rc;

	rc = find(l, &want, true, &found, f);
	if (rc == RC_END)
		rc = find(l, &want, false, &found, f);
	if (rc == RC_OK)
		*r = found.m;
	return rc;
}

/* A member of the state and where its octets are. */
struct placed {
	struct lineage_place place;
	uint32_t i;
};

static int
compare(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	const struct lineage_place *p = &x->place, *q = &y->place;

	if (p->generation != q->generation)
		return p->generation < q->generation ? -1 : 1;
	if (p->segment != q->segment)
		return p->segment < q->segment ? -1 : 1;
	if (p->line != q->line)
		return p->line < q->line ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

enum rc
lineage_place_order(struct lineage *l, struct fault *f)
{
	struct placed *v;
	struct kin k;
	uint32_t i;
	enum rc rc = RC_OK;

	if (l->placed != NULL)
		return RC_OK;
	v = xcalloc(l->now.n + 1, sizeof(*v));
	for (i = 0; i < l->now.n && rc == RC_OK; i++) {
		rc = kin_get(l, l->now.v[i].id, &k, f);
		v[i] = (struct placed){ k.m.place, i };
	}
	if (rc == RC_OK) {
		qsort(v, l->now.n, sizeof(*v), compare);
		l->placed = xcalloc(l->now.n + 1, sizeof(*l->placed));
		for (i = 0; i < l->now.n; i++)
			l->placed[i] = v[i].i;
	}
	free(v);
	return rc;
}
