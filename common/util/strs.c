#include "util/strs.h"

#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/mem.h"

void
strs_add(struct strs *s, const char *text)
{
	strs_take(s, xstrdup(text));
}

void
strs_addn(struct strs *s, const char *text, size_t n)
{
	strs_take(s, xstrndup(text, n));
}

void
strs_take(struct strs *s, char *text)
{
	s->v = xgrow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = text;
}

bool
strs_has(const struct strs *s, const char *text)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (strcmp(s->v[i], text) == 0)
			return true;
	}
	return false;
}

static int
compare(const void *a, const void *b)
{
	char *const *x = a;
	char *const *y = b;

	return strcmp(*x, *y);
}

void
strs_sort(struct strs *s)
{
	if (s->n > 1)
		qsort(s->v, s->n, sizeof(*s->v), compare);
}

void
strs_copy(struct strs *to, const struct strs *from)
{
	size_t i;

	if (to == from)
		return;
	strs_release(to);
	for (i = 0; i < from->n; i++)
		strs_add(to, from->v[i]);
}

char *
strs_join(const struct strs *s, const char *sep)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (i > 0)
			buf_adds(&b, sep);
		buf_adds(&b, s->v[i]);
	}
	return buf_steal(&b);
}

void
strs_release(struct strs *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	s->v = NULL;
	s->n = 0;
	s->cap = 0;
}
