#include "rollback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "destination.h"
#include "extras.h"
#include "restore.h"
#include "scope.h"
#include "stock.h"
#include "tell.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum { TRIES = 5 }; /* new lines for one step */

struct back {
	struct restore *restore;
	struct lane lane;
	struct back_folder *v;
	size_t n;
	size_t cap;
};

/* What is done about one folder; done again where the line was lost, and
 * then goes on where it was. */
typedef enum rc step_fn(struct back *k, struct back_folder *b, struct fault *f);

static struct back_folder *
add_folder(struct back *k, struct destination *d)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (k->v[i].to == d)
			return &k->v[i];
	k->v = xgrow(k->v, k->n, &k->cap, sizeof(*k->v));
	k->v[k->n] = (struct back_folder){ .to = d };
	return &k->v[k->n++];
}

static void
add_chain(struct back *k)
{
	const struct restore *r = k->restore;
	const struct archive_folder *from;
	struct back_folder *b;
	char *name;
	size_t i;

	for (i = 0; i < origin_folders(r->origin); i++) {
		from = origin_folder(r->origin, i);
		if (!selection_has_folder(r->selection, from->folder.name))
			continue;
		name = mapping_apply(r->mapping, from->folder.name);
		b = add_folder(k, stock_destination(r->stock, name));
		if ((from->folder.attr & FOLDER_SUBSCRIBED) != 0)
			b->subscribed = true;
		if (scope_is_partial(r->origin, i))
			b->partial = true;
		free(name);
	}
}

static void
add_beyond(struct back *k)
{
	const struct restore *r = k->restore;
	struct selection chosen;
	const struct folder *there;
	struct destination *d;
	size_t known = k->n, i;

	scope_of(r->origin, &chosen);
	for (i = 0; i < r->existing.n; i++) {
		there = &r->existing.v[i];
		if ((there->attr & FOLDER_NOSELECT) != 0 ||
		    !scope_has(r, &chosen, there->name))
			continue;
		d = stock_destination(r->stock, there->name);
		(void)add_folder(k, d);
		if (k->n == known)
			continue;
		known = k->n;
		destination_adopt(r, d);
		/* There is always an INBOX. */
		k->v[k->n - 1].beyond = strcmp(d->name, "INBOX") != 0;
	}
	selection_release(&chosen);
}

static enum rc
with_line(struct back *k, struct back_folder *b, step_fn *step, struct fault *f)
{
	struct store *s = k->lane.store;
	unsigned tries = 0;
	enum rc rc;

	for (;;) {
		rc = step(k, b, f);
		if (rc != RC_STORE || f->cause != CAUSE_TEMPORARY ||
		    s->ops->reopen == NULL || interrupt_signal() != 0 ||
		    ++tries > TRIES)
			return rc;
		k->lane.selected = NULL;
		rc = s->ops->reopen(s, tries, f);
		if (rc != RC_OK)
			return rc;
	}
}

/* A folder that fails is told, and the others go on. */
static enum rc
each(struct back *k, step_fn *step, struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < k->n; i++) {
		if (!k->v[i].to->made || k->v[i].to->broken)
			continue;
		rc = with_line(k, &k->v[i], step, f);
		if (rc == RC_OK || rc == RC_STORE)
			continue;
		(void)fault_name(f, rc, k->v[i].to->name);
		report_fault(k->restore->report, f);
		if (!k->v[i].to->broken) /* else it is counted as broken */
			k->restore->outcome.folders_failed++;
		rc = RC_OK;
	}
	return rc;
}

static bool
is_subscribed(const struct restore *r, const char *name)
{
	const struct folder *there = folders_find(&r->existing, name);

	return there != NULL && (there->attr & FOLDER_SUBSCRIBED) != 0;
}

static enum rc
compare(struct back *k, struct back_folder *b, struct fault *f)
{
	return compare_folder(&k->lane, b, f);
}

static enum rc
unsubscribe(struct back *k, struct back_folder *b, struct fault *f)
{
	const struct store_ops *ops = k->lane.store->ops;
	enum rc rc = RC_OK;

	if (b->subscribed || b->beyond || ops->unsubscribe == NULL ||
	    !is_subscribed(k->restore, b->to->name))
		return RC_OK;
	if (!k->restore->dry_run)
		rc = ops->unsubscribe(k->lane.store, &b->to->folder, f);
	if (rc == RC_OK)
		tell_folder(k->restore, "unsubscribe", b->to);
	return rc;
}

static enum rc
remove_messages(struct back *k, struct back_folder *b, struct fault *f)
{
	return extras_remove(&k->lane, b, f);
}

static bool
is_emptied(const struct back_folder *b)
{
	size_t i;

	for (i = 0; i < b->extras; i++)
		if (!b->extra[i].removed)
			return false;
	return true;
}

static enum rc
remove_folder(struct back *k, struct back_folder *b, struct fault *f)
{
	const struct store_ops *ops = k->lane.store->ops;
	enum rc rc = RC_OK;

	if (!b->beyond || !is_emptied(b))
		return RC_OK;
	k->lane.selected = NULL;
	rc = ops->remove_folder(k->lane.store, &b->to->folder, f);
	/* The answer to a first attempt may have been lost. */
	if (rc == RC_FOLDER && f->cause == CAUSE_NOINPUT)
		rc = RC_OK;
	if (rc != RC_OK)
		return rc;
	k->restore->rollback->folders_removed++;
	tell_folder(k->restore, "remove", b->to);
	b->beyond = false;
	if (!is_subscribed(k->restore, b->to->name))
		return RC_OK;
	return ops->unsubscribe(k->lane.store, &b->to->folder, f);
}

/* Those below before those above. */
static int
by_depth(const void *a, const void *b)
{
	const struct back_folder *l = a, *r = b;

	return strcmp(r->to->name, l->to->name);
}

/* What the deliveries and folders_restore have made, or would. */
static void
tell_made(struct back *k)
{
	const struct restore *r = k->restore;
	const struct destination *d;
	size_t i;

	for (i = 0; i < k->n; i++) {
		d = k->v[i].to;
		if (!d->broken && folders_find(&r->existing, d->name) == NULL)
			tell_folder(k->restore, "create", d);
		if (!d->broken && k->v[i].subscribed &&
		    !is_subscribed(r, d->name))
			tell_folder(k->restore, "subscribe", d);
	}
}

static void
tell_beyond(struct back *k)
{
	size_t i;

	for (i = 0; i < k->n; i++) {
		if (!k->v[i].beyond)
			continue;
		k->restore->rollback->folders++;
		tell_folder(k->restore, "beyond", k->v[i].to);
	}
}

static enum rc
run(struct back *k, struct fault *f)
{
	const struct restore *r = k->restore;
	enum rc rc;

	rc = each(k, compare, f);
	if (rc == RC_OK)
		rc = each(k, unsubscribe, f);
	if (rc != RC_OK)
		return rc;
	tell_beyond(k);
	rc = extras_keep(&k->lane, k->v, k->n, f);
	if (rc != RC_OK || !r->rollback->delete_extra || r->dry_run)
		return rc;
	rc = each(k, remove_messages, f);
	qsort(k->v, k->n, sizeof(*k->v), by_depth);
	if (rc == RC_OK)
		rc = each(k, remove_folder, f);
	return rc;
}

enum rc
rollback_run(struct restore *r, struct fault *f)
{
	struct back k = { .restore = r,
		.lane = { .restore = r, .store = r->target } };
	enum rc rc;
	size_t i;

	add_chain(&k);
	tell_made(&k);
	add_beyond(&k);
	rc = run(&k, f);
	for (i = 0; i < k.n; i++)
		free(k.v[i].extra);
	free(k.v);
	if ((fflush(stdout) != 0 || ferror(stdout) != 0) && rc == RC_OK)
		rc = fault_set(f, RC_STORE, CAUSE_IO,
		    "cannot write the list of steps");
	return rc;
}
