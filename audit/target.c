/* The target's side: read, folder by folder, and matched as it comes. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* A folder of the target while it is read. */
struct reading {
	uint32_t place;
	struct items found;
};

uint32_t
audit_place(struct audit *a, const char *name)
{
	struct place *p;
	size_t i;

	for (i = 0; i < a->places; i++)
		if (strcmp(a->place[i].name, name) == 0)
			return (uint32_t)i;
	a->place =
	    xgrow(a->place, a->places, &a->places_cap, sizeof(*a->place));
	p = &a->place[a->places];
	memset(p, 0, sizeof(*p));
	p->name = xstrdup(name);
	p->folder = folders_find(&a->target_folders, name);
	if (p->folder != NULL && (p->folder->attr & FOLDER_NOSELECT) != 0)
		p->folder = NULL;
	return (uint32_t)a->places++;
}

/* Where the archive's folders should be. */
static void
map_folders(struct audit *a)
{
	size_t n = archive_reader_folders(a->archive), i;
	const struct archive_folder *from;
	char *name;

	a->place_of = xcalloc(n + 1, sizeof(*a->place_of));
	for (i = 0; i < n; i++) {
		from = archive_reader_folder(a->archive, (uint32_t)i);
		a->place_of[i] = MATCH_NOWHERE;
		if (!selection_has_folder(a->selection, from->folder.name))
			continue;
		name = mapping_apply(a->mapping, from->folder.name);
		a->place_of[i] = audit_place(a, name);
		a->place[a->place_of[i]].expected = true;
		free(name);
	}
}

/*
 * The target's other folders are read too: what is missing may have been
 * moved there.  Not when the user asked about some folders only.
 */
static void
add_other_folders(struct audit *a)
{
	const struct folder *folder;
	size_t i;

	if (a->selection->folder.n > 0 || a->selection->exclude.n > 0)
		return;
	for (i = 0; i < a->target_folders.n; i++) {
		folder = &a->target_folders.v[i];
		if ((folder->attr & FOLDER_NOSELECT) == 0)
			(void)audit_place(a, folder->name);
	}
}

static bool
wants(void *arg, const struct msg *m)
{
	const struct audit *a = arg;

	return selection_has_date(a->selection, &m->date);
}

static enum rc
begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	struct reading *r = xcalloc(1, sizeof(*r));
	struct audit *a = arg;
	uint64_t octets = 0;
	size_t i;

	(void)f;
	h->owner = r;
	r->place = audit_place(a, h->folder->name);
	a->place[r->place].exists = h->exists;
	for (i = 0; i < h->listed.n; i++) {
		h->listed.v[i].folder = r->place;
		octets += h->listed.v[i].size;
	}
	progress_listed(a->report, 0, h->listed.n, octets);
	return RC_OK;
}

static enum rc
prepare(void *arg, const struct body *body, struct buf *note, struct fault *f)
{
	(void)arg;
	return notes_make(body, note, f) == RC_OK ? RC_OK : RC_STORE;
}

static enum rc
message(void *arg, struct harvest_folder *h, const struct harvest_message *m,
    struct fault *f)
{
	struct reading *r = h->owner;
	struct audit *a = arg;
	struct place *p = &a->place[r->place];
	struct msg copy = *m->msg;
	struct item *item;

	if (m->fate == READ_GONE)
		return RC_OK;
	if (m->fate == READ_REFUSED) {
		p->unreadable++;
		report_warn(a->report,
		    "%s/%u: the target lists it and does not give it: %s",
		    p->name, m->msg->uid, m->reason);
		return RC_OK;
	}
	p->read++;
	copy.keywords =
	    atoms_get(a->atoms, copy.keywords, strlen(copy.keywords));
	item = items_add(&r->found, &copy, &m->body->digest);
	progress_where(a->report, p->name);
	progress_add(a->report, 1, item->msg.size);
	return notes_add(&a->notes, m->note, &item->note, f);
}

void
audit_keep_left_over(struct audit *a, const struct items *found)
{
	size_t i;

	for (i = 0; i < found->n; i++) {
		a->extra.v = xgrow(a->extra.v, a->extra.n, &a->extra.cap,
		    sizeof(*a->extra.v));
		a->extra.v[a->extra.n++] = found->v[i];
	}
}

static void
end(void *arg, struct harvest_folder *h)
{
	struct reading *r = h->owner;
	struct audit *a = arg;

	match_place(&a->match, r->place, &r->found);
	audit_keep_left_over(a, &r->found);
	items_release(&r->found);
	free(r);
	h->owner = NULL;
}

static void
drop(void *arg, struct harvest_folder *h)
{
	struct reading *r = h->owner;

	(void)arg;
	items_release(&r->found);
	free(r);
	h->owner = NULL;
}

/* A folder that fails proves nothing; the others still do. */
void
audit_place_failed(struct audit *a, struct place *p, struct fault *f)
{
	p->failed = true;
	p->why = xstrdup(f->text);
	a->outcome.folders_failed++;
	(void)fault_name(f, RC_FOLDER, p->name);
	report_fault(a->report, f);
}

static enum rc
failed(void *arg, struct harvest_folder *h, bool begun, struct fault *f)
{
	struct audit *a = arg;

	(void)begun;
	audit_place_failed(a, &a->place[audit_place(a, h->folder->name)], f);
	return RC_OK;
}

static void
lost(void *arg, const struct fault *f, unsigned left)
{
	const struct audit *a = arg;

	report_note(a->report, "going on over %u connections: %s", left,
	    f->text);
}

static enum rc
read_places(struct audit *a, struct fault *f)
{
	static const struct harvest_ops ops = {
		.wants = wants,
		.begin = begin,
		.prepare = prepare,
		.message = message,
		.end = end,
		.drop = drop,
		.failed = failed,
		.lost = lost,
	};
	const struct harvest h = { &ops, a, a->target, a->open, a->open_arg,
		a->connections };
	const struct folder **folder;
	size_t i, n = 0;
	enum rc rc;

	folder = xcalloc(a->places + 1, sizeof(*folder));
	for (i = 0; i < a->places; i++)
		if (a->place[i].folder != NULL)
			folder[n++] = a->place[i].folder;
	rc = harvest_run(&h, folder, n, f);
	free(folder);
	return rc;
}

static int
by_place_and_uid(const void *x, const void *y)
{
	const struct msg *a = &((const struct item *)x)->msg;
	const struct msg *b = &((const struct item *)y)->msg;

	if (a->folder != b->folder)
		return a->folder < b->folder ? -1 : 1;
	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

enum rc
audit_find_places(struct audit *a, struct fault *f)
{
	enum rc rc;

	rc = a->target->ops->folders(a->target, &a->target_folders, f);
	if (rc != RC_OK)
		return rc;
	map_folders(a);
	add_other_folders(a);
	match_init(&a->match, &a->evidence, a->place_of);
	return RC_OK;
}

enum rc
audit_read_target(struct audit *a, struct fault *f)
{
	enum rc rc;

	rc = audit_find_places(a, f);
	if (rc == RC_OK)
		rc = a->level == LEVEL_FULL ? read_places(a, f) :
					      audit_glance(a, f);
	if (rc != RC_OK)
		return rc;
	/* what is found does not depend on which connection was faster */
	if (a->extra.n > 0)
		qsort(a->extra.v, a->extra.n, sizeof(*a->extra.v),
		    by_place_and_uid);
	match_elsewhere(&a->match, &a->extra);
	match_sort_drift(&a->match);
	return RC_OK;
}
