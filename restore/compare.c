#include "compare.h"

#include <stdlib.h>

#include "destination.h"
#include "restore.h"
#include "tell.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* What the folder holds now, held against what was found in it. */
struct view {
	struct restore *restore;
	struct back_folder *b;
	const struct held_message **held; /* by UID */
	bool check;                       /* by fingerprint as well */
	struct msgs change;               /* as they shall be, */
	struct msgs now;                  /* and as they are */
	uint64_t left;                    /* nobody knows what they are */
};

static int
by_uid(const void *a, const void *b)
{
	const struct held_message *l = *(const struct held_message *const *)a;
	const struct held_message *r = *(const struct held_message *const *)b;

	return (l->uid > r->uid) - (l->uid < r->uid);
}

static int
cmp_held(const void *key, const void *at)
{
	const uint32_t uid = *(const uint32_t *)key;
	const struct held_message *h = *(const struct held_message *const *)at;

	return (uid > h->uid) - (uid < h->uid);
}

static void
take_extra(struct back_folder *b, const struct msg *m)
{
	b->extra = xgrow(b->extra, b->extras, &b->cap, sizeof(*b->extra));
	b->extra[b->extras++] = (struct extra){ .msg = *m };
}

static void
take_flags(struct view *v, const struct msg *m)
{
	const struct stood *s = stood_find(&v->b->to->stood, m->uid);
	/* A folder that is only looked at does not tell what it can keep. */
	const struct folder_state *keeps =
	    v->restore->dry_run ? NULL : &v->b->to->state;
	struct msg then = *m;

	if (s == NULL || stood_is(m, s, keeps))
		return;
	then.flags = s->flags;
	then.keywords = s->keywords;
	msgs_add(&v->change, &then);
	msgs_add(&v->now, m);
}

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct view *v = arg;
	const struct held *held = &v->b->to->held;
	const struct held_message *const *at;

	at = bsearch(&m->uid, v->held, held->n, sizeof(*v->held), cmp_held);
	/* What came since is nobody's business. */
	if (at == NULL || (v->check && !fingerprint_equal(&(*at)->fp, fp)))
		return interrupt_check(f);
	if ((*at)->claimed)
		take_flags(v, m);
	else if (v->b->partial)
		v->left++;
	else
		take_extra(v->b, m);
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
	const struct held *held = &v->b->to->held;
	struct store *s = l->store;
	uint64_t seen;
	enum rc rc;
	size_t i;

	v->held = xcalloc(held->n + 1, sizeof(*v->held));
	for (i = 0; i < held->n; i++)
		v->held[i] = &held->v[i];
	qsort(v->held, held->n, sizeof(*v->held), by_uid);
	rc = s->ops->scan(s, 1, v->check ? SCAN_FINGERPRINT : 0, on_listed, v,
	    &seen, f);
	free(v->held);
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
		/* A Maildir numbers what Dovecot has not seen anew. */
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
