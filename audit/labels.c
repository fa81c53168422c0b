#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "side.h"
#include "util/mem.h"

struct label {
	const char *keywords;
	unsigned flags;
};

struct labels {
	struct label *v;
	size_t n;
	size_t cap;
	struct table by_text;
	struct atoms *atoms;
};

struct labels *
labels_new(void)
{
	struct labels *l = xcalloc(1, sizeof(*l));

	l->atoms = atoms_new();
	return l;
}

void
labels_free(struct labels *l)
{
	if (l == NULL)
		return;
	table_release(&l->by_text);
	atoms_free(l->atoms);
	free(l->v);
	free(l);
}

struct wanted {
	const struct labels *labels;
	const struct msg *msg;
};

static bool
is_wanted(const void *arg, uint32_t id)
{
	const struct wanted *w = arg;
	const struct label *l = &w->labels->v[id];

	return l->flags == w->msg->flags &&
	    strcmp(l->keywords, w->msg->keywords) == 0;
}

uint32_t
labels_add(struct labels *l, const struct msg *m)
{
	const size_t len = strlen(m->keywords);
	const uint64_t key = XXH3_64bits(m->keywords, len) ^ m->flags;
	const struct wanted w = { l, m };
	struct table_cursor c;
	uint32_t id;

	id = table_first(&l->by_text, key, is_wanted, &w, &c);
	if (id != TABLE_NONE)
		return id;
	id = (uint32_t)l->n;
	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] =
	    (struct label){ atoms_get(l->atoms, m->keywords, len), m->flags };
	table_add(&l->by_text, key, id);
	return id;
}

const char *
labels_keywords(const struct labels *l, uint32_t label)
{
	return l->v[label].keywords;
}

unsigned
labels_flags(const struct labels *l, uint32_t label)
{
	return l->v[label].flags;
}
