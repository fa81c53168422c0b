#include "settle.h"

#include "destination.h"
#include "prove.h"
#include "tell.h"
#include "util/clock.h"

enum { SYNC_MS = 1000 }; /* between two */

static struct journal_line
line_of(const struct pending *p, uint32_t uid)
{
	const struct destination *to = p->parcel->to;

	return (struct journal_line){
		.folder = p->from,
		.uidvalidity = p->uidvalidity,
		.uid = p->msg.uid,
		.to_folder = to->name,
		.to_uidvalidity = to->state.uidvalidity,
		.to_uid = uid,
		.fp = &p->fingerprint,
		.canon = p->body.digest.canon,
	};
}

/* Under the lock. */
static void
settle(struct restore *r, struct pending *p)
{
	p->done = true;
	p->parcel->open--;
	progress_add(r->report, 1, p->body.digest.wire_size);
}

static void
refuse(struct restore *r, struct pending *p, const char *reason)
{
	struct event *e;

	settle(r, p);
	p->parcel->to->refused++;
	r->outcome.refused++;
	report_warn(r->report, "%s/%u: refused: %s", p->from, p->msg.uid,
	    reason);
	e = event_begin(r->report, "refused");
	event_text(e, "folder", p->from);
	event_number(e, "uid", p->msg.uid);
	event_text(e, "target", p->parcel->to->name);
	event_text(e, "reason", reason);
	event_send(e);
}

void
settle_refused(struct restore *r, struct pending *p, const char *reason)
{
	pthread_mutex_lock(&r->lock);
	refuse(r, p, reason);
	pthread_mutex_unlock(&r->lock);
}

void
settle_refuse_rest(struct restore *r, struct parcel *p, const char *reason)
{
	size_t i;

	pthread_mutex_lock(&r->lock);
	for (i = 0; i < p->n; i++)
		if (!p->v[i].done)
			refuse(r, &p->v[i], reason);
	pthread_mutex_unlock(&r->lock);
}

/* Under the lock. */
static void
is_there(struct restore *r, struct pending *p)
{
	settle(r, p);
	p->parcel->to->already++;
	r->outcome.already++;
}

enum rc
settle_there(struct restore *r, struct pending *p, uint32_t uid,
    struct fault *f)
{
	enum rc rc = RC_OK;

	pthread_mutex_lock(&r->lock);
	is_there(r, p);
	if (uid == 0)
		prove_read(r);
	else
		rc = prove_owe(r, p, uid, f);
	pthread_mutex_unlock(&r->lock);
	return rc;
}

void
settle_absent(struct restore *r, struct pending *p)
{
	pthread_mutex_lock(&r->lock);
	if (journal_has(r->journal, p->from, p->uidvalidity, p->msg.uid)) {
		is_there(r, p);
		prove_not(r, p,
		    "its octets are in an archive before: give that as "
		    "well");
	} else {
		refuse(r, p,
		    "it was copied or moved from where an archive before has "
		    "it: give that as well");
	}
	pthread_mutex_unlock(&r->lock);
}

enum rc
settle_found(struct restore *r, struct pending *p, uint32_t uid,
    struct fault *f)
{
	struct journal_line line = line_of(p, uid);
	const struct journal_entry *e = p->known;
	enum rc rc = RC_OK;

	pthread_mutex_lock(&r->lock);
	is_there(r, p);
	prove_read(r);
	if (e == NULL || e->to_uid != uid)
		rc = journal_done(r->journal, &line, f);
	pthread_mutex_unlock(&r->lock);
	return rc;
}

enum rc
settle_look_up(struct restore *r, struct pending *p, struct fault *f)
{
	struct journal_line line = line_of(p, 0);
	enum rc rc;

	/* Of a rollback the content decides about everything. */
	if (p->looked_up || r->rollback != NULL)
		return RC_OK;
	pthread_mutex_lock(&r->lock);
	rc = journal_take(r->journal, &line, &p->known, f);
	pthread_mutex_unlock(&r->lock);
	p->looked_up = rc == RC_OK;
	return rc;
}

void
settle_removed(struct restore *r, struct pending *p)
{
	pthread_mutex_lock(&r->lock);
	settle(r, p);
	r->removed++;
	if (p->known->altered)
		prove_not(r, p,
		    "it was not proved before, and nothing there has its "
		    "content");
	report_detail(r->report,
	    "%s/%u: restored before and removed at the target since", p->from,
	    p->msg.uid);
	pthread_mutex_unlock(&r->lock);
}

enum rc
settle_appended(struct restore *r, struct pending *p,
    const struct append_item *item, struct fault *f)
{
	struct journal_line line = line_of(p, item->uid);
	enum rc rc = RC_OK;

	pthread_mutex_lock(&r->lock);
	settle(r, p);
	p->parcel->to->appended++;
	r->outcome.done++;
	if (r->rollback != NULL)
		tell_append(r, p);
	if (item->repaired) {
		report_detail(r->report, "%s/%u: %s", line.folder, line.uid,
		    item->reason);
		rc = journal_repair(r->journal, &line, item->reason, f);
	}
	if (rc == RC_OK)
		rc = journal_done(r->journal, &line, f);
	if (rc == RC_OK)
		rc = prove_owe(r, p, item->uid, f);
	pthread_mutex_unlock(&r->lock);
	return rc;
}

void
settle_counted(struct restore *r, struct pending *p)
{
	pthread_mutex_lock(&r->lock);
	p->done = true;
	p->parcel->open--;
	p->parcel->to->appended++;
	r->outcome.done++;
	if (r->rollback != NULL)
		tell_append(r, p);
	pthread_mutex_unlock(&r->lock);
}

enum rc
settle_sync(struct restore *r, struct fault *f)
{
	const int64_t now = clock_ms();
	enum rc rc = RC_OK;

	pthread_mutex_lock(&r->lock);
	if (now >= r->sync_at) {
		rc = journal_sync(r->journal, f);
		r->sync_at = now + SYNC_MS;
	}
	pthread_mutex_unlock(&r->lock);
	return rc;
}

void
settle_where(struct restore *r, const char *folder)
{
	pthread_mutex_lock(&r->lock);
	progress_where(r->report, folder);
	pthread_mutex_unlock(&r->lock);
}

void
settle_note(struct restore *r, const char *text)
{
	pthread_mutex_lock(&r->lock);
	report_note(r->report, "%s", text);
	pthread_mutex_unlock(&r->lock);
}
