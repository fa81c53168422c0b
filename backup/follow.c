/* mbackup --follow: look, wait until something may have come, look again. */
#include "follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pulse.h"
#include "reach.h"
#include "sweep.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/num.h"
#include "util/wait.h"

enum {
	/* Folders are listed so often; not more than a part of the time is
	 * spent on it. */
	LIST_MS = 2000,
	LIST_MAX_MS = 60 * 1000,
	LIST_SHARE = 20,
};

/* More is a mistake. */
#define TIME_MAX_MS (INT64_C(365) * 86400 * 1000)

struct follower {
	struct backup *backup;
	const struct follow_plan *plan;
	struct followeds all;
	struct sweep sweep;
	struct pulse pulse;
	int64_t end;      /* clock_ms, as all that follows */
	int64_t news;     /* when mail came last, or may have come unseen */
	int64_t list_at;  /* the folders are to be listed again */
	int64_t list_not; /* and not before this */
	unsigned tries;   /* that failed, one after another */
	struct fault why; /* the source was lost; CAUSE_NONE: it is there */
};

enum rc
follow_time(const char *option, const char *value, int64_t *ms_r,
    struct fault *f)
{
	if (num_duration(value, ms_r) && *ms_r > 0 && *ms_r <= TIME_MAX_MS)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--%s %s: give a time such as 90s, 30m, 48h or 2d, up to 365d",
	    option, value);
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Milliseconds that are left of the plan. */
static int64_t
time_left(const struct follower *w)
{
	const int64_t now = clock_ms();
	int64_t left = w->end - now;

	if (until_mx_is_over(w->plan->until))
		return 0;
	if (w->plan->quiet_ms > 0)
		left = least(left, w->news + w->plan->quiet_ms - now);
	return left > 0 ? left : 0;
}

static enum rc
list(struct follower *w, struct fault *f)
{
	struct store *s = w->backup->source;
	struct folders folders = FOLDERS_INIT;
	const int64_t began = clock_ms();
	int64_t now, ms;
	enum rc rc;

	rc = s->ops->folders(s, &folders, f);
	if (rc == RC_OK && s->ops->count != NULL)
		rc = s->ops->count(s, folders.v, folders.n, f);
	if (rc == RC_OK)
		sweep_note(&w->sweep, &folders);
	folders_release(&folders);
	now = clock_ms();
	ms = least((now - began) * LIST_SHARE, LIST_MAX_MS);
	w->list_not = now + ms;
	w->list_at = now + (ms > LIST_MS ? ms : LIST_MS);
	return rc == RC_OK ? RC_OK : RC_STORE;
}

/* What was found is on its way when this returns, also where the line broke
 * off: whoever reads the archive has it then. */
static enum rc
look(struct follower *w, struct fault *f)
{
	struct backup *b = w->backup;
	const uint64_t before = b->outcome.done;
	struct fault second = FAULT_INIT;
	enum rc rc;

	rc = sweep_run(&w->sweep, f);
	if (rc == RC_OK && w->sweep.unclear) {
		w->sweep.unclear = false;
		rc = sweep_run(&w->sweep, f);
	}
	/* a folder that cannot be looked into is not quiet */
	if (w->sweep.stuck)
		w->news = clock_ms();
	if (b->outcome.done == before || b->sink_failed)
		return rc;
	w->news = clock_ms();
	if (archive_writer_flush(b->archive, &second) != RC_OK) {
		*f = second;
		b->sink_failed = true;
		return RC_STORE;
	}
	pulse_found(&w->pulse, b->outcome.done - before);
	return rc;
}

/* Where nothing tells that mail has come, time passes. */
static enum rc
watch(struct follower *w, struct fault *f)
{
	struct store *s = w->backup->source;
	struct followed *p = followeds_find(&w->all, "INBOX");
	struct store_watch x = { .folder = NULL };
	int64_t ms = least(w->list_at - clock_ms(), time_left(w));
	enum rc rc;

	x.ms = ms > 0 ? (int)ms : 0;
	if (s->ops->watch == NULL)
		return wait_ms(x.ms, f);
	if (p != NULL && p->listed && p->announced) {
		x.folder = &p->folder;
		x.uidvalidity = p->uidvalidity;
		x.uidnext = p->copy.claim.uidnext;
		x.exists = (uint32_t)p->copy.claim.exists;
	}
	rc = s->ops->watch(s, &x, f);
	if (rc == RC_OK && x.news && p != NULL)
		p->due = true;
	if (rc == RC_OK && x.elsewhere)
		w->list_at = least(w->list_at, w->list_not);
	return rc == RC_OK ? RC_OK : RC_STORE;
}

static enum rc
open_anew(struct backup *b, struct fault *f)
{
	store_free(b->source);
	b->source = NULL;
	return b->open(b->open_arg, &b->source, f);
}

static enum rc
step(struct follower *w, struct fault *f)
{
	enum rc rc = RC_OK;

	if (clock_ms() >= w->list_at || time_left(w) == 0)
		rc = list(w, f);
	if (rc == RC_OK && time_left(w) == 0)
		followeds_close(&w->all);
	if (rc == RC_OK)
		rc = look(w, f);
	if (rc == RC_OK && w->sweep.stuck)
		rc = open_anew(w->backup, f);
	w->sweep.stuck = false;
	return rc;
}

/* Another time it would be no better. */
static bool
is_hopeless(const struct follower *w, const struct fault *f)
{
	return w->backup->sink_failed || f->cause == CAUSE_BUG ||
	    f->cause == CAUSE_USAGE || f->cause == CAUSE_CANTCREATE;
}

/* A new connection, with the secret fetched anew.  RC_END: the time is up
 * before there is one. */
static enum rc
reach(struct follower *w, struct fault *f)
{
	struct backup *b = w->backup;
	int64_t ms;
	enum rc rc;

	for (;;) {
		w->why = *f;
		w->tries++;
		ms = reach_pause(w->tries, w->why.cause);
		pulse_lost(&w->pulse, &w->why, w->tries, ms);
		/* What comes while nobody looks is not seen to be quiet. */
		w->news = clock_ms();
		rc = reach_wait(&w->pulse, ms, f);
		if (rc != RC_OK || clock_ms() >= w->end)
			return RC_END;
		rc = open_anew(b, f);
		if (rc == RC_OK)
			break;
		if (is_hopeless(w, f) || interrupt_signal() != 0)
			return interrupt_signal() != 0 ? RC_END : RC_STORE;
	}
	pulse_back(&w->pulse);
	w->news = clock_ms();
	w->list_at = 0;
	return RC_OK;
}

/* Until it is over.  RC_STORE: there is no sense in going on. */
static enum rc
go_on(struct follower *w, struct fault *f)
{
	bool last;
	enum rc rc;

	for (;;) {
		last = time_left(w) == 0;
		rc = step(w, f);
		if (rc == RC_OK) {
			w->why.cause = CAUSE_NONE;
			w->tries = 0;
			/* mail that came has ended the quiet */
			if (last && time_left(w) == 0)
				return RC_OK;
			pulse_beat(&w->pulse);
			rc = watch(w, f);
		}
		if (rc == RC_OK)
			continue;
		if (is_hopeless(w, f))
			return RC_STORE;
		if (interrupt_signal() != 0)
			return RC_OK;
		rc = reach(w, f);
		if (rc != RC_OK)
			return rc == RC_END ? RC_OK : rc;
	}
}

/* A signal is one way to end; that messages were being read, or that the
 * source was not there, is not. */
static void
finish(struct follower *w)
{
	struct backup *b = w->backup;
	struct fault f = FAULT_INIT;
	struct followed *p;
	uint64_t open = 0;
	bool lost = w->why.cause != CAUSE_NONE;

	for (p = w->all.first; p != NULL; p = p->next)
		open += p->opens;
	if (open > 0 && !lost && interrupt_check(&f) != RC_OK) {
		w->why = f;
		lost = true;
	}
	for (p = w->all.first; p != NULL; p = p->next) {
		if (!p->listed && !lost)
			followed_lose_known(b, p);
		followed_finish(b, p, lost ? w->why.text : "not read");
	}
	if (!lost)
		return;
	(void)fault_wrap(&w->why, RC_STORE,
	    "not followed to the end, run again");
	report_fault(b->report, &w->why);
	outcome_fault(&b->outcome, &w->why);
}

enum rc
follow_run(struct backup *b, const struct follow_plan *plan,
    const struct folders *folders, struct fault *f)
{
	struct follower w = { .backup = b, .plan = plan };
	enum rc rc;

	followeds_init(&w.all);
	w.sweep = (struct sweep){ b, &w.all, false, false };
	w.news = clock_ms();
	w.end = plan->end;
	pulse_init(&w.pulse, b, w.end);
	w.list_at = w.news + LIST_MS;
	rc = followeds_take_earlier(&w.all, b, f);
	sweep_note(&w.sweep, folders);
	if (rc == RC_OK)
		rc = followeds_inherit(&w.all, b, f);
	if (rc == RC_OK)
		rc = go_on(&w, f);
	if (rc == RC_OK)
		finish(&w);
	followeds_release(&w.all);
	return rc;
}
