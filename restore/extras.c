#include "extras.h"

#include <stdlib.h>
#include <string.h>

#include "destination.h"
#include "keep.h"
#include "restore.h"
#include "settle.h"
#include "tell.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum { HEADER_MAX = 1 << 20 };

/* A folder on its way through the store. */
struct pass {
	struct restore *restore;
	struct back_folder *b;
	struct keep *keep; /* NULL: nothing is to be kept */
};

static struct extra *
find(const struct back_folder *b, uint32_t uid)
{
	size_t low = 0, high = b->extras, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (b->extra[middle].msg.uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < b->extras && b->extra[low].msg.uid == uid ?
	    &b->extra[low] :
	    NULL;
}

static void
refuse(struct pass *p, const struct msg *m, const char *reason)
{
	struct restore *r = p->restore;

	r->outcome.refused++;
	report_warn(r->report, "%s/%u: is not removed: %s", p->b->to->name,
	    m->uid, reason);
}

static enum rc
take(struct pass *p, struct extra *x, const struct body *body, struct fault *f)
{
	struct buf header = BUF_INIT;
	struct fingerprint fp;
	struct headline head;
	enum rc rc;

	rc = body_header(body, HEADER_MAX, &header, f);
	if (rc == RC_OK) {
		x->hash = body->digest.hash;
		x->msg.size = body->digest.wire_size;
		x->read = true;
		headline_of(buf_str(&header), header.len, &head);
		tell_extra(p->restore, p->b->to, x, &head);
		headline_release(&head);
		p->restore->rollback->extra++;
	}
	if (rc == RC_OK && p->keep != NULL) {
		fingerprint_of(header.data, header.len, &fp);
		rc = keep_add(p->keep, &x->msg, &fp, body, f);
		x->kept = rc == RC_OK;
		if (rc == RC_MESSAGE)
			refuse(p, &x->msg, f->text);
	}
	buf_release(&header);
	return rc == RC_MESSAGE ? RC_OK : rc;
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct pass *p = arg;
	struct extra *x = find(p->b, m->uid);

	if (fate == READ_REFUSED)
		refuse(p, m, reason);
	/* A line that was mended may bring one twice; and another message may
	 * have this UID by now. */
	if (fate != READ_BODY || x == NULL || x->read ||
	    (x->known &&
		memcmp(x->canon, body->digest.canon, sizeof(x->canon)) != 0))
		return interrupt_check(f);
	return take(p, x, body, f);
}

/* Those of b that fit, by UID; the caller releases. */
static void
choose(const struct back_folder *b, bool kept, struct msgs *r)
{
	size_t i;

	for (i = 0; i < b->extras; i++)
		if (!b->extra[i].removed && b->extra[i].kept == kept)
			msgs_add(r, &b->extra[i].msg);
}

static enum rc
read_folder(struct lane *l, struct pass *p, struct fault *f)
{
	struct destination *d = p->b->to;
	struct msgs want = MSGS_INIT;
	enum rc rc;

	rc = destination_select(l, d, f);
	if (rc == RC_OK && p->keep != NULL)
		rc = keep_folder(p->keep, &d->folder, d->state.uidvalidity,
		    d->state.exists, f);
	choose(p->b, false, &want);
	if (rc == RC_OK)
		rc = l->store->ops->read(l->store, want.v, want.n, on_read, p,
		    f);
	msgs_release(&want);
	return rc;
}

static void
unmark(struct back_folder *v, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < v[i].extras; k++)
			v[i].extra[k].kept = false;
}

static bool
has_extras(const struct back_folder *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].extras > 0)
			return true;
	return false;
}

enum rc
extras_keep(struct lane *l, struct back_folder *v, size_t n, struct fault *f)
{
	struct restore *r = l->restore;
	const struct rollback *rb = r->rollback;
	struct pass p = { .restore = r };
	enum rc rc = RC_OK;
	size_t i;

	if (!has_extras(v, n))
		return RC_OK;
	if (rb->delete_extra && !r->dry_run)
		rc = keep_open(rb->keep, rb->key, l->store->ops->info(l->store),
		    &p.keep, f);
	for (i = 0; rc == RC_OK && i < n; i++) {
		if (v[i].extras == 0)
			continue;
		p.b = &v[i];
		rc = read_folder(l, &p, f);
		if (rc != RC_FOLDER)
			continue;
		/* Nothing of it is kept, and nothing goes. */
		unmark(&v[i], 1);
		r->outcome.folders_failed++;
		report_fault(r->report, f);
		rc = RC_OK;
	}
	if (rc == RC_OK && p.keep != NULL)
		rc = keep_close(p.keep, f);
	keep_free(p.keep);
	if (rc != RC_OK)
		unmark(v, n);
	return rc;
}

/* The second look: who passes goes. */
struct look {
	struct pass *p;
	struct msgs same;
};

static enum rc
on_look(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct look *k = arg;
	struct extra *x = find(k->p->b, m->uid);

	if (x == NULL)
		return interrupt_check(f);
	if (fate == READ_GONE)
		x->removed = true;
	else if (fate == READ_REFUSED)
		refuse(k->p, m, reason);
	else if (hash_equal(&x->hash, &body->digest.hash))
		msgs_add(&k->same, &x->msg);
	else
		refuse(k->p, m, "it is not what was kept any more");
	return interrupt_check(f);
}

static enum rc
on_removed(void *arg, const struct msg *m, enum change_fate fate,
    const char *reason, struct fault *f)
{
	struct pass *p = arg;
	struct extra *x = find(p->b, m->uid);

	if (fate == CHANGE_REFUSED)
		refuse(p, m, reason);
	if (fate == CHANGE_REFUSED || x == NULL || x->removed)
		return interrupt_check(f);
	x->removed = true;
	p->restore->rollback->removed++;
	tell_removed(p->restore, p->b->to, x);
	return interrupt_check(f);
}

enum rc
extras_remove(struct lane *l, struct back_folder *b, struct fault *f)
{
	const struct store_ops *ops = l->store->ops;
	struct pass p = { .restore = l->restore, .b = b };
	struct look look = { .p = &p, .same = MSGS_INIT };
	struct msgs want = MSGS_INIT;
	enum rc rc = RC_OK;

	choose(b, true, &want);
	if (want.n > 0) {
		/* Selected anew: under the UIDVALIDITY of what was kept. */
		l->selected = NULL;
		rc = destination_select(l, b->to, f);
	}
	if (rc == RC_OK && want.n > 0)
		rc = ops->read(l->store, want.v, want.n, on_look, &look, f);
	msgs_sort(&look.same);
	if (rc == RC_OK && look.same.n > 0)
		rc = ops->remove(l->store, look.same.v, look.same.n, on_removed,
		    &p, f);
	if (rc == RC_OK && ops->commit != NULL)
		rc = ops->commit(l->store, f);
	msgs_release(&look.same);
	msgs_release(&want);
	return rc;
}
