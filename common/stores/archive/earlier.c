#include "stores/archive/earlier.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "mail/flags.h"
#include "util/mem.h"
#include "util/table.h"

struct stored {
	char *name;
	uint32_t *uid;
	size_t n, cap;
	uint64_t flags; /* the sum */
	uint32_t before;
	bool mixed; /* not in their order, yet */
};

struct earlier {
	struct stored *folder;
	size_t folders, cap;
	struct table names; /* XXH3-64 of folder[].name */
	bool ended;
	struct hash final;
};

struct earlier *
earlier_new(void)
{
	return xcalloc(1, sizeof(struct earlier));
}

void
earlier_free(struct earlier *e)
{
	size_t i;

	if (e == NULL)
		return;
	for (i = 0; i < e->folders; i++) {
		free(e->folder[i].name);
		free(e->folder[i].uid);
	}
	free(e->folder);
	table_release(&e->names);
	free(e);
}

void
earlier_add_folder(struct earlier *e, const char *name)
{
	e->folder = xgrow(e->folder, e->folders, &e->cap, sizeof(*e->folder));
	e->folder[e->folders] = (struct stored){ .name = xstrdup(name),
		.before = earlier_find(e, name) };
	table_add(&e->names, XXH3_64bits(name, strlen(name)),
	    (uint32_t)e->folders++);
}

void
earlier_add(struct earlier *e, uint32_t folder, const struct msg *m)
{
	struct stored *p = &e->folder[folder];

	p->uid = xgrow(p->uid, p->n, &p->cap, sizeof(*p->uid));
	if (p->n > 0 && p->uid[p->n - 1] >= m->uid)
		p->mixed = true;
	p->uid[p->n++] = m->uid;
	p->flags += earlier_flags(m);
}

uint64_t
earlier_flags(const struct msg *m)
{
	const uint64_t seed = (uint64_t)m->uid << 32 | (m->flags & FLAG_ALL);

	return XXH3_64bits_withSeed(m->keywords, strlen(m->keywords), seed);
}

static int
compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
earlier_sort(struct earlier *e)
{
	struct stored *p;

	for (p = e->folder; p < e->folder + e->folders; p++)
		if (p->mixed)
			qsort(p->uid, p->n, sizeof(*p->uid), compare);
}

void
earlier_end(struct earlier *e, const struct hash *final)
{
	e->ended = true;
	e->final = *final;
}

uint32_t
earlier_folders(const struct earlier *e)
{
	return e == NULL ? 0 : (uint32_t)e->folders;
}

struct search {
	const struct earlier *e;
	const char *name;
};

static bool
is_named(const void *arg, uint32_t id)
{
	const struct search *s = arg;

	return strcmp(s->e->folder[id].name, s->name) == 0;
}

uint32_t
earlier_find(const struct earlier *e, const char *name)
{
	const struct search s = { e, name };
	struct table_cursor c;
	uint32_t id, last = UINT32_MAX;

	if (e == NULL)
		return last;
	id = table_first(&e->names, XXH3_64bits(name, strlen(name)), is_named,
	    &s, &c);
	for (; id != TABLE_NONE; id = table_next(&e->names, is_named, &s, &c))
		last = id;
	return last;
}

uint32_t
earlier_before(const struct earlier *e, uint32_t folder)
{
	assert(folder < earlier_folders(e));
	return e->folder[folder].before;
}

size_t
earlier_uids(const struct earlier *e, uint32_t folder, const uint32_t **uid_r)
{
	assert(folder < earlier_folders(e));
	*uid_r = e->folder[folder].uid;
	return e->folder[folder].n;
}

uint64_t
earlier_sum(const struct earlier *e, uint32_t folder)
{
	assert(folder < earlier_folders(e));
	return e->folder[folder].flags;
}

bool
earlier_final(const struct earlier *e, struct hash *hash_r)
{
	if (e == NULL || !e->ended)
		return false;
	*hash_r = e->final;
	return true;
}
