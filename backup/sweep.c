#include "sweep.h"

#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"

enum {
	AGAIN_MS = 1000, /* before a folder is tried again, then twice that, */
	AGAIN_MAX_MS = 60 * 1000, /* up to this; */
	STUCK_TRIES = 3,          /* the first of them over new connections */
};

/* What a list tells of a folder without a name. */
static struct folder
facts_of(const struct folder *folder)
{
	return (struct folder){ .status_known = folder->status_known,
		.messages = folder->messages,
		.uidnext = folder->uidnext,
		.uidvalidity = folder->uidvalidity,
		.version = folder->version };
}

/* Only what brings new messages: flags of a message stay as they were when
 * it was stored. */
static bool
is_as_seen(const struct followed *p, const struct folder *now)
{
	if (!p->known)
		return false;
	if (now->version != 0)
		return p->seen.version == now->version;
	return now->status_known && now->uidnext != 0 && p->seen.status_known &&
	    p->seen.messages == now->messages &&
	    p->seen.uidnext == now->uidnext &&
	    p->seen.uidvalidity == now->uidvalidity;
}

void
sweep_note(struct sweep *s, const struct folders *list)
{
	const struct folder *now;
	struct followed *p;
	size_t i;

	for (p = s->all->first; p != NULL; p = p->next)
		p->listed = false;
	for (i = 0; i < list->n; i++) {
		now = &list->v[i];
		if (!backup_wants(s->backup, now))
			continue;
		p = followeds_find(s->all, now->name);
		if (p == NULL)
			p = followeds_add(s->all, now->name);
		p->listed = true;
		p->due = p->due || !is_as_seen(p, now);
		folder_release(&p->folder);
		folder_copy(&p->folder, now);
	}
}

static uint32_t
from(void *arg, struct harvest_folder *h)
{
	struct sweep *s = arg;
	struct followed *p = followeds_find(s->all, h->folder->name);

	if (p->announced && p->uidvalidity != h->uidvalidity) {
		report_note(s->backup->report,
		    "%s: UIDVALIDITY is another: looking at all of it",
		    p->folder.name);
		followed_renew(s->backup, p);
	}
	p->uidvalidity = h->uidvalidity;
	h->owner = p;
	return followed_from(p);
}

static bool
wants(void *arg, struct harvest_folder *h, const struct msg *m)
{
	const struct sweep *s = arg;
	struct followed *p = h->owner;

	if (uidset_has(&p->settled, m->uid))
		return false;
	if (selection_has_date(s->backup->selection, &m->date))
		return true;
	(void)uidset_add(&p->unselected, m->uid);
	return false;
}

/* What was listed once, got no fate, and is not listed any more. */
static void
give_up_gone(struct sweep *s, struct followed *p,
    const struct harvest_folder *h)
{
	struct uidset there = UIDSET_INIT;
	size_t i;

	for (i = 0; i < h->listed.n && p->opens > 0; i++)
		(void)uidset_add(&there, h->listed.v[i].uid);
	for (i = 0; i < p->opens; i++) {
		if (uidset_has(&there, p->open[i].msg.uid) ||
		    !uidset_add(&p->settled, p->open[i].msg.uid))
			continue;
		p->copy.claim.gone++;
		s->backup->outcome.gone++;
	}
	uidset_release(&there);
	followed_close(p);
}

/* The archive has it under this UIDVALIDITY; what it had under others is not
 * stored again. */
static enum rc
announce(struct sweep *s, struct followed *p, struct harvest_folder *h,
    struct fault *f)
{
	struct backup *b = s->backup;
	enum rc rc;

	rc = copy_announce(b, h, h->uidvalidity, f);
	if (rc == RC_OK)
		rc = archive_writer_expect(b->archive, h->listed.n, 0, f);
	if (rc == RC_OK) {
		p->announced = true;
		copy_tell_unlisted(b, h);
		return followed_recall(b, p, f);
	}
	b->sink_failed = true;
	return RC_STORE;
}

/* More than there were, and than are new: some came with a UID below. */
static bool
lacks_some(const struct followed *p, const struct harvest_folder *h)
{
	return h->first > 1 && h->exists > p->copy.claim.exists + h->seen;
}

static enum rc
look_again(struct sweep *s, struct followed *p, struct harvest_folder *h,
    struct fault *f)
{
	struct folder_claim *c = &p->copy.claim;

	if (p->resumed)
		copy_tell_unlisted(s->backup, h);
	p->resumed = false;
	p->whole = lacks_some(p, h);
	p->due = p->whole;
	c->uidnext = h->uidnext;
	c->highestmodseq = h->highestmodseq;
	c->exists = h->exists;
	c->status_known = h->status_known;
	c->status = h->status;
	return archive_writer_expect(s->backup->archive, h->listed.n, 0, f);
}

static enum rc
begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	struct sweep *s = arg;
	struct followed *p = h->owner;
	uint64_t octets = 0;
	enum rc rc;
	size_t i;

	p->current = h;
	p->again = p->due = false;
	free(p->why);
	p->why = NULL;
	give_up_gone(s, p, h);
	rc = p->announced ? look_again(s, p, h, f) : announce(s, p, h, f);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < h->listed.n; i++) {
		h->listed.v[i].folder = p->copy.number;
		octets += h->listed.v[i].size;
	}
	progress_listed(s->backup->report, 0, h->listed.n, octets);
	return RC_OK;
}

static enum rc
prepare(void *arg, const struct body *body, struct buf *note, struct fault *f)
{
	const struct sweep *s = arg;

	return copy_prepare(s->backup, body, note, f);
}

static enum rc
message(void *arg, struct harvest_folder *h, const struct harvest_message *m,
    struct fault *f)
{
	struct sweep *s = arg;
	struct followed *p = h->owner;
	enum rc rc;

	/* Perhaps it is the folder that cannot be read, for now: see end. */
	if (m->fate == READ_REFUSED) {
		followed_leave_open(s->all, p, m->msg, m->reason);
		return RC_OK;
	}
	if (m->fate == READ_BODY && p->past != NULL &&
	    past_take(p->past, &m->body->digest.hash,
		m->body->digest.eol == EOL_RAW)) {
		(void)uidset_add(&p->unselected, m->msg->uid);
		return RC_OK;
	}
	rc = copy_message(s->backup, h, m, f);
	if (rc == RC_OK)
		(void)uidset_add(&p->settled, m->msg->uid);
	return rc;
}

static void
try_later(struct followed *p)
{
	int64_t ms = AGAIN_MS;
	unsigned i;

	for (i = 0; i < p->tries && ms < AGAIN_MAX_MS; i++)
		ms *= 2;
	p->tries++;
	p->due = true;
	p->not_before = clock_ms() + (ms < AGAIN_MAX_MS ? ms : AGAIN_MAX_MS);
}

static void
end(void *arg, struct harvest_folder *h)
{
	struct sweep *s = arg;
	struct followed *p = h->owner;

	h->owner = NULL;
	p->current = NULL;
	if (p->again) {
		try_later(p);
		return;
	}
	p->tries = 0;
	p->known = true;
	p->seen = facts_of(h->folder);
	h->owner = p;
	followed_refuse_open(s->backup, p, h, "not answered");
	h->owner = NULL;
}

static void
drop(void *arg, struct harvest_folder *h)
{
	struct sweep *s = arg;
	struct followed *p = h->owner;
	const struct msg *m;
	size_t i;

	h->owner = NULL;
	p->due = true;
	if (p->current != h)
		return;
	p->current = NULL;
	for (i = 0; i < h->listed.n; i++) {
		m = &h->listed.v[i];
		if (!h->settled[i])
			followed_leave_open(s->all, p, m, NULL);
	}
}

static bool
is_passing(const struct fault *f)
{
	return f->cause == CAUSE_TEMPORARY || f->cause == CAUSE_NOINPUT ||
	    f->cause == CAUSE_UNREACHABLE;
}

static enum rc
failed(void *arg, struct harvest_folder *h, bool begun, struct fault *f)
{
	struct sweep *s = arg;
	struct followed *p = followeds_find(s->all, h->folder->name);

	(void)fault_name(f, RC_FOLDER, h->folder->name);
	if (begun && !is_passing(f)) {
		s->backup->outcome.folders_failed++;
		report_fault(s->backup->report, f);
		return RC_OK;
	}
	if (begun) {
		p->again = true;
	} else {
		h->owner = NULL;
		if (p->why == NULL)
			p->why = xcalloc(1, sizeof(*p->why));
		*p->why = *f;
		s->stuck = s->stuck || p->tries < STUCK_TRIES;
		try_later(p);
	}
	if (p->tries <= 1)
		report_note(s->backup->report, "%s; trying it again later",
		    f->text);
	return RC_OK;
}

static void
lost(void *arg, const struct fault *f, unsigned left)
{
	const struct sweep *s = arg;

	copy_lost(s->backup, f, left);
}

/* A Maildir is one for all: several would give one message several UIDs. */
static unsigned
connections(const struct backup *b)
{
	return b->source->ops->reopen == NULL ? 1 : b->connections;
}

enum rc
sweep_run(struct sweep *s, struct fault *f)
{
	static const struct harvest_ops ops = {
		.from = from,
		.wants = wants,
		.begin = begin,
		.prepare = prepare,
		.message = message,
		.end = end,
		.drop = drop,
		.failed = failed,
		.lost = lost,
	};
	struct backup *b = s->backup;
	const struct harvest h = { &ops, s, b->source, b->open, b->open_arg,
		connections(b) };
	const struct folder **due;
	struct followed *p;
	size_t n = 0;
	enum rc rc;

	due = xcalloc(s->all->n + 1, sizeof(*due));
	for (p = s->all->first; p != NULL; p = p->next)
		if (p->listed && p->due && clock_ms() >= p->not_before)
			due[n++] = &p->folder;
	rc = n > 0 ? harvest_run(&h, due, n, f) : RC_OK;
	free(due);
	return rc;
}
