#include "folders.h"

#include <stdlib.h>

#include "destination.h"
#include "lane.h"
#include "stock.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* A folder of the archive, and where it goes. */
struct wish {
	struct destination *to;
	bool subscribe;
};

static bool
is_subscribed(const struct restore *r, const struct destination *d)
{
	const struct folder *there = folders_find(&r->existing, d->name);

	return there != NULL && (there->attr & FOLDER_SUBSCRIBED) != 0;
}

static size_t
list_wishes(struct restore *r, struct wish **v_r)
{
	const size_t all = origin_folders(r->origin);
	const struct archive_folder *from;
	struct wish *w = xcalloc(all + 1, sizeof(*w));
	size_t i, n = 0;
	char *name;

	for (i = 0; i < all && r->only == NULL; i++) {
		from = origin_folder(r->origin, i);
		if (!selection_has_folder(r->selection, from->folder.name))
			continue;
		name = mapping_apply(r->mapping, from->folder.name);
		w[n].to = stock_destination(r->stock, name);
		destination_adopt(r, w[n].to);
		w[n].subscribe = (from->folder.attr & FOLDER_SUBSCRIBED) != 0 &&
		    !is_subscribed(r, w[n].to);
		free(name);
		n++;
	}
	*v_r = w;
	return n;
}

/* All at once, the easy way. */
static enum rc
ask(struct lane *l, struct wish *w, size_t n, unsigned part, struct fault *f)
{
	struct destination *d;
	enum rc rc = RC_OK;
	bool due;
	size_t i;

	for (i = 0; rc == RC_OK && i < n; i++) {
		d = w[i].to;
		due = part == ASK_CREATE ? !d->made : d->made && w[i].subscribe;
		if (!due || d->broken || d->asked)
			continue;
		rc = destination_ask(l, d, part, f);
	}
	if (rc == RC_OK)
		rc = lane_await(l, f);
	for (i = 0; i < n; i++) {
		d = w[i].to;
		if (d->asked && (d->question.done & ASK_SUBSCRIBE) != 0)
			w[i].subscribe = false;
		destination_answered(l->restore, d);
	}
	return rc;
}

/* What is left, one by one. */
static enum rc
insist(struct lane *l, struct wish *w, size_t n, struct fault *f)
{
	enum rc rc;
	size_t i;

	for (i = 0; i < n; i++) {
		rc = destination_make(l, w[i].to, w[i].subscribe, f);
		if (rc == RC_STORE)
			return rc;
		if (rc != RC_OK)
			report_fault(l->restore->report, f);
	}
	return RC_OK;
}

static enum rc
restore_all(struct lane *l, struct wish *w, size_t n, struct fault *f)
{
	enum rc rc = RC_OK;

	if (l->store->ops->ask != NULL && !l->restore->dry_run) {
		rc = ask(l, w, n, ASK_CREATE, f);
		if (rc == RC_OK)
			rc = ask(l, w, n, ASK_SUBSCRIBE, f);
	}
	return rc == RC_OK ? insist(l, w, n, f) : rc;
}

/* This connection may have been lost, and others have done its work. */
static enum rc
reopen(struct lane *l, struct wish *w, size_t n, struct fault *f)
{
	size_t i;

	for (i = 0; i < n; i++)
		destination_lost(w[i].to);
	return l->store->ops->reopen(l->store, 1, f);
}

enum rc
folders_restore(struct restore *r, struct fault *f)
{
	struct lane l = { .restore = r, .store = r->target };
	struct wish *w;
	size_t n = list_wishes(r, &w);
	enum rc rc;

	rc = restore_all(&l, w, n, f);
	if (rc == RC_STORE && f->cause == CAUSE_TEMPORARY &&
	    r->target->ops->reopen != NULL && interrupt_signal() == 0) {
		rc = reopen(&l, w, n, f);
		if (rc == RC_OK)
			rc = restore_all(&l, w, n, f);
	}
	free(w);
	return rc;
}
