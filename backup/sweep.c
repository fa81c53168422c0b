#include "sweep.h"

#include <stdlib.h>
#include <string.h>

#include "look.h"
#include "util/clock.h"
#include "util/mem.h"

enum {
	AGAIN_MS = 1000, /* before a folder is tried again, then twice that, */
	AGAIN_MAX_MS = 60 * 1000, /* up to this; */
	STUCK_TRIES = 3,          /* the first of them over new connections */
};

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
	enum look_verdict verdict;
	enum rc rc;

	/* Perhaps it is the folder that cannot be read, for now: see end. */
	if (m->fate == READ_REFUSED) {
		followed_leave_open(s->all, p, m->msg, m->reason);
		return RC_OK;
	}
	if (m->fate == READ_BODY) {
		rc = look_judge(s, h, m, &verdict, f);
		if (rc != RC_OK || verdict != LOOK_NEW)
			return rc;
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
	if (p->unclear) {
		p->due = p->whole = s->unclear = true;
		return;
	}
	p->known = true;
	p->seen = folder_facts(h->folder);
	if (h->first == 1)
		p->all = p->seen;
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
		.from = look_from,
		.wants = look_wants,
		.begin = look_begin,
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
