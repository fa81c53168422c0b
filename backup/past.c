#include "past.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "util/table.h"

enum { KEPT = 16 }; /* octets of a hash: enough to tell contents apart */

struct past_message {
	unsigned char hash[KEPT];
	bool raw;
	uint32_t uid; /* that it stands for; 0: for none */
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

struct adding {
	struct past *past;
	const struct uidset *there; /* NULL: all are gone */
	struct uidset *gone;
};

static enum rc
add(void *arg, uint32_t uid, const struct hash *hash, bool raw, struct fault *f)
{
	const struct adding *a = arg;
	struct past *p = a->past;
	struct past_message *m;

	(void)f;
	if (a->there != NULL &&
	    (uidset_has(a->there, uid) || !uidset_add(a->gone, uid)))
		return RC_OK;
	p->v = xgrow(p->v, p->n, &p->cap, sizeof(*p->v));
	m = &p->v[p->n];
	memcpy(m->hash, hash->b, sizeof(m->hash));
	m->raw = raw;
	m->uid = 0;
	table_add(&p->table, key_of(hash), (uint32_t)p->n++);
	return RC_OK;
}

enum rc
past_add(struct past *p, struct archive_writer *w, uint32_t folder,
    struct fault *f)
{
	struct adding a = { p, NULL, NULL };

	return archive_writer_recall(w, folder, add, &a, f);
}

enum rc
past_add_gone(struct past *p, struct archive_writer *w, uint32_t folder,
    const struct uidset *there, struct uidset *gone, struct fault *f)
{
	struct adding a = { p, there, gone };

	return archive_writer_recall(w, folder, add, &a, f);
}

struct wanted {
	const struct past *past;
	const struct past_look *look;
};

static bool
is_free(const void *arg, uint32_t id)
{
	const struct wanted *w = arg;
	const struct past_message *m = &w->past->v[id];

	return m->uid == 0 && m->raw == w->look->raw &&
	    memcmp(m->hash, w->look->hash->b, sizeof(m->hash)) == 0;
}

bool
past_take(struct past *p, const struct past_look *look)
{
	const struct wanted w = { p, look };
	struct table_cursor c;
	uint32_t id =
	    table_first(&p->table, key_of(look->hash), is_free, &w, &c);

	if (id == TABLE_NONE)
		return false;
	p->v[id].uid = look->uid;
	return true;
}

void
past_release(struct past *p, const struct uidset *there)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i].uid != 0 && !uidset_has(there, p->v[i].uid))
			p->v[i].uid = 0;
}
