#ifndef BACKUP_SWEEP_H
#define BACKUP_SWEEP_H

#include <stdbool.h>

#include "backup.h"
#include "followed.h"
#include "util/fault.h"

/* One look into the folders that are due, and what is new there. */
struct sweep {
	struct backup *backup;
	struct followeds *all;
	/* A folder cannot be opened: perhaps because this connection knows
	 * one that was there before, as Dovecot's does. */
	bool stuck;
	/* What came to one may be what went from it: that is due again. */
	bool unclear;
};

/* A list of the source's folders: which are there, and which are due, as
 * they are new, or not as they were when they were looked into. */
void sweep_note(struct sweep *s, const struct folders *list);
/* Looks into those.  RC_STORE: the line is lost, or (backup->sink_failed) the
 * archive is; what has no fate yet is open, and its folder due. */
enum rc sweep_run(struct sweep *s, struct fault *f) CHECKED;

#endif
