/* The target's side: read, folder by folder, and matched as it comes. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"
#include "util/mem.h"

/*
 * Of each body so much is kept: it shows the headline, should it be wanted,
 * and where a message does not conform it nearly always shows here.
 */
enum { KEEP = 64 << 10 };

/* So many messages are read beside the walk over the archive. */
enum { BESIDE_MAX = 200000 };

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

void
audit_map_folders(struct audit *a)
{
	size_t n = lineage_folders(a->chain), i;
	const struct archive_folder *from;
	char *name;

	a->place_of = xcalloc(n + 1, sizeof(*a->place_of));
	for (i = 0; i < n; i++) {
		from = lineage_folder(a->chain, (uint32_t)i);
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
 * All of the target's folders are read: what is missing may have been moved
 * there.  Not when the user asked about some folders only.
 */
static void
add_folders(struct audit *a)
{
	const struct folder *folder;
	size_t i;

	for (i = 0; i < a->target_folders.n; i++) {
		folder = &a->target_folders.v[i];
		if ((folder->attr & FOLDER_NOSELECT) == 0)
			(void)audit_place(a, folder->name);
	}
}

static bool
wants(void *arg, struct harvest_folder *h, const struct msg *m)
{
	const struct audit *a = arg;

	(void)h;
	return selection_has_date(a->selection, &m->date);
}

void
audit_facts(struct audit *a, uint32_t place, const struct msg *m,
    struct facts *r)
{
	memset(r, 0, sizeof(*r));
	r->epoch = m->date.known ? m->date.epoch : 0;
	r->dated = m->date.known;
	r->place = place;
	r->uid = m->uid;
	pthread_mutex_lock(&a->walk.lock);
	r->label = labels_add(a->labels, m);
	pthread_mutex_unlock(&a->walk.lock);
}

enum proof
audit_own_proof(const struct audit *a)
{
	return a->level == LEVEL_FULL ? PROOF_IDENTICAL : PROOF_HEADER;
}

enum rc
audit_hold(struct audit *a, const struct facts *found, const struct body *body,
    struct fault *f)
{
	struct extras *l = &a->extra;
	struct extra *e;
	enum rc rc;

	rc = audit_settle(a, false, f);
	if (rc != RC_OK)
		return rc;
	if (a->settled &&
	    match_key(&a->match, found->place, audit_own_proof(a), found))
		return RC_OK;
	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	e = &l->v[l->n++];
	*e = (struct extra){ 0, found->place, found->uid };
	return notes_add(&a->notes, found, body, &e->note, f);
}

static enum rc
begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	struct audit *a = arg;
	const uint32_t place = audit_place(a, h->folder->name);
	uint64_t octets = 0;
	size_t i;

	(void)f;
	a->place[place].exists = h->exists;
	for (i = 0; i < h->listed.n; i++) {
		h->listed.v[i].folder = place;
		octets += h->listed.v[i].size;
	}
	progress_listed(a->report, 0, h->listed.n, octets);
	return RC_OK;
}

/* What a body tells.  False: too little. */
static bool
tells(struct audit *a, const struct msg *m, const struct digest *d,
    struct facts *r)
{
	audit_facts(a, m->folder, m, r);
	r->key = r->hash = d->hash;
	r->eol = d->eol;
	r->size = d->wire_size;
	memcpy(r->canon, d->canon, sizeof(r->canon));
	return d->lack == LACKS_NOTHING;
}

enum rc
audit_take(struct audit *a, const struct harvest_message *m, bool *again_r,
    struct fault *f)
{
	struct place *p = &a->place[m->msg->folder];
	const struct digest *d;
	struct facts found;

	*again_r = false;
	if (m->fate == READ_GONE)
		return RC_OK;
	if (m->fate == READ_REFUSED) {
		p->unreadable++;
		report_warn(a->report,
		    "%s/%u: the target lists it and does not give it: %s",
		    p->name, m->msg->uid, m->reason);
		return RC_OK;
	}
	d = &m->body->digest;
	if (!tells(a, m->msg, d, &found)) {
		*again_r = d->lack == LACKS_HASH || !a->settled ||
		    !match_key(&a->match, found.place, PROOF_IDENTICAL, &found);
		if (*again_r)
			return RC_OK;
	}
	p->read++;
	progress_where(a->report, p->name);
	progress_add(a->report, 1, found.size);
	return d->lack == LACKS_NOTHING ? audit_hold(a, &found, m->body, f) :
					  RC_OK;
}

static enum rc
message(void *arg, struct harvest_folder *h, const struct harvest_message *m,
    struct fault *f)
{
	struct audit *a = arg;
	struct agains *l = &a->again;
	struct again *e;
	bool again;
	enum rc rc;

	rc = audit_take(a, m, &again, f);
	if (rc != RC_OK || !again)
		return rc;
	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	e = &l->v[l->n++];
	*e = (struct again){ *m->msg, h->uidvalidity };
	/* its own go with the connection that listed them */
	pthread_mutex_lock(&a->walk.lock);
	e->msg.keywords =
	    labels_keywords(a->labels, labels_add(a->labels, m->msg));
	pthread_mutex_unlock(&a->walk.lock);
	return RC_OK;
}

/* Every message was matched as it came. */
static void
end(void *arg, struct harvest_folder *h)
{
	(void)arg;
	(void)h;
}

/* A folder that fails proves nothing; the others still do. */
void
audit_place_failed(struct audit *a, struct place *p, struct fault *f)
{
	p->failed = true;
	free(p->why);
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

/* A connection for bodies of which little is kept. */
static enum rc
open_target(void *arg, struct store **r, struct fault *f)
{
	const struct audit *a = arg;
	enum rc rc;

	rc = a->open(a->open_arg, r, f);
	if (rc == RC_OK)
		(*r)->ops->keep(*r, KEEP);
	return rc;
}

static enum rc
read_places(struct audit *a, struct fault *f)
{
	static const struct harvest_ops ops = {
		.wants = wants,
		.begin = begin,
		.message = message,
		.end = end,
		.drop = end,
		.failed = failed,
		.lost = lost,
	};
	const struct harvest h = { &ops, a, a->target, open_target, a,
		a->connections };
	const struct folder **folder;
	size_t i, n = 0;
	enum rc rc;

	folder = xcalloc(a->places + 1, sizeof(*folder));
	for (i = 0; i < a->places; i++)
		if (a->place[i].folder != NULL)
			folder[n++] = a->place[i].folder;
	a->target->ops->keep(a->target, KEEP);
	rc = harvest_run(&h, folder, n, f);
	free(folder);
	if (rc == RC_OK)
		rc = audit_settle(a, true, f);
	return rc == RC_OK ? audit_read_again(a, f) : rc;
}

static int
by_place_and_uid(const void *x, const void *y)
{
	const struct extra *a = x, *b = y;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

/* What the walk and a list of the target take in memory adds up. */
static bool
is_large(const struct audit *a)
{
	uint64_t messages = 0;
	size_t i;

	for (i = 0; i < a->target_folders.n; i++)
		messages += a->target_folders.v[i].messages;
	return messages > BESIDE_MAX;
}

/* Which folders of the archive are asked about only its walk can tell. */
static enum rc
find_places(struct audit *a, struct fault *f)
{
	const bool some =
	    a->selection->folder.n > 0 || a->selection->exclude.n > 0;
	enum rc rc;

	rc = a->target->ops->folders(a->target, &a->target_folders, f);
	if (rc == RC_OK && (some || is_large(a)))
		rc = audit_settle(a, true, f);
	if (rc == RC_OK && !some)
		add_folders(a);
	return rc;
}

enum rc
audit_read_target(struct audit *a, struct fault *f)
{
	enum rc rc;

	audit_walk_begin(a);
	rc = find_places(a, f);
	if (rc == RC_OK)
		rc = a->level == LEVEL_FULL ? read_places(a, f) :
					      audit_glance(a, f);
	rc = audit_walk_end(a, rc, f);
	if (rc != RC_OK || a->level == LEVEL_COUNT)
		return rc;
	/* what is found does not depend on which connection was faster */
	if (a->extra.n > 0)
		qsort(a->extra.v, a->extra.n, sizeof(*a->extra.v),
		    by_place_and_uid);
	rc = audit_look_at_gaps(a, f);
	match_end(&a->match);
	return rc;
}
