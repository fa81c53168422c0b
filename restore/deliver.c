/*
 * Exactly once.  Before anything is sent, the target is asked what it has:
 * a message that lies there (by content, each copy once) is not sent.
 * After a lost line the answer of an APPEND may be missing, so the same
 * question is asked again about the end of the folder, and only what is
 * not there is sent again.
 */
#include <stdlib.h>
#include <string.h>

#include "restore.h"
#include "util/interrupt.h"
#include "util/mem.h"

struct delivery {
	struct restore *restore;
	struct destination *to;
	struct pending *v;
	size_t n;
	uint64_t through; /* messages settled: progress */
};

static struct journal_line
line_of(const struct delivery *d, const struct pending *p, uint32_t uid)
{
	return (struct journal_line){
		.folder = p->from->folder.name,
		.uidvalidity = p->from->uidvalidity,
		.uid = p->entry->msg.uid,
		.to_folder = d->to->name,
		.to_uidvalidity = d->to->state.uidvalidity,
		.to_uid = uid,
		.fp = &p->entry->fingerprint,
		.canon = p->body.digest.canon,
	};
}

static void
settle(struct delivery *d, struct pending *p)
{
	p->done = true;
	d->through++;
	progress_add(d->restore->report, 1, p->body.digest.wire_size);
}

static void
refuse(struct delivery *d, struct pending *p, const char *reason)
{
	struct restore *r = d->restore;
	struct event *e;

	settle(d, p);
	d->to->refused++;
	r->outcome.refused++;
	report_warn(r->report, "%s/%u: refused: %s", p->from->folder.name,
	    p->entry->msg.uid, reason);
	e = event_begin(r->report, "refused");
	event_text(e, "folder", p->from->folder.name);
	event_number(e, "uid", p->entry->msg.uid);
	event_text(e, "target", d->to->name);
	event_text(e, "reason", reason);
	event_send(e);
}

static void
refuse_all(struct delivery *d, const char *reason)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (!d->v[i].done)
			refuse(d, &d->v[i], reason);
}

static enum rc
found(struct delivery *d, struct pending *p, uint32_t uid, struct fault *f)
{
	struct journal_line line = line_of(d, p, uid);
	const struct journal_entry *e = journal_find(d->restore->journal,
	    line.folder, line.uidvalidity, line.uid);

	settle(d, p);
	d->to->already++;
	d->restore->outcome.already++;
	if (e != NULL && e->to_uid == uid)
		return RC_OK;
	return journal_done(d->restore->journal, &line, f);
}

static const struct journal_entry *
journaled(const struct delivery *d, const struct pending *p)
{
	const struct journal_entry *e;

	e = journal_find(d->restore->journal, p->from->folder.name,
	    p->from->uidvalidity, p->entry->msg.uid);
	if (e == NULL || e->to_uidvalidity != d->to->state.uidvalidity ||
	    strcmp(journal_folder(d->restore->journal, e->to_folder),
		d->to->name) != 0)
		return NULL;
	return e;
}

/* An earlier run restored it, and it is no longer there: somebody at the
 * target deleted or moved it, and that is not for us to undo. */
static bool
was_removed(struct delivery *d, struct pending *p)
{
	struct restore *r = d->restore;

	if (r->again || journaled(d, p) == NULL)
		return false;
	settle(d, p);
	r->removed++;
	report_detail(r->report,
	    "%s/%u: restored before and removed at the "
	    "target since",
	    p->from->folder.name, p->entry->msg.uid);
	return true;
}

/* Does the message lie there under the UID that an earlier run noted? */
static bool
still_there(struct delivery *d, struct pending *p)
{
	const struct journal_entry *e = journaled(d, p);

	if (e == NULL || e->to_uid == 0 ||
	    !held_claim_uid(&d->to->held, e->to_uid))
		return false;
	settle(d, p);
	d->to->already++;
	d->restore->outcome.already++;
	return true;
}

/* What was noted without a UID was claimed by content as a debt, so that
 * nothing else took it: a debt that is settled means it is there. */
static bool
debt_settled(struct delivery *d, struct pending *p)
{
	const struct journal_entry *e = journaled(d, p);

	if (e == NULL || e->to_uid != 0 || held_owes(&d->to->held, e))
		return false;
	settle(d, p);
	d->to->already++;
	d->restore->outcome.already++;
	return true;
}

/* Settles every message that the target holds already. */
static enum rc
look(struct delivery *d, struct fault *f)
{
	struct held *h = &d->to->held;
	struct msgs want = MSGS_INIT;
	enum rc rc = RC_OK;
	uint32_t uid;
	size_t i;

	for (i = 0; i < d->n; i++)
		if (!d->v[i].done && !still_there(d, &d->v[i]))
			held_want(h, &d->v[i].entry->fingerprint, &want);
	rc = held_read(h, d->restore->target, &want, f);
	for (i = 0; i < d->n && rc == RC_OK; i++) {
		struct pending *p = &d->v[i];

		if (p->done || debt_settled(d, p))
			continue;
		if (held_claim(h, &p->entry->fingerprint, p->body.digest.canon,
			&uid))
			rc = found(d, p, uid, f);
		else
			(void)was_removed(d, p);
	}
	msgs_release(&want);
	return rc;
}

static enum rc
on_appended(void *arg, struct append_item *item, struct fault *f)
{
	struct delivery *d = arg;
	struct pending *p = item->owner;
	struct journal_line line;
	enum rc rc = RC_OK;

	if (item->fate == APPEND_REFUSED) {
		refuse(d, p, item->reason);
		return interrupt_check(f);
	}
	line = line_of(d, p, item->uid);
	settle(d, p);
	d->to->appended++;
	d->restore->outcome.done++;
	held_appended(&d->to->held, item->uid, line.fp, line.canon);
	if (item->repaired) {
		report_detail(d->restore->report, "%s/%u: %s", line.folder,
		    line.uid, item->reason);
		rc =
		    journal_repair(d->restore->journal, &line, item->reason, f);
	}
	if (rc == RC_OK)
		rc = journal_done(d->restore->journal, &line, f);
	return rc;
}

static enum rc
send_rest(struct delivery *d, struct fault *f)
{
	struct append_item *item = xcalloc(d->n, sizeof(*item));
	struct append_order order = { .folder = &d->to->folder,
		.state = &d->to->state,
		.item = item,
		.fn = on_appended,
		.arg = d };
	struct store *s = d->restore->target;
	size_t i, n = 0;
	enum rc rc = RC_OK;

	for (i = 0; i < d->n; i++) {
		if (d->v[i].done)
			continue;
		item[n].msg = &d->v[i].msg;
		item[n].body = &d->v[i].body;
		item[n++].owner = &d->v[i];
	}
	if (n > 0 && d->restore->dry_run) {
		d->to->appended += n;
		d->restore->outcome.done += n;
	} else if (n > 0) {
		order.n = n;
		rc = s->ops->append(s, &order, f);
		if (rc == RC_OK && s->ops->await != NULL)
			rc = s->ops->await(s, f);
		if (rc == RC_OK && s->ops->commit != NULL)
			rc = s->ops->commit(s, f);
	}
	free(item);
	return rc;
}

static enum rc
attempt(struct delivery *d, struct fault *f)
{
	enum rc rc;

	rc = destination_select(d->restore, d->to, f);
	if (rc == RC_OK && d->to->known)
		rc = look(d, f);
	if (rc == RC_OK)
		rc = send_rest(d, f);
	return rc;
}

enum rc
deliver(struct restore *r, struct destination *to, struct pending *p, size_t n,
    struct fault *f)
{
	struct delivery d = { .restore = r, .to = to, .v = p, .n = n };
	uint64_t before = 0;
	unsigned tries = 0;
	enum rc rc;

	for (;;) {
		rc = attempt(&d, f);
		if (rc == RC_OK)
			return RC_OK;
		if (rc != RC_STORE) {
			refuse_all(&d, f->text);
			return rc;
		}
		tries = d.through > before ? 1 : tries + 1;
		before = d.through;
		if (f->cause != CAUSE_TEMPORARY || interrupt_signal() != 0 ||
		    r->target->ops->reopen == NULL)
			return rc;
		report_note(r->report, "%s; connecting again", f->text);
		destination_lost(r);
		rc = r->target->ops->reopen(r->target, tries, f);
		if (rc != RC_OK)
			return rc;
	}
}
