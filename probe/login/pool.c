#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/file.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	SLICE_MS = 500, /* a signal may come just before poll() */
	CHUNK = 16384,
	TAIL = 4, /* octets behind a whole result */
};

/* Behind a result: without it the process died while it wrote. */
static const char tail[TAIL + 1] = "done";

struct worker {
	size_t job;
	pid_t pid;
	int fd;
	int64_t end_ms; /* then it is killed */
	bool late;
	struct buf result;
};

struct hall {
	const struct pool *pool;
	struct worker *worker; /* those that run */
	struct pollfd *wait;
	size_t running;
	bool *begun;  /* by job */
	size_t first; /* those before it have begun */
};

static void
be_worker(const struct pool *p, size_t job, int fd, pid_t parent)
{
	struct buf result = BUF_INIT;
	struct fault f = FAULT_INIT;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	p->work(p->arg, job, &result);
	buf_add(&result, tail, TAIL);
	_exit(file_write(fd, "result", result.data, result.len, &f) == RC_OK ?
		0 :
		1);
}

static enum rc
start(struct hall *h, size_t job, struct fault *f)
{
	struct worker *w = &h->worker[h->running];
	const pid_t parent = getpid();
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "pipe");
	/* What is buffered would be written twice. */
	(void)fflush(NULL);
	memset(w, 0, sizeof(*w));
	w->job = job;
	w->fd = fd[0];
	w->end_ms = clock_ms() + h->pool->limit_ms;
	w->pid = fork();
	if (w->pid == -1) {
		(void)close(fd[0]);
		(void)close(fd[1]);
		return fault_errno(f, RC_STORE, CAUSE_TEMPORARY,
		    "cannot start a process");
	}
	if (w->pid == 0) {
		(void)close(fd[0]);
		be_worker(h->pool, job, fd[1], parent);
	}
	(void)close(fd[1]);
	(void)fcntl(w->fd, F_SETFL, O_NONBLOCK);
	h->begun[job] = true;
	h->running++;
	return RC_OK;
}

static bool
has_room(const struct hall *h, size_t job)
{
	const struct pool *p = h->pool;
	const char *host = p->host(p->arg, job), *other;
	unsigned same = 0;
	size_t i;

	for (i = 0; host != NULL && i < h->running; i++) {
		other = p->host(p->arg, h->worker[i].job);
		same += other != NULL && strcmp(other, host) == 0;
	}
	return same < p->per_host;
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

/* True at its end. */
static bool
hear(struct worker *w)
{
	ssize_t n;

	for (;;) {
		n = read(w->fd, buf_room(&w->result, CHUNK), CHUNK);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return false;
		if (n <= 0)
			return true;
		w->result.len += (size_t)n;
		if (w->result.len > POOL_RESULT_MAX)
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
	buf_wipe(&w->result);
	*w = h->worker[--h->running];
}

static void
conclude(struct hall *h, size_t i)
{
	const struct pool *p = h->pool;
	struct worker *w = &h->worker[i];
	struct buf *b = &w->result;
	const size_t job = w->job;
	enum pool_fate fate = POOL_CRASHED;

	if (b->len >= TAIL && memcmp(b->data + b->len - TAIL, tail, TAIL) == 0)
		fate = POOL_DONE;
	else if (w->late)
		fate = POOL_LATE;
	if (fate == POOL_DONE)
		b->len -= TAIL;
	else
		buf_clear(b);
	p->ended(p->arg, job, fate, b);
	leave(h, i);
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
		if (hear(w) || w->late)
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
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = start_some(&h, f);
		if (rc != RC_OK || h.running == 0)
			break;
		listen_all(&h);
	}
	while (h.running > 0)
		leave(&h, 0);
	free(h.worker);
	free(h.wait);
	free(h.begun);
	return rc;
}
