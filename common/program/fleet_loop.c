#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "program/fleet_priv.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	SLICE_MS = 200,  /* a signal that came before a wait is seen then */
	CLOSING_MS = 10, /* for a process that has told its end */
};

static unsigned
connections(const struct fleet *t)
{
	unsigned n = t->options->connections;

	return n == 0 ? 1 : n;
}

/* May so many more connections go to this host, with those that running
 * accounts may have?  The other side is looked at over one. */
static bool
has_room(const struct fleet *t, const char *host, size_t more)
{
	const struct job *j;
	size_t i, n = more;

	for (i = t->first; i < t->n; i++) {
		j = &t->job[i];
		if (j->state != JOB_RUNNING)
			continue;
		if (j->host != NULL && strcmp(j->host, host) == 0)
			n += connections(t);
		else if (j->other_host != NULL &&
		    strcmp(j->other_host, host) == 0)
			n++;
	}
	return n <= t->options->accounts.per_host;
}

/* Its own host is counted already, if that is the same. */
static bool
has_other_room(const struct fleet *t, const struct job *j)
{
	return j->other_host == NULL ||
	    (j->host != NULL && strcmp(j->host, j->other_host) == 0) ||
	    has_room(t, j->other_host, 1);
}

/* The next that may be started now; those before it wait for their host. */
static struct job *
next(const struct fleet *t, int64_t now)
{
	const char *full = NULL;
	struct job *j;
	size_t i;

	for (i = t->first; i < t->n; i++) {
		j = &t->job[i];
		if (j->state != JOB_WAITING || j->not_before_ms > now)
			continue;
		if (!has_other_room(t, j) ||
		    (full != NULL && j->host != NULL &&
			strcmp(full, j->host) == 0))
			continue;
		if (j->host == NULL || has_room(t, j->host, connections(t)))
			return j;
		full = j->host;
	}
	return NULL;
}

static enum rc
start(struct fleet *t, struct job *j, struct fault *f)
{
	struct fault why = FAULT_INIT;
	enum rc rc = fleet_note_start(t, j, f);

	if (rc != RC_OK)
		return rc;
	j->tries++;
	j->began_ms = clock_ms();
	if (job_start(t, j, &why) != RC_OK)
		return job_failed(t, j, &why, f);
	j->state = JOB_RUNNING;
	t->running++;
	return RC_OK;
}

static enum rc
start_some(struct fleet *t, int64_t now, struct fault *f)
{
	enum rc rc = RC_OK;
	struct job *j;

	while (t->first < t->n && t->job[t->first].state != JOB_WAITING &&
	    t->job[t->first].state != JOB_RUNNING)
		t->first++;
	while (rc == RC_OK &&
	    t->running - t->settled < t->options->accounts.at_once) {
		j = next(t, now);
		if (j == NULL)
			break;
		rc = start(t, j, f);
	}
	return rc;
}

static void
listen_all(struct fleet *t, int timeout_ms)
{
	struct pollfd *p = xcalloc(t->running + 1, sizeof(*p));
	struct job **who = xcalloc(t->running + 1, sizeof(struct job *));
	size_t i, n = 0, left = t->running;

	for (i = t->first; i < t->n && left > 0; i++) {
		if (t->job[i].state != JOB_RUNNING)
			continue;
		left--;
		if (t->job[i].events == -1) {
			timeout_ms = CLOSING_MS;
			continue;
		}
		who[n] = &t->job[i];
		p[n].fd = t->job[i].events;
		p[n++].events = POLLIN;
	}
	if (poll(p, (nfds_t)n, timeout_ms) > 0)
		for (i = 0; i < n; i++)
			if (p[i].revents != 0)
				job_listen(t, who[i]);
	free(p);
	free(who);
}

static enum rc
reap_some(struct fleet *t, struct fault *f)
{
	size_t i, left = t->running;
	enum rc rc = RC_OK, one;
	struct fault ignored;
	int status;

	for (i = t->first; i < t->n && left > 0; i++) {
		if (t->job[i].state != JOB_RUNNING)
			continue;
		left--;
		if (waitpid(t->job[i].pid, &status, WNOHANG) <= 0)
			continue;
		one = job_ended(t, &t->job[i], status,
		    rc == RC_OK ? f : &ignored);
		if (rc == RC_OK)
			rc = one;
	}
	return rc;
}

static void
end_all(struct fleet *t)
{
	size_t i;

	for (i = t->first; i < t->n; i++)
		if (t->job[i].state == JOB_RUNNING)
			(void)kill(t->job[i].pid, SIGTERM);
}

/* The accounts that are being run are waited for, whatever happened. */
static void
wait_for_all(struct fleet *t)
{
	struct fault ignored;

	end_all(t);
	while (t->running > 0) {
		listen_all(t, SLICE_MS);
		(void)!reap_some(t, &ignored);
		fleet_show(t, clock_ms());
	}
}

enum rc
fleet_loop(struct fleet *t, struct fault *f)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && t->ended < t->n) {
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = start_some(t, clock_ms(), f);
		if (rc != RC_OK)
			break;
		fleet_show(t, clock_ms());
		listen_all(t, SLICE_MS);
		rc = reap_some(t, f);
	}
	if (t->running > 0)
		report_note(t->report,
		    "%s: %zu accounts are told to end, %zu are not run",
		    f->text, t->running, t->n - t->ended - t->running);
	wait_for_all(t);
	/* A signal is one way to end what else would go on. */
	return t->options->accounts.stays && interrupt_signal() != 0 &&
		t->ended == t->n ?
	    RC_OK :
	    rc;
}
