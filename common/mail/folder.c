#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "mail/folder.h"
#include "util/mem.h"

struct folder *
folders_add(struct folders *l)
{
	struct folder *f;

	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	f = &l->v[l->n++];
	*f = (struct folder){ .wire = NULL };
	return f;
}

const struct folder *
folders_find(const struct folders *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].name != NULL && strcmp(l->v[i].name, name) == 0)
			return &l->v[i];
	return NULL;
}

static int
by_name(const void *a, const void *b)
{
	const struct folder *x = a, *y = b;
	bool inbox_x = strcmp(x->name, "INBOX") == 0;
	bool inbox_y = strcmp(y->name, "INBOX") == 0;

	if (inbox_x != inbox_y)
		return inbox_x ? -1 : 1;
	return strcmp(x->name, y->name);
}

void
folders_sort(struct folders *l)
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), by_name);
}

void
folders_release(struct folders *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		folder_release(&l->v[i]);
	free(l->v);
	*l = (struct folders)FOLDERS_INIT;
}

static char *
copy_of(const char *s)
{
	return s != NULL ? xstrdup(s) : NULL;
}

void
folder_copy(struct folder *to, const struct folder *from)
{
	*to = *from;
	to->wire = copy_of(from->wire);
	to->name = copy_of(from->name);
	to->special = copy_of(from->special);
}

void
folder_release(struct folder *f)
{
	free(f->wire);
	free(f->name);
	free(f->special);
	*f = (struct folder){ .wire = NULL };
}
