#include "known.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "mail/flags.h"
#include "util/mem.h"
#include "util/table.h"

struct known {
	struct known_folder **folder;
	size_t n, cap;
	struct table names;
	struct atoms *atoms;
};

struct known *
known_new(void)
{
	struct known *k = xcalloc(1, sizeof(*k));

	k->atoms = atoms_new();
	return k;
}

void
known_free(struct known *k)
{
	size_t i;

	if (k == NULL)
		return;
	for (i = 0; i < k->n; i++) {
		free(k->folder[i]->name);
		free(k->folder[i]->v);
		free(k->folder[i]);
	}
	free(k->folder);
	table_release(&k->names);
	atoms_free(k->atoms);
	free(k);
}

size_t
known_folders(const struct known *k)
{
	return k->n;
}

struct known_folder *
known_folder(struct known *k, size_t i)
{
	return k->folder[i];
}

struct search {
	const struct known *known;
	const char *name;
	uint32_t uidvalidity;
	bool announced;
};

static bool
is_it(const void *arg, uint32_t id)
{
	const struct search *s = arg;
	const struct known_folder *p = s->known->folder[id];

	return p->uidvalidity == s->uidvalidity &&
	    strcmp(p->name, s->name) == 0;
}

static bool
is_named(const void *arg, uint32_t id)
{
	const struct search *s = arg;
	const struct known_folder *p = s->known->folder[id];

	if (s->announced ? p->number == KNOWN_NONE : p->parent == KNOWN_NONE)
		return false;
	return strcmp(p->name, s->name) == 0;
}

static struct known_folder *
find(const struct search *s, table_is_fn *is)
{
	const uint64_t key = XXH3_64bits(s->name, strlen(s->name));
	struct table_cursor c;
	uint32_t id;

	id = table_first(&s->known->names, key, is, s, &c);
	return id == TABLE_NONE ? NULL : s->known->folder[id];
}

struct known_folder *
known_find(struct known *k, const char *name, uint32_t uidvalidity)
{
	const struct search s = { k, name, uidvalidity, false };

	/* Without UIDVALIDITY UIDs mean nothing the next time. */
	return uidvalidity == 0 ? NULL : find(&s, is_it);
}

struct known_folder *
known_named(struct known *k, const char *name, bool announced)
{
	const struct search s = { k, name, 0, announced };

	return find(&s, is_named);
}

struct known_folder *
known_add_folder(struct known *k, const char *name, uint32_t uidvalidity)
{
	struct known_folder *p = xcalloc(1, sizeof(*p));

	k->folder =
	    xgrow(k->folder, k->n, &k->cap, sizeof(struct known_folder *));
	k->folder[k->n] = p;
	p->name = xstrdup(name);
	p->uidvalidity = uidvalidity;
	p->parent = p->number = KNOWN_NONE;
	p->sorted = true;
	table_add(&k->names, XXH3_64bits(name, strlen(name)), (uint32_t)k->n++);
	return p;
}

const char *
known_words(struct known *k, const char *keywords)
{
	return atoms_get(k->atoms, keywords, strlen(keywords));
}

static void
append(struct known *k, struct known_folder *p, const struct msg *m,
    unsigned char marks)
{
	if (p->n > 0 && p->v[p->n - 1].uid >= m->uid)
		p->sorted = false;
	p->v = xgrow(p->v, p->n, &p->cap, sizeof(*p->v));
	p->v[p->n++] = (struct known_message){ .uid = m->uid,
		.flags = (unsigned char)(m->flags & FLAG_ALL),
		.marks = marks,
		.keywords = known_words(k, m->keywords) };
}

void
known_add(struct known *k, struct known_folder *p, const struct msg *m)
{
	append(k, p, m, 0);
}

static enum rc
take_messages(struct known *k, struct known_folder *p, struct lineage *l,
    struct fault *f)
{
	const uint32_t end = lineage_first(l, p->parent + 1);
	struct lineage_message m;
	uint32_t i;
	enum rc rc;

	for (i = lineage_first(l, p->parent); i < end; i++) {
		rc = lineage_get(l, i, &m, f);
		if (rc != RC_OK)
			return rc;
		append(k, p, &m.msg, KNOWN_PARENT);
	}
	return RC_OK;
}

enum rc
known_take(struct known *k, struct lineage *l, struct fault *f)
{
	const struct archive_folder *from;
	struct known_folder *p, *other;
	size_t i;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < lineage_folders(l); i++) {
		from = lineage_folder(l, (uint32_t)i);
		other = known_named(k, from->folder.name, false);
		p = known_add_folder(k, from->folder.name, from->uidvalidity);
		p->parent = (uint32_t)i;
		p->claim = from->claim;
		if (other != NULL)
			other->partial = p->partial = true;
		if (lineage_is_glance(l))
			p->kept = from->claim.stored;
		else
			rc = take_messages(k, p, l, f);
	}
	return rc;
}

void
known_write(const struct known *k, struct archive_writer *w)
{
	const struct known_folder *p;
	const struct known_message *m;
	size_t i, j;

	for (i = 0; i < k->n; i++) {
		p = k->folder[i];
		if (p->parent == KNOWN_NONE || p->number == KNOWN_NONE)
			continue;
		for (j = 0; j < p->n; j++) {
			m = &p->v[j];
			if ((m->marks & KNOWN_PARENT) == 0)
				continue;
			if ((m->marks & KNOWN_GONE) != 0)
				archive_writer_remove(w, p->number, m->uid);
			else if ((m->marks & KNOWN_CHANGED) != 0)
				archive_writer_flags(w, p->number, m->uid,
				    m->flags, m->keywords);
		}
	}
}
