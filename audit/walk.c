/*
 * The archive's manifests are walked in a thread of its own beside the first
 * answers of the target.  What comes before the walk is over waits among the
 * extras, and is held against the archive when it is.
 */
#include <signal.h>
#include <stdlib.h>

#include "audit.h"
#include "util/interrupt.h"

/* So many wait at most: the line does then. */
enum { WAITING_MAX = 1 << 16 };

void
walk_init(struct walk *w)
{
	pthread_mutex_init(&w->lock, NULL);
}

void
walk_release(struct walk *w)
{
	pthread_mutex_destroy(&w->lock);
}

static void *
walk(void *arg)
{
	struct audit *a = arg;
	struct walk *w = &a->walk;
	struct fault f = FAULT_INIT;
	enum rc rc;

	rc = audit_load_chain(a, &f);
	pthread_mutex_lock(&w->lock);
	w->rc = rc;
	w->fault = f;
	w->over = true;
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Signals are for the threads that read. */
void
audit_walk_begin(struct audit *a)
{
	struct walk *w = &a->walk;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	w->on = true;
	w->threaded = pthread_create(&w->thread, NULL, walk, a) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!w->threaded)
		(void)walk(a);
}

static bool
is_over(struct walk *w)
{
	bool over;

	pthread_mutex_lock(&w->lock);
	over = w->over;
	pthread_mutex_unlock(&w->lock);
	return over;
}

/* Waits until it is over. */
static enum rc
end_walk(struct audit *a, struct fault *f)
{
	struct walk *w = &a->walk;

	if (w->on && w->threaded)
		(void)pthread_join(w->thread, NULL);
	w->on = false;
	if (w->rc != RC_OK)
		*f = w->fault;
	return w->rc;
}

enum rc
audit_settle(struct audit *a, bool wait, struct fault *f)
{
	enum rc rc;

	if (a->settled ||
	    (!wait && a->extra.n < WAITING_MAX && !is_over(&a->walk)))
		return RC_OK;
	rc = end_walk(a, f);
	if (rc != RC_OK)
		return rc;
	audit_map_folders(a);
	a->settled = true;
	if (a->level == LEVEL_COUNT)
		return RC_OK;
	match_init(&a->match, &a->evidence, a->labels, a->place_of);
	return audit_match_extras(a, audit_own_proof(a), false, f);
}

enum rc
audit_walk_end(struct audit *a, enum rc rc, struct fault *f)
{
	struct fault other = FAULT_INIT;

	if (rc == RC_OK)
		return audit_settle(a, true, f);
	if (!a->walk.on)
		return rc;
	if (interrupt_signal() != 0)
		lineage_stop(a->chain);
	/* A bad archive is what nobody can do anything with. */
	if (end_walk(a, &other) != RC_OK && interrupt_signal() == 0)
		*f = other;
	return RC_STORE;
}
