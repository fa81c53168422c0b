#ifndef PROBE_WORKER_H
#define PROBE_WORKER_H

#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

#include "pool.h"

/* In the process of a job, which ends here: fd is its end of the pipe.
 * Signals are blocked until they are handled here; then they are as old. */
_Noreturn void worker_run(const struct pool *p, size_t job, int fd,
    pid_t parent, const sigset_t *old);

#endif
