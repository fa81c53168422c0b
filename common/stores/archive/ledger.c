#include "stores/archive/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "bytes/spool.h"
#include "util/mem.h"
#include "util/table.h"

enum { LEDGER_BOUND = 4 << 20 }; /* octets of records in memory */

/* Where a record belongs in the canonical order. */
struct place {
	uint32_t folder;
	uint32_t uid;
	uint32_t id;
};

struct ledger {
	struct spool *records;
	struct table keys;
	struct place *order; /* NULL until sorted */
	uint32_t n;
};

struct ledger *
ledger_new(void)
{
	struct ledger *l;

	l = xcalloc(1, sizeof(*l));
	l->records = spool_new(LEDGER_BOUND);
	return l;
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	spool_free(l->records);
	table_release(&l->keys);
	free(l->order);
	free(l);
}

bool
record_is_same(const void *want, const struct record *have)
{
	const struct record *r = want;
	const unsigned bits = RECORD_DATED | RECORD_RAW;

	return hash_equal(&r->hash, &have->hash) &&
	    (r->bits & bits) == (have->bits & bits) &&
	    ((r->bits & RECORD_DATED) == 0 || r->epoch == have->epoch);
}

uint64_t
record_key(const struct record *r)
{
	const bool dated = (r->bits & RECORD_DATED) != 0;
	const uint64_t time = dated ? (uint64_t)r->epoch : 0;
	uint64_t key;

	memcpy(&key, r->hash.b, sizeof(key));
	key ^= (time + 1) * UINT64_C(0x9e3779b97f4a7c15);
	return key ^ (r->bits & (RECORD_DATED | RECORD_RAW));
}

uint32_t
ledger_count(const struct ledger *l)
{
	return l->n;
}

enum rc
ledger_add(struct ledger *l, const struct record *r, const uint64_t *key,
    struct fault *f)
{
	enum rc rc;

	if (l->n == TABLE_NONE - 1)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "an archive cannot hold more than %u members", l->n);
	rc = spool_add(l->records, r, sizeof(*r), f);
	if (rc != RC_OK)
		return rc;
	if (key != NULL)
		table_add(&l->keys, *key, l->n);
	l->n++;
	return RC_OK;
}

enum rc
ledger_get(struct ledger *l, uint32_t id, struct record *r, struct fault *f)
{
	return spool_read(l->records, (uint64_t)id * sizeof(*r), r, sizeof(*r),
	    f);
}

struct search {
	struct ledger *ledger;
	ledger_is_fn *is;
	const void *want;
	struct record *found;
	struct fault *fault;
	enum rc *rc;
};

static bool
is_wanted(const void *arg, uint32_t id)
{
	const struct search *s = arg;

	*s->rc = ledger_get(s->ledger, id, s->found, s->fault);
	/* A failure ends the search, too. */
	return *s->rc != RC_OK || s->is(s->want, s->found);
}

enum rc
ledger_find(struct ledger *l, uint64_t key, ledger_is_fn *is, const void *want,
    struct record *r, struct fault *f)
{
	enum rc rc = RC_OK;
	struct search s = { l, is, want, r, f, &rc };
	struct table_cursor c;
	uint32_t id;

	id = table_first(&l->keys, key, is_wanted, &s, &c);
	return id == TABLE_NONE ? RC_END : rc;
}

static int
compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->folder != y->folder)
		return x->folder < y->folder ? -1 : 1;
	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static enum rc
list_places(struct ledger *l, struct fault *f)
{
	struct record r;
	uint32_t i;
	enum rc rc;

	free(l->order);
	l->order = xcalloc((size_t)l->n + 1, sizeof(*l->order));
	for (i = 0; i < l->n; i++) {
		rc = ledger_get(l, i, &r, f);
		if (rc != RC_OK)
			return rc;
		l->order[i] = (struct place){ r.folder, r.uid, i };
		if ((r.bits & RECORD_FILE) != 0)
			l->order[i].folder = UINT32_MAX;
	}
	return RC_OK;
}

enum rc
ledger_sort(struct ledger *l, struct record *twin_r, struct fault *f)
{
	const struct place *p;
	uint32_t i;
	bool sorted = true;
	enum rc rc;

	/* Who sorts looks for nothing any more, and has memory for one. */
	table_release(&l->keys);
	rc = list_places(l, f);
	if (rc != RC_OK)
		return rc;
	for (i = 1; i < l->n && sorted; i++)
		sorted = compare(&l->order[i - 1], &l->order[i]) < 0;
	if (!sorted)
		qsort(l->order, l->n, sizeof(*l->order), compare);
	for (i = 1; i < l->n; i++) {
		p = &l->order[i];
		if (p->folder == UINT32_MAX || p[-1].folder != p->folder ||
		    p[-1].uid != p->uid)
			continue;
		rc = ledger_get(l, p->id, twin_r, f);
		return rc == RC_OK ? RC_END : rc;
	}
	return RC_OK;
}

enum rc
ledger_sorted(struct ledger *l, uint32_t i, struct record *r, struct fault *f)
{
	if (i >= l->n || l->order[i].folder == UINT32_MAX)
		return RC_END;
	return ledger_get(l, l->order[i].id, r, f);
}
