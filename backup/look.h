#ifndef BACKUP_LOOK_H
#define BACKUP_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "followed.h"
#include "mail/harvest.h"
#include "sweep.h"
#include "util/fault.h"

/*
 * What the list of a folder tells, the first time and again: what is new, what
 * is gone, and of a delta what has other flags than its parent knows.
 */

/* Of struct harvest_ops; arg is the sweep. */
uint32_t look_from(void *arg, struct harvest_folder *h);
bool look_wants(void *arg, struct harvest_folder *h, const struct msg *m);
enum rc look_begin(void *arg, struct harvest_folder *h, struct fault *f)
    CHECKED;

enum look_verdict {
	LOOK_NEW,
	LOOK_BACK,    /* it stands for one that was stored, and is gone */
	LOOK_UNCLEAR, /* perhaps: all of the folder must be listed first */
};

/* What a message that was read is; but for LOOK_NEW that is noted.  RC_STORE:
 * the archive is spoiled. */
enum rc look_judge(struct sweep *s, const struct harvest_folder *h,
    const struct harvest_message *m, enum look_verdict *r, struct fault *f)
    CHECKED;

#endif
