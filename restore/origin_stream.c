/* One archive as it comes.  A delta refers to what its parents have: that is
 * read from them, behind what each segment brings itself. */
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "origin_parts.h"
#include "util/mem.h"

static int
by_place(const void *a, const void *b)
{
	const struct lineage_place *l = &((const struct origin_item *)a)->place;
	const struct lineage_place *r = &((const struct origin_item *)b)->place;

	if (l->generation != r->generation)
		return l->generation > r->generation ? 1 : -1;
	if (l->segment != r->segment)
		return l->segment > r->segment ? 1 : -1;
	return (l->line > r->line) - (l->line < r->line);
}

static void
describe(const struct origin *o, const struct archive_entry *e, size_t line,
    struct origin_item *r)
{
	const struct archive_folder *from =
	    archive_reader_folder(o->stream, e->msg.folder);

	r->m = (struct origin_message){ .folder = from->folder.name,
		.uidvalidity = from->uidvalidity,
		.msg = e->msg,
		.hash = e->hash,
		.fingerprint = e->fingerprint };
	r->place = (struct lineage_place){ .line = (uint32_t)line };
	if (e->reference.generation > 0)
		r->place = (struct lineage_place){ e->reference.generation,
			e->reference.segment, e->reference.line };
}

static void
take_segment(struct origin *o, const struct archive_segment *s,
    origin_wants_fn *wants, void *arg)
{
	struct origin_item item;
	size_t i;

	o->items.n = o->refs.n = o->refs_at = 0;
	for (i = 0; i < s->n; i++) {
		describe(o, &s->entry[i], i, &item);
		if (wants(arg, &item.m))
			origin_add(item.place.generation > 0 &&
				    o->chain != NULL ?
				&o->refs :
				&o->items,
			    &item);
	}
	if (o->refs.n > 0)
		qsort(o->refs.v, o->refs.n, sizeof(*o->refs.v), by_place);
}

/* Those that lie in one segment of a parent. */
static enum rc
next_refs(struct origin *o, struct fault *f)
{
	const struct origin_item *first = &o->refs.v[o->refs_at], *item;

	o->items.n = 0;
	for (; o->refs_at < o->refs.n; o->refs_at++) {
		item = &o->refs.v[o->refs_at];
		if (item->place.generation != first->place.generation ||
		    item->place.segment != first->place.segment)
			break;
		origin_add(&o->items, item);
	}
	return chain_segment(o, f);
}

enum rc
stream_next(struct origin *o, origin_wants_fn *wants, void *arg,
    struct fault *f)
{
	const struct archive_segment *s;
	enum rc rc;

	do {
		if (o->refs_at < o->refs.n)
			return next_refs(o, f);
		rc = archive_reader_next(o->stream, &s, f);
		if (rc != RC_OK)
			return rc;
		take_segment(o, s, wants, arg);
		o->stream_read = s->offset;
		o->at = o->stream;
	} while (o->items.n == 0);
	return RC_OK;
}

static void
fill_onto(struct origin *o, const struct archive_final *final)
{
	const size_t n = lineage_folders(o->chain);
	size_t i;

	o->onto = xcalloc(n + 1, sizeof(*o->onto));
	for (i = 0; i < n; i++)
		o->onto[i] = UINT32_MAX;
	for (i = 0; i < final->bases; i++)
		if (final->base[i].parent < n)
			o->onto[final->base[i].parent] = final->base[i].folder;
}

static int
cmp_removal(const void *key, const void *at)
{
	const struct archive_removal *k = key, *r = at;

	if (k->folder != r->folder)
		return k->folder > r->folder ? 1 : -1;
	return (k->first > r->last) - (k->first < r->first);
}

static int
cmp_change(const void *key, const void *at)
{
	const struct archive_change *k = key, *c = at;

	if (k->folder != c->folder)
		return k->folder > c->folder ? 1 : -1;
	return (k->uid > c->uid) - (k->uid < c->uid);
}

bool
stream_goes_on(struct origin *o, struct lineage_message *m)
{
	const struct archive_final *final = archive_reader_final(o->stream);
	struct archive_removal removal = { .first = m->msg.uid };
	struct archive_change key = { .uid = m->msg.uid };
	const struct archive_change *change = NULL;

	if (o->onto == NULL)
		fill_onto(o, final);
	removal.folder = key.folder = o->onto[m->msg.folder];
	if (key.folder >= archive_reader_folders(o->stream) ||
	    (final->removals > 0 &&
		bsearch(&removal, final->removal, final->removals,
		    sizeof(removal), cmp_removal) != NULL))
		return false;
	m->msg.folder = key.folder;
	if (final->changes > 0)
		change = bsearch(&key, final->change, final->changes,
		    sizeof(key), cmp_change);
	if (change != NULL) {
		m->msg.flags = change->flags;
		m->msg.keywords = change->keywords;
	}
	return true;
}

enum rc
stream_check_parent(const struct origin *o, struct fault *f)
{
	const struct archive_header *h = archive_reader_header(o->stream);
	const bool delta = strcmp(h->kind, "delta") == 0;
	uint32_t last;

	if (o->chain == NULL)
		return RC_OK; /* see origin_check_journal */
	last = lineage_last(o->chain);
	if (!delta || h->generation != last + 1)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "archive %s on standard input is generation %u, and has to "
		    "be %u, behind %s",
		    h->id, h->generation, last + 1,
		    lineage_name(o->chain, last));
	if (strcmp(h->parent, lineage_header(o->chain, last)->id) != 0 ||
	    !hash_equal(&h->parent_final, &lineage_final(o->chain, last)->hash))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "archive %s on standard input goes on with archive %s, "
		    "which is not %s as it is",
		    h->id, h->parent, lineage_name(o->chain, last));
	return RC_OK;
}

bool
origin_is_absent(const struct origin *o, size_t i)
{
	return o->chain == NULL && o->items.v[i].place.generation > 0;
}

enum rc
origin_check_journal(const struct origin *o, const struct journal *j,
    struct fault *f)
{
	const struct archive_header *h = origin_header(o);

	if (o->chain != NULL || strcmp(h->kind, "delta") != 0 ||
	    journal_has_archive(j, h->parent, &h->parent_final))
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "archive %s is generation %u of a chain, and all of what is before "
	    "it was not brought here yet: give those archives as well, from "
	    "the full archive %s on",
	    h->id, h->generation, h->root);
}
