#ifndef PROBE_POOL_H
#define PROBE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/fault.h"

/*
 * Jobs side by side, each in a process of its own, forked from this one:
 * whatever a server makes of it, by a crash or by never coming to an end,
 * another job does not notice.  The caller has no threads.
 */
enum pool_fate {
	POOL_DONE,    /* the result is whole */
	POOL_LATE,    /* it was ended after limit_ms */
	POOL_STOPPED, /* it was ended grace_ms after a signal */
	POOL_CRASHED, /* it ended by itself without a result */
};

enum { POOL_RESULT_MAX = 1 << 20 }; /* octets, of news as well */

/* From a job's process to the caller's. */
struct pool_line;
/* Sends news, before the result.  The process ends when nobody hears it. */
void pool_say(struct pool_line *l, const void *p, size_t n);
/* A signal was heard: forgets it for so many milliseconds, to clean up; then
 * it is raised again. */
void pool_spare(struct pool_line *l, int ms);

/* In the job's process: appends its result.  It writes to nothing else that
 * the processes share.  A signal raises util/interrupt.h there, once. */
typedef void pool_work_fn(void *arg, size_t job, struct pool_line *l,
    struct buf *result);
/* News of a job, whole. */
typedef void pool_said_fn(void *arg, size_t job, const struct buf *news);
/* Afterwards, one call a job that was begun, as they end; result is empty
 * unless POOL_DONE. */
typedef void pool_ended_fn(void *arg, size_t job, enum pool_fate fate,
    const struct buf *result);
/* The host of a job's connection i, of those that it has at the same time;
 * NULL: it has no more that are counted. */
typedef const char *pool_host_fn(void *arg, size_t job, size_t i);

struct pool {
	size_t jobs;
	unsigned at_once;
	unsigned per_host; /* connections; a job that has more at one host
			    * has it for itself */
	int64_t limit_ms;  /* for one job */
	int64_t grace_ms;  /* for those that run when a signal comes */
	pool_host_fn *host;
	pool_work_fn *work;
	pool_said_fn *said; /* NULL: there are no news */
	pool_ended_fn *ended;
	void *arg;
};

/* A signal is passed on to the jobs, and no more are begun.  Once all have
 * ended it is told: CAUSE_TEMPORARY. */
enum rc pool_run(const struct pool *p, struct fault *f) CHECKED;

#endif
