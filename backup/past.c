#include "past.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "util/table.h"

enum { KEPT = 16 }; /* octets of a hash: enough to tell contents apart */

struct past_message {
	unsigned char hash[KEPT];
	bool raw;
	bool taken;
};

struct past {
	struct past_message *v;
	size_t n;
	size_t cap;
	struct table table;
};

struct past *
past_new(void)
{
	return xcalloc(1, sizeof(struct past));
}

void
past_free(struct past *p)
{
	if (p == NULL)
		return;
	free(p->v);
	table_release(&p->table);
	free(p);
}

static uint64_t
key_of(const struct hash *hash)
{
	uint64_t key;

	memcpy(&key, hash->b, sizeof(key));
	return key;
}

static enum rc
add(void *arg, const struct hash *hash, bool raw, struct fault *f)
{
	struct past *p = arg;
	struct past_message *m;

	(void)f;
	p->v = xgrow(p->v, p->n, &p->cap, sizeof(*p->v));
	m = &p->v[p->n];
	memcpy(m->hash, hash->b, sizeof(m->hash));
	m->raw = raw;
	m->taken = false;
	table_add(&p->table, key_of(hash), (uint32_t)p->n++);
	return RC_OK;
}

enum rc
past_add(struct past *p, struct archive_writer *w, uint32_t folder,
    struct fault *f)
{
	return archive_writer_recall(w, folder, add, p, f);
}

struct wanted {
	const struct past *past;
	const struct hash *hash;
	bool raw;
};

static bool
is_free(const void *arg, uint32_t id)
{
	const struct wanted *w = arg;
	const struct past_message *m = &w->past->v[id];

	return !m->taken && m->raw == w->raw &&
	    memcmp(m->hash, w->hash->b, sizeof(m->hash)) == 0;
}

bool
past_take(struct past *p, const struct hash *hash, bool raw)
{
	const struct wanted w = { p, hash, raw };
	struct table_cursor c;
	uint32_t id = table_first(&p->table, key_of(hash), is_free, &w, &c);

	if (id == TABLE_NONE)
		return false;
	p->v[id].taken = true;
	return true;
}
