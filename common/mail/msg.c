#include <stddef.h>
#include <stdlib.h>

#include "mail/msg.h"
#include "util/mem.h"

void
msgs_add(struct msgs *l, const struct msg *m)
{
	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] = *m;
}

void
msgs_clear(struct msgs *l)
{
	l->n = 0;
}

void
msgs_release(struct msgs *l)
{
	free(l->v);
	*l = (struct msgs)MSGS_INIT;
}

static int
by_uid(const void *a, const void *b)
{
	const struct msg *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

/* Stores list in order, nearly always, and qsort takes memory. */
void
msgs_sort(struct msgs *l)
{
	size_t i = 1;

	while (i < l->n && l->v[i - 1].uid < l->v[i].uid)
		i++;
	if (i < l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_uid);
}
