/* The target's side: read, folder by folder, and matched as it comes. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"
#include "util/mem.h"

struct reading {
	struct audit *audit;
	uint32_t place;
	struct msgs listed;
	struct items found;
};

static uint32_t
place_index(struct audit *a, const char *name)
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
		a->place_of[i] = place_index(a, name);
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
			(void)place_index(a, folder->name);
	}
}

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct reading *r = arg;
	struct msg copy = *m;

	(void)fp;
	copy.folder = r->place;
	copy.keywords =
	    atoms_get(r->audit->atoms, m->keywords, strlen(m->keywords));
	if (selection_has_date(r->audit->selection, &m->date))
		msgs_add(&r->listed, &copy);
	return interrupt_check(f);
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct reading *r = arg;
	struct audit *a = r->audit;
	struct place *p = &a->place[r->place];
	struct item *item;

	if (fate == READ_GONE)
		return interrupt_check(f);
	if (fate == READ_REFUSED) {
		p->unreadable++;
		report_warn(a->report,
		    "%s/%u: the target lists it and does "
		    "not give it: %s",
		    p->name, m->uid, reason);
		return RC_OK;
	}
	p->read++;
	item = items_add(&r->found, m, &body->digest);
	progress_add(a->report, 1, item->msg.size);
	return notes_add(&a->notes, body, &item->note, f);
}

static enum rc
read_folder(struct reading *r, struct fault *f)
{
	struct audit *a = r->audit;
	struct place *p = &a->place[r->place];
	const struct store_ops *ops = a->target->ops;
	struct folder_state state;
	uint64_t seen;
	enum rc rc;

	folder_state_init(&state);
	progress_where(a->report, p->name);
	rc = store_select(a->target, p->folder, STORE_READ, &state, f);
	if (rc == RC_OK) {
		p->exists = state.exists;
		rc = ops->scan(a->target, 1, 0, on_listed, r, &seen, f);
	}
	if (rc == RC_OK && r->listed.n > 0) {
		msgs_sort(&r->listed);
		rc = ops->read(a->target, r->listed.v, r->listed.n, on_read, r,
		    f);
	}
	folder_state_release(&state);
	return rc;
}

static void
keep_left_over(struct audit *a, const struct items *found)
{
	size_t i;

	for (i = 0; i < found->n; i++) {
		a->extra.v = xgrow(a->extra.v, a->extra.n, &a->extra.cap,
		    sizeof(*a->extra.v));
		a->extra.v[a->extra.n++] = found->v[i];
	}
}

/* A folder that fails proves nothing; the others still do. */
static enum rc
read_place(struct audit *a, uint32_t place, struct fault *f)
{
	struct reading r = { .audit = a, .place = place };
	struct place *p = &a->place[place];
	enum rc rc;

	rc = read_folder(&r, f);
	if (rc == RC_FOLDER || rc == RC_MESSAGE) {
		p->failed = true;
		p->why = xstrdup(f->text);
		a->outcome.folders_failed++;
		(void)fault_name(f, rc, p->name);
		report_fault(a->report, f);
		rc = RC_OK;
	}
	if (rc == RC_OK) {
		match_place(&a->match, place, &r.found);
		keep_left_over(a, &r.found);
	}
	msgs_release(&r.listed);
	items_release(&r.found);
	return rc;
}

enum rc
audit_read_target(struct audit *a, struct fault *f)
{
	enum rc rc;
	size_t i;

	rc = a->target->ops->folders(a->target, &a->target_folders, f);
	if (rc != RC_OK)
		return rc;
	map_folders(a);
	add_other_folders(a);
	match_init(&a->match, &a->evidence, a->place_of);
	for (i = 0; i < a->places; i++) {
		if (a->place[i].folder == NULL)
			continue;
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = read_place(a, (uint32_t)i, f);
		if (rc != RC_OK)
			return rc;
	}
	match_elsewhere(&a->match, &a->extra);
	return RC_OK;
}
