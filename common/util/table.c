/*
 * Linear probing, and within a run of full slots everything stands in the
 * order of (home slot, hash, id) - "Robin Hood" order.  The layout depends
 * on what is in the table and not on how it came there, a search ends at
 * the first slot that is nearer to its home than the thing wanted would be,
 * and equal hashes come out by rising id, so that a report that was made
 * with a table reads the same every time.
 */
#include "util/table.h"

#include <assert.h>
#include <stdlib.h>

#include "util/mem.h"

enum { TABLE_FIRST = 16 };

/* All 64 bits have their say in all 32: the callers' hashes may be weak
 * somewhere (an IMAP UID, the first octets of a hash). */
static uint32_t
mix(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	h ^= h >> 29;
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(h >> 32);
}

static size_t
home(const struct table *t, uint32_t hash)
{
	return (size_t)hash & (t->cap - 1);
}

static size_t
distance(const struct table *t, size_t at, uint32_t hash)
{
	return (at - home(t, hash)) & (t->cap - 1);
}

/* True when what stands in slot `at` comes before s would there. */
static bool
stands_before(const struct table *t, size_t at, struct table_slot s)
{
	const struct table_slot *o = &t->slot[at];
	size_t theirs, ours;

	theirs = distance(t, at, o->hash);
	ours = distance(t, at, s.hash);
	if (theirs != ours)
		return theirs > ours;
	if (o->hash != s.hash)
		return o->hash < s.hash;
	return o->id <= s.id;
}

static void
insert(struct table *t, struct table_slot s)
{
	struct table_slot moved;
	size_t at = home(t, s.hash);

	while (t->slot[at].id != 0 && stands_before(t, at, s))
		at = (at + 1) & (t->cap - 1);
	while (s.id != 0) {
		moved = t->slot[at];
		t->slot[at] = s;
		s = moved;
		at = (at + 1) & (t->cap - 1);
	}
	t->used++;
}

static void
grow(struct table *t)
{
	struct table old = *t;
	size_t i;

	assert(old.cap <= SIZE_MAX / 2);
	t->cap = old.cap == 0 ? TABLE_FIRST : old.cap * 2;
	t->slot = xcalloc(t->cap, sizeof(*t->slot));
	t->used = 0;
	for (i = 0; i < old.cap; i++) {
		if (old.slot[i].id != 0)
			insert(t, old.slot[i]);
	}
	free(old.slot);
}

void
table_add(struct table *t, uint64_t hash, uint32_t id)
{
	struct table_slot s;

	assert(id != TABLE_NONE);
	if (t->used >= t->cap / 10 * 7)
		grow(t);
	s.hash = mix(hash);
	s.id = id + 1;
	insert(t, s);
}

uint32_t
table_first(const struct table *t, uint64_t hash, table_is_fn *is,
    const void *arg, struct table_cursor *c_r)
{
	c_r->hash = mix(hash);
	c_r->at = t->cap > 0 ? home(t, c_r->hash) : 0;
	return table_next(t, is, arg, c_r);
}

uint32_t
table_next(const struct table *t, table_is_fn *is, const void *arg,
    struct table_cursor *c)
{
	const struct table_slot *s;
	size_t at;

	if (t->cap == 0)
		return TABLE_NONE;
	for (;;) {
		at = c->at;
		s = &t->slot[at];
		if (s->id == 0 ||
		    distance(t, at, s->hash) < distance(t, at, c->hash))
			return TABLE_NONE;
		c->at = (at + 1) & (t->cap - 1);
		if (s->hash == c->hash && is(arg, s->id - 1))
			return s->id - 1;
	}
}

void
table_release(struct table *t)
{
	free(t->slot);
	t->slot = NULL;
	t->cap = 0;
	t->used = 0;
}
