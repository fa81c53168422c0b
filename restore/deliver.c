/*
 * Exactly once.  Before anything is sent, the target is asked what it has:
 * a message that lies there (by content, each copy once) is not sent.
 * After a lost line the answer of an APPEND may be missing, so the same
 * question is asked again about the end of the folder, and only what is
 * not there is sent again.
 */
#include <stdlib.h>

#include "destination.h"
#include "lane.h"
#include "parcel.h"
#include "settle.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* Does the message lie there under the UID that an earlier run noted? */
static enum rc
still_there(struct lane *l, struct pending *p, struct fault *f)
{
	const struct journal_entry *e = p->known;

	if (e == NULL || e->to_uid == 0 ||
	    !held_claim_uid(&p->parcel->to->held, e->to_uid))
		return RC_OK;
	return settle_there(l->restore, p, e->to_uid, f);
}

/* What was noted without a UID was claimed by content as a debt, so that
 * nothing else took it: a debt that is settled means it is there. */
static enum rc
debt_settled(struct lane *l, struct pending *p, struct fault *f)
{
	const struct journal_entry *e = p->known;

	if (e == NULL || e->to_uid != 0 || held_owes(&p->parcel->to->held, e))
		return RC_OK;
	return settle_there(l->restore, p, 0, f);
}

static enum rc
recognize(struct lane *l, struct pending *p, struct fault *f)
{
	struct restore *r = l->restore;
	uint32_t uid;
	enum rc rc = RC_OK;

	if (!p->done)
		rc = debt_settled(l, p, f);
	if (p->done || rc != RC_OK)
		return rc;
	if (held_claim(&p->parcel->to->held, p->body.digest.canon, &uid)) {
		if (r->rollback != NULL)
			stood_add(&p->parcel->to->stood, uid, &p->msg,
			    &p->fingerprint);
		return settle_found(r, p, uid, f);
	}
	/* An earlier run restored it, and it is no longer there: somebody at
	 * the target deleted or moved it, which is not for us to undo. */
	if (!r->again && p->known != NULL)
		settle_removed(r, p);
	return RC_OK;
}

/* Settles every message that the target holds already. */
static enum rc
look(struct lane *l, struct parcel *p, struct fault *f)
{
	struct held *h = &p->to->held;
	struct msgs want = MSGS_INIT;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < p->n && rc == RC_OK; i++)
		if (!p->v[i].done)
			rc = settle_look_up(l->restore, &p->v[i], f);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < p->n && rc == RC_OK; i++) {
		if (!p->v[i].done)
			rc = still_there(l, &p->v[i], f);
		if (!p->v[i].done)
			held_want(h, &p->v[i].fingerprint, &want);
	}
	if (rc == RC_OK && h->n > 0 && (want.n > 0 || h->debts > 0))
		rc = destination_select(l, p->to, f);
	if (rc == RC_OK)
		rc = held_read(h, l->store, &want, f);
	for (i = 0; i < p->n && rc == RC_OK; i++)
		rc = recognize(l, &p->v[i], f);
	msgs_release(&want);
	return rc;
}

static enum rc
on_appended(void *arg, struct append_item *item, struct fault *f)
{
	struct pending *p = item->owner;
	struct lane *l = arg;

	if (item->fate == APPEND_REFUSED) {
		settle_refused(l->restore, p, item->reason);
		return interrupt_check(f);
	}
	held_appended(&p->parcel->to->held, item->uid, &p->fingerprint,
	    p->body.digest.canon);
	return settle_appended(l->restore, p, item, f);
}

static void
order(struct lane *l, struct parcel *p)
{
	size_t i, n = 0;

	free(p->item);
	p->item = xcalloc(p->open + 1, sizeof(*p->item));
	for (i = 0; i < p->n; i++) {
		if (p->v[i].done)
			continue;
		p->item[n].msg = &p->v[i].msg;
		p->item[n].body = &p->v[i].body;
		p->item[n++].owner = &p->v[i];
	}
	p->order = (struct append_order){
		.folder = &p->to->folder,
		.state = &p->to->state,
		.item = p->item,
		.n = n,
		.fn = on_appended,
		.arg = l,
	};
}

static enum rc
send_rest(struct lane *l, struct parcel *p, struct fault *f)
{
	const struct store_ops *ops = l->store->ops;
	enum rc rc = RC_OK;

	if (p->open == 0)
		return RC_OK;
	order(l, p);
	/* A store that keeps nothing under way appends to what is selected. */
	if (ops->await == NULL)
		rc = destination_select(l, p->to, f);
	if (rc == RC_OK)
		rc = ops->append(l->store, &p->order, f);
	if (rc == RC_OK && ops->commit != NULL)
		rc = ops->commit(l->store, f);
	return rc;
}

static void
count_rest(struct lane *l, struct parcel *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!p->v[i].done)
			settle_counted(l->restore, &p->v[i]);
}

static enum rc
expect(struct lane *l, struct parcel *p, struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < p->n; i++)
		if (i == 0 || p->v[i].from != p->v[i - 1].from)
			rc = destination_expect(l, p->to, p->v[i].from,
			    p->v[i].uidvalidity, f);
	return rc;
}

enum rc
deliver(struct lane *l, struct parcel *p, struct fault *f)
{
	enum rc rc;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i].absent && !p->v[i].done)
			settle_absent(l->restore, &p->v[i]);
	rc = expect(l, p, f);
	if (rc == RC_OK)
		rc = destination_open(l, p->to, f);
	if (rc == RC_OK && p->to->known)
		rc = look(l, p, f);
	if (rc == RC_OK && l->restore->dry_run)
		count_rest(l, p);
	else if (rc == RC_OK)
		rc = send_rest(l, p, f);
	if (rc == RC_OK || rc == RC_STORE)
		return rc;
	settle_refuse_rest(l->restore, p, f->text);
	return RC_OK;
}
