/* The state of a chain, in the order in which its octets lie. */
#include <string.h>

#include "origin_parts.h"

/* Messages at one time: many may be links to one place. */
enum { ITEMS_MAX = 1 << 16 };

static void
describe(const struct origin *o, const struct lineage_message *m,
    struct origin_item *r)
{
	const struct archive_folder *from = o->stream != NULL ?
	    archive_reader_folder(o->stream, m->msg.folder) :
	    lineage_folder(o->chain, m->msg.folder);

	r->m = (struct origin_message){ .folder = from->folder.name,
		.uidvalidity = from->uidvalidity,
		.msg = m->msg,
		.hash = m->hash,
		.fingerprint = m->fingerprint };
	r->place = m->place;
}

/* The next message of the state that is wanted, in o->ahead_item. */
static enum rc
look_ahead(struct origin *o, origin_wants_fn *wants, void *arg, struct fault *f)
{
	struct lineage_message m;
	enum rc rc;

	while (!o->ahead && o->next < lineage_count(o->chain)) {
		rc = lineage_placed(o->chain, o->next, &m, f);
		if (rc != RC_OK)
			return rc;
		o->next++;
		if (o->stream != NULL && !stream_goes_on(o, &m))
			continue;
		describe(o, &m, &o->ahead_item);
		o->ahead = wants(arg, &o->ahead_item.m);
	}
	return o->ahead ? RC_OK : RC_END;
}

static bool
is_same_segment(const struct lineage_place *a, const struct lineage_place *b)
{
	return a->generation == b->generation && a->segment == b->segment;
}

static enum rc
gather(struct origin *o, origin_wants_fn *wants, void *arg, struct fault *f)
{
	enum rc rc = RC_OK;

	o->items.n = 0;
	while (rc == RC_OK && o->items.n < ITEMS_MAX) {
		rc = look_ahead(o, wants, arg, f);
		if (rc != RC_OK)
			break;
		if (o->items.n > 0 &&
		    !is_same_segment(&o->items.v[0].place,
			&o->ahead_item.place))
			break;
		origin_add(&o->items, &o->ahead_item);
		o->ahead = false;
	}
	return rc == RC_END && o->items.n > 0 ? RC_OK : rc;
}

enum rc
chain_next(struct origin *o, origin_wants_fn *wants, void *arg, struct fault *f)
{
	enum rc rc = RC_OK;

	if (!o->ordered)
		rc = lineage_place_order(o->chain, f);
	o->ordered = true;
	if (rc == RC_OK)
		rc = gather(o, wants, arg, f);
	return rc == RC_OK ? chain_segment(o, f) : rc;
}

/* What is signed may be wrong all the same. */
static bool
is_place(const struct archive_segment *s, const struct origin_item *item)
{
	return item->place.line < s->n && !s->entry[item->place.line].link;
}

static enum rc
misplaced(const struct origin_item *item, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "%s/%u: is said to lie in generation %u, segment %u, line %u, "
	    "which is not so",
	    item->m.folder, item->m.msg.uid, item->place.generation,
	    item->place.segment, item->place.line);
}

enum rc
chain_segment(struct origin *o, struct fault *f)
{
	const struct lineage_place *at = &o->items.v[0].place;
	const struct archive_segment *s;
	enum rc rc;
	size_t i;

	if (at->generation == 0 || at->generation > lineage_last(o->chain) ||
	    at->segment == 0 ||
	    at->segment >
		lineage_final(o->chain, at->generation)->totals.segments)
		return misplaced(&o->items.v[0], f);
	rc = lineage_segment(o->chain, at->generation, at->segment, &s, f);
	for (i = 0; rc == RC_OK && i < o->items.n; i++)
		if (!is_place(s, &o->items.v[i]))
			rc = misplaced(&o->items.v[i], f);
	o->at = lineage_reader(o->chain, at->generation);
	return rc;
}
