#ifndef BACKUP_FOLLOW_H
#define BACKUP_FOLLOW_H

#include <stdint.h>

#include "backup.h"
#include "mail/folder.h"
#include "until_mx.h"
#include "util/fault.h"

/* How long mbackup --follow goes on. */
struct follow_plan {
	int64_t ms;             /* at most; 0: it does not follow */
	int64_t end;            /* clock_ms, from the start of the program */
	int64_t quiet_ms;       /* without new mail; 0: however long */
	struct until_mx *until; /* or until it says so; NULL */
};

/* A time as the option has it; CAUSE_USAGE. */
enum rc follow_time(const char *option, const char *value, int64_t *ms_r,
    struct fault *f) CHECKED;

/*
 * Copies every selected folder, as backup_run, and then what comes, each time
 * as a segment of its own, until the plan says that it is enough or a signal
 * comes.  A source that is lost, or will not let us in, is tried again until
 * then.  folders: as listed first.  RC_OK: the archive is good for its final,
 * and how well the source was followed to the end is in b->outcome.
 * RC_STORE: the archive is spoiled, or there is no sense in going on.
 */
enum rc follow_run(struct backup *b, const struct follow_plan *plan,
    const struct folders *folders, struct fault *f) CHECKED;

#endif
