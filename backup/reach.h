#ifndef BACKUP_REACH_H
#define BACKUP_REACH_H

#include <stdint.h>

#include "backup.h"
#include "pulse.h"
#include "util/fault.h"

/* A source that is followed may be away for a while: pauses between tries,
 * doubled each time up to a minute; five after a refused login, since who
 * tries often is locked out. */
int64_t reach_pause(unsigned tries, enum cause cause);
/* Waits so long, at most to the end of the pulse, which beats meanwhile.
 * RC_STORE: interrupted. */
enum rc reach_wait(struct pulse *p, int64_t ms, struct fault *f) CHECKED;

typedef enum rc reach_try_fn(void *arg, struct fault *f);

/*
 * The first connection: tried until it works or the pulse's end has come, as
 * long as waiting may help.  A wrong password, a host that is unknown or not
 * trusted, or an option that cannot be followed is told at once.
 */
enum rc reach_first(struct pulse *p, reach_try_fn *try, void *arg,
    struct fault *f) CHECKED;

#endif
