#ifndef RESTORE_ROLLBACK_H
#define RESTORE_ROLLBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/minisign.h"
#include "util/fault.h"

struct restore;

/*
 * The target becomes what the chain says: when all that was missing is
 * there, flags, keywords and subscriptions are set back, and what lies there
 * beyond it is listed.  Of that, messages go only after they were written to
 * an archive of their own which was read back whole, and folders when they
 * are empty.  The steps are told on standard output, one a line (tell.h);
 * with restore.dry_run nothing is changed.
 */
struct rollback {
	bool delete_extra;
	const char *keep;         /* the archive's path; with delete_extra */
	const struct seckey *key; /* signs it; likewise */
	/* what came of it, or would */
	uint64_t flagged; /* messages whose flags or keywords changed */
	uint64_t extra;   /* messages beyond the archive */
	uint64_t removed; /* of these */
	uint64_t folders; /* folders beyond the archive */
	uint64_t folders_removed;
};

/* After crew_run and folders_restore, on the run's thread.  What is refused
 * is counted in the outcome. */
enum rc rollback_run(struct restore *r, struct fault *f) CHECKED;

#endif
