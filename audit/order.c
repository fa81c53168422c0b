#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

enum { BUCKET_SIZE = 4, BITS_MAX = 26 };

static int
compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare(const struct rank *a, const struct rank *b, enum rank_depth depth)
{
	int d;

	d = memcmp(a->key, b->key, a->key_len);
	if (d == 0)
		d = compare_numbers(a->eol, b->eol);
	if (d == 0 && depth >= RANK_PLACE)
		d = compare_numbers(a->place, b->place);
	if (d != 0 || depth < RANK_LABEL)
		return d;
	d = compare_numbers(a->dated, b->dated);
	if (d == 0 && a->epoch != b->epoch)
		d = a->epoch < b->epoch ? -1 : 1;
	return d != 0 ? d : compare_numbers(a->label, b->label);
}

static int
by_rank(const void *x, const void *y, void *arg)
{
	const struct order *o = arg;
	struct rank a, b;
	int d;

	o->rank(o->arg, *(const uint32_t *)x, &a);
	o->rank(o->arg, *(const uint32_t *)y, &b);
	d = compare(&a, &b, RANK_LABEL);
	return d != 0 ? d : compare_numbers(a.id, b.id);
}

static size_t
bucket_of(const struct order *o, const unsigned char *key)
{
	const uint32_t head = (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 |
	    (uint32_t)key[2] << 8 | key[3];

	return o->bits == 0 ? 0 : head >> (32 - o->bits);
}

/* Counts, adds up, and puts each id into its bucket. */
static void
fill(struct order *o)
{
	const size_t buckets = (size_t)1 << o->bits;
	struct rank r;
	size_t i;

	for (i = 0; i < o->n; i++) {
		o->rank(o->arg, (uint32_t)i, &r);
		o->start[bucket_of(o, r.key) + 1]++;
	}
	for (i = 0; i < buckets; i++)
		o->start[i + 1] += o->start[i];
	/* from the last to the first, so that ids rise inside a bucket */
	for (i = o->n; i-- > 0;) {
		o->rank(o->arg, (uint32_t)i, &r);
		o->id[--o->start[bucket_of(o, r.key) + 1]] = (uint32_t)i;
	}
	memmove(o->start, o->start + 1, buckets * sizeof(*o->start));
	o->start[buckets] = (uint32_t)o->n;
}

void
order_init(struct order *o, size_t n, rank_fn *rank, const void *arg)
{
	size_t i, members;

	*o = (struct order){ .rank = rank, .arg = arg, .n = n };
	while (o->bits < BITS_MAX && ((size_t)BUCKET_SIZE << o->bits) < n)
		o->bits++;
	o->id = xcalloc(n + 1, sizeof(*o->id));
	o->next = xcalloc(n + 1, sizeof(*o->next));
	o->start = xcalloc(((size_t)1 << o->bits) + 1, sizeof(*o->start));
	fill(o);
	for (i = 0; i < (size_t)1 << o->bits; i++) {
		members = o->start[i + 1] - o->start[i];
		if (members > 1)
			qsort_r(o->id + o->start[i], members, sizeof(*o->id),
			    by_rank, o);
	}
	for (i = 0; i <= n; i++)
		o->next[i] = (uint32_t)i;
}

void
order_release(struct order *o)
{
	free(o->id);
	free(o->next);
	free(o->start);
	memset(o, 0, sizeof(*o));
}

/* The first in [at, end) that stands behind r, or beside it unless past. */
static uint32_t
bound(struct order *o, const struct rank *r, enum rank_depth depth, bool past,
    const uint32_t range[2])
{
	uint32_t at = range[0], end = range[1], middle;
	struct rank other;
	int d;

	while (at < end) {
		middle = at + (end - at) / 2;
		o->rank(o->arg, o->id[middle], &other);
		o->steps++;
		d = compare(&other, r, depth);
		if (d < 0 || (d == 0 && past))
			at = middle + 1;
		else
			end = middle;
	}
	return at;
}

void
order_find(struct order *o, const struct rank *r, enum rank_depth depth,
    uint32_t *at_r, uint32_t *end_r)
{
	const size_t bucket = bucket_of(o, r->key);
	uint32_t range[2] = { o->start[bucket], o->start[bucket + 1] };

	*at_r = range[0] = bound(o, r, depth, false, range);
	*end_r = bound(o, r, depth, true, range);
}

uint32_t
order_free(struct order *o, uint32_t at)
{
	while (o->next[at] != at) {
		o->steps++;
		o->next[at] = o->next[o->next[at]];
		at = o->next[at];
	}
	return at;
}

void
order_take(struct order *o, uint32_t at)
{
	o->next[at] = at + 1;
}
