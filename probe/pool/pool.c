#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "worker.h"

enum {
	SLICE_MS = 500, /* a signal may come just before poll() */
	CHUNK = 16384,
};

struct worker {
	size_t job;
	pid_t pid;
	int fd;
	int64_t end_ms; /* then it is killed */
	bool late;
	bool whole;       /* the result is */
	struct buf heard; /* not taken yet */
	struct buf frame; /* the last one */
};

struct hall {
	const struct pool *pool;
	struct worker *worker; /* those that run */
	struct pollfd *wait;
	size_t running;
	bool *begun;  /* by job */
	size_t first; /* those before it have begun */
	int signo;    /* that was passed on; 0 */
};

static enum rc
start(struct hall *h, size_t job, struct fault *f)
{
	struct worker *w = &h->worker[h->running];
	const pid_t parent = getpid();
	sigset_t all, old;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "pipe");
	/* What is buffered would be written twice. */
	(void)fflush(NULL);
	memset(w, 0, sizeof(*w));
	w->job = job;
	w->fd = fd[0];
	w->end_ms = clock_ms() + h->pool->limit_ms;
	/* One that comes before the job handles it is not lost. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &old);
	w->pid = fork();
	if (w->pid != 0)
		(void)sigprocmask(SIG_SETMASK, &old, NULL);
	if (w->pid == -1) {
		(void)close(fd[0]);
		(void)close(fd[1]);
		return fault_errno(f, RC_STORE, CAUSE_TEMPORARY,
		    "cannot start a process");
	}
	if (w->pid == 0) {
		(void)close(fd[0]);
		worker_run(h->pool, job, fd[1], parent, &old);
	}
	(void)close(fd[1]);
	(void)fcntl(w->fd, F_SETFL, O_NONBLOCK);
	h->begun[job] = true;
	h->running++;
	return RC_OK;
}

static unsigned
connections(const struct pool *p, size_t job, const char *host)
{
	const char *other;
	unsigned n = 0;
	size_t i;

	for (i = 0; (other = p->host(p->arg, job, i)) != NULL; i++)
		n += strcasecmp(other, host) == 0;
	return n;
}

static bool
has_room(const struct hall *h, size_t job)
{
	const struct pool *p = h->pool;
	const char *host;
	unsigned busy;
	size_t i, k;

	for (i = 0; (host = p->host(p->arg, job, i)) != NULL; i++) {
		busy = 0;
		for (k = 0; k < h->running; k++)
			busy += connections(p, h->worker[k].job, host);
		if (busy > 0 && busy + connections(p, job, host) > p->per_host)
			return false;
	}
	return true;
}

/* As many as may run, in order but for those whose host is busy. */
static enum rc
start_some(struct hall *h, struct fault *f)
{
	const struct pool *p = h->pool;
	enum rc rc = RC_OK;
	size_t i;

	while (h->first < p->jobs && h->begun[h->first])
		h->first++;
	for (i = h->first; rc == RC_OK && i < p->jobs; i++) {
		if (h->running == p->at_once)
			break;
		if (!h->begun[i] && has_room(h, i))
			rc = start(h, i, f);
	}
	/* With none at all nothing will change; else it may, later. */
	return rc != RC_OK && h->running > 0 ? RC_OK : rc;
}

/* What has come whole; true: there is nothing to wait for. */
static bool
take_frames(const struct pool *p, struct worker *w)
{
	enum frame_kind kind;
	enum frame_got got;

	while ((got = frame_take(&w->heard, &kind, &w->frame)) == FRAME_WHOLE) {
		w->whole = kind == FRAME_RESULT;
		if (w->whole)
			return true;
		if (p->said != NULL)
			p->said(p->arg, w->job, &w->frame);
	}
	return got == FRAME_BAD;
}

/* True at its end. */
static bool
hear(const struct pool *p, struct worker *w)
{
	ssize_t n;

	for (;;) {
		n = read(w->fd, buf_room(&w->heard, CHUNK), CHUNK);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return false;
		if (n <= 0)
			return true;
		w->heard.len += (size_t)n;
		if (take_frames(p, w))
			return true;
	}
}

static void
leave(struct hall *h, size_t i)
{
	struct worker *w = &h->worker[i];

	(void)kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	(void)close(w->fd);
	buf_wipe(&w->heard);
	buf_wipe(&w->frame);
	*w = h->worker[--h->running];
}

static void
conclude(struct hall *h, size_t i)
{
	const struct pool *p = h->pool;
	struct worker *w = &h->worker[i];
	enum pool_fate fate = POOL_CRASHED;

	if (w->whole)
		fate = POOL_DONE;
	else if (w->late)
		fate = h->signo != 0 ? POOL_STOPPED : POOL_LATE;
	if (!w->whole)
		buf_clear(&w->frame);
	p->ended(p->arg, w->job, fate, &w->frame);
	leave(h, i);
}

/* The signal that came is for all. */
static void
pass_on(struct hall *h, int signo)
{
	const int64_t end = clock_ms() + h->pool->grace_ms;
	size_t i;

	h->signo = signo;
	for (i = 0; i < h->running; i++) {
		(void)kill(h->worker[i].pid, signo);
		if (h->worker[i].end_ms > end)
			h->worker[i].end_ms = end;
	}
}

/* Milliseconds until the next one is late. */
static int
patience(const struct hall *h, int64_t now)
{
	int64_t ms = SLICE_MS, left;
	size_t i;

	for (i = 0; i < h->running; i++) {
		left = h->worker[i].end_ms - now;
		if (left < ms)
			ms = left;
	}
	return ms > 0 ? (int)ms : 0;
}

static void
listen_all(struct hall *h)
{
	struct worker *w;
	size_t i;
	int64_t now;

	for (i = 0; i < h->running; i++)
		h->wait[i] =
		    (struct pollfd){ .fd = h->worker[i].fd, .events = POLLIN };
	(void)poll(h->wait, h->running, patience(h, clock_ms()));
	now = clock_ms();
	/* From the end: the one that leaves is replaced by the last. */
	for (i = h->running; i-- > 0;) {
		w = &h->worker[i];
		w->late = now >= w->end_ms;
		if (hear(h->pool, w) || w->late)
			conclude(h, i);
	}
}

enum rc
pool_run(const struct pool *p, struct fault *f)
{
	struct hall h = { .pool = p };
	enum rc rc = RC_OK;

	h.worker = xcalloc(p->at_once + 1, sizeof(*h.worker));
	h.wait = xcalloc(p->at_once + 1, sizeof(*h.wait));
	h.begun = xcalloc(p->jobs + 1, sizeof(*h.begun));
	for (;;) {
		if (interrupt_signal() == 0)
			rc = start_some(&h, f);
		else if (h.signo == 0)
			pass_on(&h, interrupt_signal());
		if (rc != RC_OK || h.running == 0)
			break;
		listen_all(&h);
	}
	free(h.worker);
	free(h.wait);
	free(h.begun);
	return rc != RC_OK ? rc : interrupt_check(f);
}
