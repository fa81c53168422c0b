#include "copies.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

void
copies_add(struct copy_list *l, uint32_t box, const struct look *look,
    uint64_t size)
{
	struct copy *c;

	l->v = xgrow(l->v, l->n, &l->cap, sizeof(l->v[0]));
	c = &l->v[l->n++];
	memcpy(c->key, look->key, sizeof(c->key));
	c->id = look->id;
	c->size = size;
	c->box = box;
	c->has = (look->keyed ? COPY_KEY : 0) | (look->has_id ? COPY_ID : 0);
}

void
copies_release(struct copy_list *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

/* Equal ones side by side, and of these the ones of a folder. */
static int
by_key(const void *x, const void *y)
{
	const struct copy *a = x, *b = y;
	int d = memcmp(a->key, b->key, sizeof(a->key));

	if (d != 0)
		return d;
	return a->box < b->box ? -1 : a->box > b->box;
}

static int
by_id(const void *x, const void *y)
{
	const struct copy *a = x, *b = y;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return memcmp(a->key, b->key, sizeof(a->key));
}

static void
count_group(const struct copy *v, size_t n, struct copies *r)
{
	size_t i;

	if (n < 2)
		return;
	r->groups++;
	r->spare += n - 1;
	if (n > r->largest)
		r->largest = n;
	for (i = 1; i < n; i++) {
		r->bytes += v[i].size;
		if (v[i].box == v[i - 1].box)
			r->spare_here++;
	}
}

/* Those without the thing go to the end; returns how many have it. */
static size_t
set_aside(struct copy_list *l, uint32_t has)
{
	struct copy swap;
	size_t i, n = 0;

	for (i = 0; i < l->n; i++) {
		if ((l->v[i].has & has) == 0)
			continue;
		swap = l->v[n];
		l->v[n++] = l->v[i];
		l->v[i] = swap;
	}
	return n;
}

static void
count_copies(struct copy_list *l, struct copies *r)
{
	const size_t n = set_aside(l, COPY_KEY);
	size_t i, end;

	if (n > 0)
		qsort(l->v, n, sizeof(l->v[0]), by_key);
	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n; end++)
			if (memcmp(l->v[i].key, l->v[end].key,
				sizeof(l->v[i].key)) != 0)
				break;
		count_group(&l->v[i], end - i, r);
	}
}

static void
count_ids(struct copy_list *l, struct copies *r)
{
	const size_t n = set_aside(l, COPY_ID);
	size_t i, end;

	if (n > 0)
		qsort(l->v, n, sizeof(l->v[0]), by_id);
	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n; end++)
			if (l->v[i].id != l->v[end].id)
				break;
		/* in the order of keys: all are equal if the ends are */
		if (memcmp(l->v[i].key, l->v[end - 1].key,
			sizeof(l->v[i].key)) == 0)
			continue;
		r->shared_ids++;
		r->shared += end - i;
	}
}

void
copies_end(struct copy_list *l, struct copies *r)
{
	count_copies(l, r);
	count_ids(l, r);
}
