#include "look.h"

#include <stdlib.h>

#include "util/mem.h"

uint32_t
look_from(void *arg, struct harvest_folder *h)
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
	uidset_clear(&p->there);
	return followed_from(p);
}

/* What the parent of a delta knows is compared, and not read: see begin. */
bool
look_wants(void *arg, struct harvest_folder *h, const struct msg *m)
{
	const struct sweep *s = arg;
	struct followed *p = h->owner;

	if (h->first == 1)
		(void)uidset_add(&p->there, m->uid);
	if (uidset_has(&p->settled, m->uid) ||
	    uidset_has(&p->unselected, m->uid))
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

	if (copy_announce(b, h, h->uidvalidity, f) == RC_OK) {
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

/* HIGHESTMODSEQ stays that of the first look: flags of what was stored since
 * then may have changed, and the next delta has to ask for them. */
static void
look_again(struct sweep *s, struct followed *p, struct harvest_folder *h)
{
	struct folder_claim *c = &p->copy.claim;

	if (p->resumed)
		copy_tell_unlisted(s->backup, h);
	p->resumed = false;
	p->whole = lacks_some(p, h);
	p->due = p->whole;
	if (h->first > 1 && h->exists < c->exists + h->seen)
		p->left = true;
	c->uidnext = h->uidnext;
	c->exists = h->exists;
	c->status_known = h->status_known;
	c->status = h->status;
}

/* All of the folder was listed: what is stored and not there has gone. */
static enum rc
take_gone(struct backup *b, struct followed *p, struct fault *f)
{
	enum rc rc;

	p->left = false;
	if (p->past == NULL)
		p->past = past_new();
	past_release(p->past, &p->there);
	rc = past_add_gone(p->past, b->archive, p->copy.number, &p->there,
	    &p->gone, f);
	if (rc != RC_OK)
		b->sink_failed = true;
	return rc == RC_OK ? RC_OK : RC_STORE;
}

enum rc
look_begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	struct sweep *s = arg;
	struct backup *b = s->backup;
	struct followed *p = h->owner;
	const bool again = p->announced;
	uint64_t octets = 0;
	enum rc rc = RC_OK;
	size_t i;

	p->current = h;
	p->again = p->due = p->whole = p->unclear = false;
	free(p->why);
	p->why = NULL;
	give_up_gone(s, p, h);
	if (again)
		look_again(s, p, h);
	else
		rc = announce(s, p, h, f);
	if (rc == RC_OK && again && h->first == 1 && h->seen >= h->exists)
		rc = take_gone(b, p, f);
	uidset_clear(&p->there);
	if (rc == RC_OK)
		followed_compare(b, p, h);
	for (i = 0; i < h->listed.n; i++) {
		h->listed.v[i].folder = p->copy.number;
		octets += h->listed.v[i].size;
	}
	if (rc == RC_OK)
		rc = archive_writer_expect(b->archive, h->listed.n, f);
	if (rc == RC_OK)
		progress_listed(b->report, 0, h->listed.n, octets);
	return rc;
}

enum rc
look_judge(struct sweep *s, const struct harvest_folder *h,
    const struct harvest_message *m, enum look_verdict *r, struct fault *f)
{
	struct followed *p = h->owner;
	struct backup *b = s->backup;
	const struct past_look look = { &m->body->digest.hash,
		m->body->digest.eol == EOL_RAW, m->msg->uid };
	enum rc rc;

	*r = LOOK_NEW;
	if (p->past != NULL && past_take(p->past, &look)) {
		(void)uidset_add(&p->unselected, m->msg->uid);
		*r = LOOK_BACK;
		return RC_OK;
	}
	if (!p->left || h->first == 1)
		return RC_OK;
	rc = archive_writer_has(b->archive, m->body, &m->msg->date, f);
	if (rc == RC_OK) {
		followed_leave_open(s->all, p, m->msg, NULL);
		p->unclear = true;
		*r = LOOK_UNCLEAR;
	}
	if (rc == RC_OK || rc == RC_END)
		return RC_OK;
	b->sink_failed = true;
	return RC_STORE;
}
