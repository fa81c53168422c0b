#include "compare.h"

#include <stdlib.h>
#include <string.h>

#include "destination.h"
#include "restore.h"
#include "tell.h"
#include "twins.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* What the folder holds now, held against what was found in it. */
struct view {
	struct restore *restore;
	struct back_folder *b;
	bool check;         /* by fingerprint as well */
	struct msgs change; /* as they shall be, */
	struct msgs now;    /* and as they are */
	uint64_t left;      /* nobody knows what they are */
	struct twins twins;
};

static void
take_extra(struct back_folder *b, const struct msg *m,
    const struct held_message *h)
{
	struct extra *x;

	b->extra = xgrow(b->extra, b->extras, &b->cap, sizeof(*b->extra));
	x = &b->extra[b->extras++];
	*x = (struct extra){ .msg = *m, .known = h->state == HELD_READ };
	memcpy(x->canon, h->key, sizeof(x->canon));
}

/* A folder that is only looked at does not tell what it can keep. */
static const struct folder_state *
keeps_of(const struct view *v)
{
	return v->restore->dry_run ? NULL : &v->b->to->state;
}

static void
take_flags(struct view *v, const struct msg *m)
{
	const struct stood *s = stood_find(&v->b->to->stood, m->uid);
	struct msg then = *m;

	if (s == NULL || stood_is(m, s, keeps_of(v)))
		return;
	then.flags = s->flags;
	then.keywords = s->keywords;
	msgs_add(&v->change, &then);
	msgs_add(&v->now, m);
}

/*
 * A Maildir numbers what Dovecot has not seen anew: is it still the message
 * that had this UID when the folder was listed first?  What was read then is
 * known by that when it is read again.
 */
static bool
is_the_same(const struct view *v, const struct held_message *h,
    const struct fingerprint *fp)
{
	const struct stood *s;

	if (!v->check || h->state == HELD_READ)
		return true;
	if (h->state != HELD_CLAIMED)
		return memcmp(h->key, fp->b, sizeof(h->key)) == 0;
	s = stood_find(&v->b->to->stood, h->uid);
	return s != NULL && fingerprint_equal(&s->fp, fp);
}

static void
take(struct view *v, const struct msg *m)
{
	const struct held_message *h = held_find(&v->b->to->held, m->uid);

	if (h->state == HELD_CLAIMED)
		take_flags(v, m);
	else if (v->b->partial)
		v->left++;
	else
		take_extra(v->b, m, h);
}

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct view *v = arg;
	const struct held_message *h = held_find(&v->b->to->held, m->uid);

	/* What came since is nobody's business. */
	if (h == NULL || !is_the_same(v, h, fp))
		return interrupt_check(f);
	if (!twins_take(&v->twins, m))
		take(v, m);
	return interrupt_check(f);
}

static int
by_msg_uid(const void *a, const void *b)
{
	const struct extra *l = a, *r = b;

	return (l->msg.uid > r->msg.uid) - (l->msg.uid < r->msg.uid);
}

static enum rc
scan(struct lane *l, struct view *v, struct fault *f)
{
	struct destination *d = v->b->to;
	uint64_t seen;
	enum rc rc;
	size_t i;

	twins_find(&v->twins, &d->held, &d->stood);
	rc = l->store->ops->scan(l->store, 1, v->check ? SCAN_FINGERPRINT : 0,
	    on_listed, v, &seen, f);
	if (rc == RC_OK)
		twins_pair(&v->twins, &d->held, &d->stood, keeps_of(v));
	for (i = 0; rc == RC_OK && i < v->twins.seen.n; i++)
		take(v, &v->twins.seen.v[i]);
	twins_release(&v->twins);
	msgs_sort(&v->now);
	msgs_sort(&v->change);
	if (v->b->extras > 0)
		qsort(v->b->extra, v->b->extras, sizeof(*v->b->extra),
		    by_msg_uid);
	return rc;
}

static void
changed(const struct view *v, size_t i)
{
	v->restore->rollback->flagged++;
	tell_flags(v->restore, v->b->to, &v->now.v[i], &v->change.v[i]);
}

static enum rc
on_flags(void *arg, const struct msg *m, enum change_fate fate,
    const char *reason, struct fault *f)
{
	struct view *v = arg;
	struct restore *r = v->restore;
	const char *folder = v->b->to->name;

	if (fate == CHANGE_DONE)
		changed(v, (size_t)(m - v->change.v));
	if (fate == CHANGE_DONE && reason != NULL)
		report_detail(r->report, "%s/%u: %s", folder, m->uid, reason);
	if (fate == CHANGE_REFUSED) {
		r->outcome.refused++;
		report_warn(r->report, "%s/%u: flags refused: %s", folder,
		    m->uid, reason);
	}
	return interrupt_check(f);
}

static enum rc
set_flags(struct lane *l, struct view *v, struct fault *f)
{
	const struct store_ops *ops = l->store->ops;
	enum rc rc;
	size_t i;

	if (l->restore->dry_run)
		for (i = 0; i < v->change.n; i++)
			changed(v, i);
	if (l->restore->dry_run || v->change.n == 0)
		return RC_OK;
	rc = ops->set_flags(l->store, v->change.v, v->change.n, on_flags, v, f);
	if (rc == RC_OK && ops->commit != NULL)
		rc = ops->commit(l->store, f);
	return rc;
}

enum rc
compare_folder(struct lane *l, struct back_folder *b, struct fault *f)
{
	struct view v = { .restore = l->restore,
		.b = b,
		.check = l->store->ops->reopen == NULL,
		.change = MSGS_INIT,
		.now = MSGS_INIT };
	enum rc rc;

	b->extras = 0;
	rc = destination_open(l, b->to, f);
	if (rc == RC_OK && b->to->held.n > 0)
		rc = destination_select(l, b->to, f);
	if (rc == RC_OK && b->to->held.n > 0)
		rc = scan(l, &v, f);
	if (rc == RC_OK)
		rc = set_flags(l, &v, f);
	if (rc == RC_OK && v.left > 0)
		report_warn(l->restore->report,
		    "%s: the backup could not read all of this folder: %llu "
		    "messages that may be of those are left alone",
		    b->to->name, (unsigned long long)v.left);
	msgs_release(&v.change);
	msgs_release(&v.now);
	return rc;
}
