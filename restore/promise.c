#include "promise.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

void
promises_add(struct promises *l, uint32_t uid, uint32_t floor,
    const unsigned char canon[16], uint64_t note)
{
	struct promise *p;

	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	p = &l->v[l->n++];
	*p =
	    (struct promise){ .note = note, .uid = uid, .state = PROMISE_OPEN };
	memcpy(p->canon, canon, sizeof(p->canon));
	if (uid == 0 && (l->floor == 0 || floor < l->floor))
		l->floor = floor;
}

static int
by_canon(const void *a, const void *b)
{
	const struct promise *l = a, *r = b;

	return memcmp(l->canon, r->canon, sizeof(l->canon));
}

static int
by_uid(const void *a, const void *b)
{
	const struct promise *l = a, *r = b;

	return (l->uid > r->uid) - (l->uid < r->uid);
}

static int
by_uid_and_canon(const void *a, const void *b)
{
	const int order = by_uid(a, b);

	return order != 0 ? order : by_canon(a, b);
}

void
promises_begin(struct promises *l, bool by_content)
{
	size_t i;

	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v),
		    by_content ? by_canon : by_uid_and_canon);
	l->by_content = by_content;
	l->untold = 0;
	for (i = 0; i < l->n; i++) {
		l->v[i].taken = 0;
		l->untold += by_content || l->v[i].uid == 0;
	}
}

uint32_t
promises_first(const struct promises *l)
{
	uint32_t first;

	if (l->by_content || l->n == 0)
		return 1;
	first = l->untold < l->n ? l->v[l->untold].uid : l->floor;
	return l->floor != 0 && l->floor < first ? l->floor : first;
}

static struct promise *
find(const struct promises *l, const struct promise *key,
    int (*order)(const void *, const void *))
{
	if (key->uid == 0 || l->untold == l->n)
		return NULL;
	return bsearch(key, &l->v[l->untold], l->n - l->untold, sizeof(*l->v),
	    order);
}

bool
promises_want(const struct promises *l, uint32_t uid)
{
	const struct promise key = { .uid = uid };

	return l->by_content || (l->floor != 0 && uid >= l->floor) ||
	    find(l, &key, by_uid) != NULL;
}

/* The next of those that have this content. */
static struct promise *
take_content(struct promises *l, const unsigned char *canon)
{
	size_t low = 0, high = l->untold, middle;
	struct promise *p;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (memcmp(l->v[middle].canon, canon, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == l->untold || low + l->v[low].taken >= l->untold)
		return NULL;
	p = &l->v[low + l->v[low].taken];
	if (memcmp(p->canon, canon, sizeof(p->canon)) != 0)
		return NULL;
	l->v[low].taken++;
	return p;
}

/* A server may tell one UID for two messages, of which it has dropped one. */
struct promise *
promises_settle(struct promises *l, uint32_t uid, const unsigned char *canon)
{
	struct promise key = { .uid = uid }, *same = NULL, *p;

	if (canon != NULL) {
		memcpy(key.canon, canon, sizeof(key.canon));
		same = find(l, &key, by_uid_and_canon);
	}
	p = same != NULL ? same : find(l, &key, by_uid);
	if (p == NULL && canon != NULL)
		p = same = take_content(l, canon);
	if (p != NULL)
		p->state = same != NULL ? PROMISE_KEPT : PROMISE_DIFFERS;
	return p;
}

void
promises_release(struct promises *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}
