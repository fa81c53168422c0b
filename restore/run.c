/* A run, from the first segment to the last subscription. */
#include <stdlib.h>

#include "crew.h"
#include "destination.h"
#include "feed.h"
#include "folders.h"
#include "restore.h"
#include "rollback.h"
#include "stock.h"

/* What the segments at hand may take of memory, all together. */
enum { LOADS_OCTETS = 40 << 20, LOAD_MOST = 20 << 20 };

/* One for each connection, and one to read ahead into. */
static struct stock *
make_stock(const struct restore *r)
{
	const bool alone = r->dry_run || r->connections < 2;
	unsigned loads = (alone ? 1 : r->connections) + 1;
	size_t bound = LOADS_OCTETS / loads;

	return stock_new(loads, bound < LOAD_MOST ? bound : LOAD_MOST);
}

enum rc
restore_start(struct restore *r, struct fault *f)
{
	pthread_mutex_init(&r->lock, NULL);
	r->stock = make_stock(r);
	return feed_start(r, &r->feed, f);
}

static void
tell_destination(struct restore *r, const struct destination *d)
{
	struct event *e = event_begin(r->report, "folder");

	event_text(e, "folder", d->name);
	event_number(e, "appended", d->appended);
	event_number(e, "already", d->already);
	event_number(e, "refused", d->refused);
	event_flag(e, "broken", d->broken);
	event_send(e);
	report_detail(r->report, "%s: %llu %s, %llu there already", d->name,
	    (unsigned long long)d->appended,
	    r->dry_run ? "would be appended" : "appended",
	    (unsigned long long)d->already);
}

static void
tell_all(struct restore *r)
{
	const struct destination *d;
	size_t i;

	progress_clear(r->report);
	for (i = 0; i < stock_destinations(r->stock); i++) {
		d = stock_at(r->stock, i);
		tell_destination(r, d);
		if (d->broken)
			r->outcome.folders_failed++;
	}
}

enum rc
restore_run(struct restore *r, struct fault *f)
{
	struct fault second = FAULT_INIT;
	enum rc rc;

	rc = r->target->ops->folders(r->target, &r->existing, f);
	if (rc == RC_OK)
		rc = crew_run(r, f);
	if (rc == RC_OK)
		rc = feed_join(r->feed, f);
	if (rc == RC_OK)
		rc = folders_restore(r, f);
	if (rc == RC_OK && r->rollback != NULL)
		rc = rollback_run(r, f);
	/* else it may still add to them */
	feed_free(r->feed);
	r->feed = NULL;
	tell_all(r);
	if (journal_sync(r->journal, &second) != RC_OK && rc == RC_OK) {
		*f = second;
		rc = RC_STORE;
	}
	return rc;
}

enum rc
restore_note(struct restore *r, struct fault *f)
{
	const struct outcome *o = &r->outcome;
	struct strs part = STRS_INIT;
	bool whole;

	selection_lines(r->selection, &part);
	whole = part.n == 0 && r->only == NULL && o->refused == 0 &&
	    o->unproved == 0 && o->folders_failed == 0;
	strs_release(&part);
	if (!whole)
		return RC_OK;
	return journal_archive(r->journal, origin_header(r->origin)->id,
	    &origin_final(r->origin)->hash, f);
}

void
restore_release(struct restore *r)
{
	if (r->stock == NULL)
		return;
	feed_free(r->feed);
	stock_free(r->stock);
	r->stock = NULL;
	folders_release(&r->existing);
	pthread_mutex_destroy(&r->lock);
}
