#include "mail/harvest_lane.h"

#include <stdlib.h>

#include "util/interrupt.h"
#include "util/mem.h"

/* Some of a part's messages, asked for together. */
struct reading {
	struct harvest_lane *lane;
	struct harvest_folder *folder;
	const struct msg *v; /* copies of those that are not settled */
	const size_t *index; /* where they stand in the folder's list */
};

struct listing_run {
	const struct harvest *harvest;
	struct harvest_folder *folder;
};

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct listing_run *r = arg;
	const struct harvest *h = r->harvest;

	(void)fp;
	if (h->ops->wants == NULL || h->ops->wants(h->arg, m))
		msgs_add(&r->folder->listed, m);
	else
		r->folder->unselected++;
	return interrupt_check(f);
}

static enum rc
list_once(struct harvest_lane *l, struct harvest_folder *h, struct fault *f)
{
	struct listing_run r = { l->harvest, h };
	struct folder_state state;
	enum rc rc;

	folder_state_init(&state);
	msgs_clear(&h->listed);
	h->unselected = 0;
	rc = store_select(l->store, h->folder, STORE_LIST, &state, f);
	if (rc == RC_OK) {
		l->selected = h;
		h->uidvalidity = state.uidvalidity;
		h->uidnext = state.uidnext;
		h->highestmodseq = state.highestmodseq;
		h->exists = state.exists;
		h->status_known = state.status_known;
		h->status = state.status;
		rc = l->store->ops->scan(l->store, 1, 0, on_listed, &r,
		    &h->seen, f);
	}
	folder_state_release(&state);
	return rc;
}

/*
 * The count claimed at selection and the lines listed may differ because
 * somebody expunged in between; listing again tells that from a server
 * that does not show all it has.
 */
static enum rc
list(struct harvest_lane *l, struct harvest_folder *h, struct fault *f)
{
	enum rc rc;

	rc = list_once(l, h, f);
	if (rc == RC_OK && h->seen < h->exists)
		rc = list_once(l, h, f);
	if (rc == RC_OK)
		msgs_sort(&h->listed);
	return rc;
}

/* The owner's word, whose RC_STORE is not the connection's fault. */
static enum rc
owner_says(struct harvest_lane *l, enum rc rc)
{
	if (rc == RC_STORE)
		l->owner_failed = true;
	return rc;
}

enum rc
lane_list(struct harvest_lane *l, struct harvest_folder *h, struct fault *f)
{
	const struct harvest *run = l->harvest;
	enum rc rc;

	rc = list(l, h, f);
	if (rc == RC_STORE)
		return rc;
	pthread_mutex_lock(l->lock);
	if (rc == RC_OK) {
		rc = owner_says(l, run->ops->begin(run->arg, h, f));
	} else {
		msgs_clear(&h->listed);
		h->failed = true;
		if (owner_says(l, run->ops->failed(run->arg, h, false, f)) ==
		    RC_STORE)
			rc = RC_STORE;
	}
	pthread_mutex_unlock(l->lock);
	h->settled = xcalloc(h->listed.n + 1, sizeof(*h->settled));
	return rc;
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct reading *r = arg;
	struct harvest_lane *l = r->lane;
	const struct harvest *run = l->harvest;
	const size_t at = r->index[m - r->v];
	const struct harvest_message message = { &r->folder->listed.v[at], fate,
		body, reason, &l->note };
	enum rc rc = RC_OK;

	buf_clear(&l->note);
	if (fate == READ_BODY && run->ops->prepare != NULL)
		rc = owner_says(l,
		    run->ops->prepare(run->arg, body, &l->note, f));
	if (rc != RC_OK)
		return rc;
	pthread_mutex_lock(l->lock);
	r->folder->settled[at] = true;
	rc = owner_says(l, run->ops->message(run->arg, r->folder, &message, f));
	pthread_mutex_unlock(l->lock);
	return rc;
}

/* Whatever ended the folder, no listed message is without a fate. */
static enum rc
refuse_the_rest(struct harvest_lane *l, const struct harvest_part *p,
    const char *reason, struct fault *f)
{
	const struct harvest *run = l->harvest;
	struct harvest_folder *h = p->folder;
	struct harvest_message m = { .fate = READ_REFUSED,
		.reason = reason,
		.note = &l->note };
	enum rc rc = RC_OK;
	size_t i;

	buf_clear(&l->note);
	pthread_mutex_lock(l->lock);
	for (i = p->first; i < p->first + p->n && rc == RC_OK; i++) {
		if (h->settled[i])
			continue;
		h->settled[i] = true;
		m.msg = &h->listed.v[i];
		rc = owner_says(l, run->ops->message(run->arg, h, &m, f));
	}
	pthread_mutex_unlock(l->lock);
	return rc;
}

/* Another connection must see the same folder as the one that listed. */
static enum rc
select_again(struct harvest_lane *l, const struct harvest_folder *h,
    struct fault *f)
{
	struct folder_state state;
	enum rc rc;

	if (l->selected == h)
		return RC_OK;
	l->selected = NULL;
	folder_state_init(&state);
	rc = store_select(l->store, h->folder, STORE_READ, &state, f);
	if (rc == RC_OK && state.uidvalidity != h->uidvalidity)
		rc = fault_set(f, RC_FOLDER, CAUSE_TEMPORARY,
		    "UIDVALIDITY changed while the folder was read: run "
		    "again");
	folder_state_release(&state);
	if (rc == RC_OK)
		l->selected = h;
	return rc;
}

enum rc
lane_read(struct harvest_lane *l, const struct harvest_part *p, struct fault *f)
{
	struct harvest_folder *h = p->folder;
	struct msg *v = xcalloc(p->n + 1, sizeof(*v));
	size_t *index = xcalloc(p->n + 1, sizeof(*index)), i, n = 0;
	struct reading r = { l, h, v, index };
	struct fault why;
	enum rc rc;

	for (i = p->first; i < p->first + p->n; i++) {
		if (h->settled[i])
			continue;
		v[n] = h->listed.v[i];
		index[n++] = i;
	}
	rc = select_again(l, h, f);
	if (rc == RC_OK && n > 0)
		rc = l->store->ops->read(l->store, v, n, on_read, &r, f);
	why = *f;
	if (rc != RC_STORE &&
	    refuse_the_rest(l, p, rc == RC_OK ? "not answered" : why.text, f) !=
		RC_OK)
		rc = RC_STORE;
	else if (rc != RC_OK)
		*f = why;
	free(v);
	free(index);
	return rc;
}
