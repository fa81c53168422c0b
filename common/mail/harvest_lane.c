#include "mail/harvest_lane.h"

#include <stdlib.h>

#include "util/interrupt.h"
#include "util/mem.h"

struct reading {
	struct harvest_lane *lane;
	const struct harvest_task *task;
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
	if (h->ops->wants == NULL || h->ops->wants(h->arg, r->folder, m))
		msgs_add(&r->folder->listed, m);
	else
		r->folder->unselected++;
	return interrupt_check(f);
}

static uint32_t
first_of(struct harvest_lane *l, struct harvest_folder *h)
{
	const struct harvest *run = l->harvest;
	uint32_t first;

	if (run->ops->from == NULL)
		return 1;
	pthread_mutex_lock(l->lock);
	first = run->ops->from(run->arg, h);
	pthread_mutex_unlock(l->lock);
	return first;
}

/* Who does not begin at 1 is served by no command asked ahead. */
static enum store_mode
mode_of(const struct harvest *run)
{
	return run->ops->from == NULL ? STORE_LIST : STORE_STEADY;
}

static enum rc
on_gone(void *arg, uint32_t first, uint32_t last, struct fault *f)
{
	struct harvest_folder *h = ((struct listing_run *)arg)->folder;

	h->gone = xgrow(h->gone, h->gone_n, &h->gone_cap, sizeof(*h->gone));
	h->gone[h->gone_n++] = (struct harvest_gone){ first, last };
	return interrupt_check(f);
}

static void
forget(struct harvest_folder *h)
{
	msgs_clear(&h->listed);
	h->gone_n = 0;
	h->unselected = 0;
	h->changes = false;
}

/* RC_END: all must be listed. */
static enum rc
list_changes(struct harvest_lane *l, struct listing_run *r, struct fault *f)
{
	const struct harvest *run = r->harvest;
	struct harvest_folder *h = r->folder;
	struct store *s = l->store;
	bool enough;
	enum rc rc;

	if (run->ops->suffices == NULL || h->folder->since == 0 ||
	    s->ops->changes == NULL)
		return RC_END;
	h->changes = true;
	rc = s->ops->changes(s, h->folder->since, on_listed, on_gone, r, f);
	if (rc == RC_OK) {
		msgs_sort(&h->listed);
		pthread_mutex_lock(l->lock);
		enough = run->ops->suffices(run->arg, h);
		pthread_mutex_unlock(l->lock);
		if (enough) {
			h->seen = h->exists;
			return RC_OK;
		}
		rc = RC_END;
	}
	forget(h);
	return rc;
}

static enum rc
list_once(struct harvest_lane *l, struct harvest_folder *h, struct fault *f)
{
	struct listing_run r = { l->harvest, h };
	struct folder_state state;
	enum rc rc;

	folder_state_init(&state);
	forget(h);
	l->selected = NULL;
	rc = store_select(l->store, h->folder, mode_of(l->harvest), &state, f);
	if (rc == RC_OK) {
		l->selected = h;
		h->uidvalidity = state.uidvalidity;
		h->uidnext = state.uidnext;
		h->highestmodseq = state.highestmodseq;
		h->exists = state.exists;
		h->status_known = state.status_known;
		h->status = state.status;
		h->first = first_of(l, h);
		rc = list_changes(l, &r, f);
	}
	if (rc == RC_END)
		rc = l->store->ops->scan(l->store, h->first, 0, on_listed, &r,
		    &h->seen, f);
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
	if (rc == RC_OK && h->first == 1 && h->seen < h->exists)
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
	struct harvest_folder *h = r->task->folder;
	const size_t at = task_index(r->task, m);
	const struct harvest_message message = { &h->listed.v[at], fate, body,
		reason, &l->note };
	enum rc rc = RC_OK;

	buf_clear(&l->note);
	if (fate == READ_BODY && run->ops->prepare != NULL)
		rc = owner_says(l,
		    run->ops->prepare(run->arg, body, &l->note, f));
	if (rc != RC_OK)
		return rc;
	pthread_mutex_lock(l->lock);
	h->settled[at] = true;
	rc = owner_says(l, run->ops->message(run->arg, h, &message, f));
	pthread_mutex_unlock(l->lock);
	return rc;
}

/* Whatever ended the folder, no listed message is without a fate. */
static enum rc
refuse_the_rest(struct harvest_lane *l, const struct harvest_task *t,
    const char *reason, struct fault *f)
{
	const struct harvest *run = l->harvest;
	struct harvest_folder *h = t->folder;
	struct harvest_message m = { .fate = READ_REFUSED,
		.reason = reason,
		.note = &l->note };
	enum rc rc = RC_OK;
	size_t i;

	buf_clear(&l->note);
	pthread_mutex_lock(l->lock);
	for (i = t->first; i < t->first + t->n && rc == RC_OK; i++) {
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
	rc = store_select(l->store, h->folder, STORE_AGAIN, &state, f);
	if (rc == RC_OK && state.uidvalidity != h->uidvalidity)
		rc = fault_set(f, RC_FOLDER, CAUSE_TEMPORARY,
		    "UIDVALIDITY changed while the folder was read: run "
		    "again");
	folder_state_release(&state);
	if (rc == RC_OK)
		l->selected = h;
	return rc;
}

static bool
any_left(struct harvest_lane *l, const struct harvest_task *t)
{
	bool left = false;
	size_t i;

	pthread_mutex_lock(l->lock);
	for (i = t->first; i < t->first + t->n && !left; i++)
		left = !t->folder->settled[i];
	pthread_mutex_unlock(l->lock);
	return left;
}

enum rc
lane_read(struct harvest_lane *l, const struct harvest_task *t, bool *again_r,
    struct fault *f)
{
	struct reading r = { l, t };
	struct fault why;
	enum rc rc;

	*again_r = false;
	rc = select_again(l, t->folder, f);
	if (rc == RC_OK && t->left > 0)
		rc = l->store->ops->read(l->store, t->ask, t->left, on_read, &r,
		    f);
	/* What is asked ahead begins with a selection. */
	if (l->store->ops->ahead != NULL)
		l->selected = NULL;
	why = *f;
	if (rc == RC_OK && l->store->ops->ahead != NULL && !t->again)
		*again_r = any_left(l, t);
	if (rc == RC_STORE || *again_r)
		return rc;
	if (refuse_the_rest(l, t, rc == RC_OK ? "not answered" : why.text, f) !=
	    RC_OK)
		return RC_STORE;
	*f = why;
	return rc;
}

void
lane_tell(const struct harvest_lane *l)
{
	const struct harvest_task *t;
	struct store_ask *ask;
	size_t n = 0;

	if (l->store->ops->ahead == NULL)
		return;
	ask = xcalloc(l->plan.n, sizeof(*ask));
	for (t = l->plan.first->next; t != NULL; t = t->next) {
		ask[n].number = t->number;
		ask[n].folder = t->list != NULL ? t->list : t->folder->folder;
		ask[n].mode =
		    t->list != NULL ? mode_of(l->harvest) : STORE_AGAIN;
		ask[n].m = t->ask;
		ask[n++].n = t->left;
	}
	l->store->ops->ahead(l->store, ask, n);
	free(ask);
}
