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
	POOL_CRASHED, /* it ended by itself without a result */
};

enum { POOL_RESULT_MAX = 1 << 20 }; /* octets */

/* In the job's process: appends its result.  It writes to nothing else that
 * the processes share. */
typedef void pool_work_fn(void *arg, size_t job, struct buf *result);
/* Afterwards, one call a job, as they end; result is empty unless
 * POOL_DONE. */
typedef void pool_ended_fn(void *arg, size_t job, enum pool_fate fate,
    const struct buf *result);
/* What a job connects to; NULL: nothing that is counted. */
typedef const char *pool_host_fn(void *arg, size_t job);

struct pool {
	size_t jobs;
	unsigned at_once;
	unsigned per_host; /* of those that have the same host */
	int64_t limit_ms;  /* for one job */
	pool_host_fn *host;
	pool_work_fn *work;
	pool_ended_fn *ended;
	void *arg;
};

/* A signal ends all: CAUSE_TEMPORARY. */
enum rc pool_run(const struct pool *p, struct fault *f) CHECKED;

#endif
