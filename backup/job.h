#ifndef BACKUP_JOB_H
#define BACKUP_JOB_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "backup.h"
#include "util/buf.h"

/*
 * One folder on its way into the archive.  The list comes first (UID,
 * flags, date, size of everything), the bodies after it, in parts that
 * several connections may read, so that there is something to hold the
 * bodies against: whatever was listed and did not come is recorded with
 * its reason, never passed over.
 */
struct job {
	const struct folder *folder;
	uint32_t uidvalidity;
	uint32_t number; /* the archive's for this folder */
	struct folder_claim claim;
	struct msgs listed; /* selected messages, by UID */
	bool *settled;      /* one for each of listed */
	size_t open;        /* parts that are not finished */
	bool failed;        /* told and counted */
	struct job *next;
};

/* A run of a job's messages. */
struct part {
	struct job *job;
	size_t first;
	size_t n;
	struct part *next;
};

/*
 * One connection and its thread.  lock guards the archive, the report, the
 * outcome and every job; it is held in the callbacks, never while the
 * thread waits for the server.
 */
struct lane {
	struct backup *backup;
	pthread_mutex_t *lock;
	struct store *store;
	const struct job *selected;
	struct buf header; /* reused from message to message */
};

/*
 * Selects and lists a folder, announces it to the archive and fills *j;
 * takes the lock when it needs it.  RC_FOLDER: it cannot be read, which
 * the archive then says.  RC_STORE: the lane is spoiled, the job is not
 * begun.
 */
enum rc job_begin(struct lane *l, const struct folder *folder, struct job *j,
    struct fault *f) CHECKED;
/* Reads what is not settled of a part.  RC_FOLDER: the rest of it was
 * refused.  RC_STORE: the lane is spoiled, the rest can be read by another. */
enum rc part_read(struct lane *l, struct part *p, struct fault *f) CHECKED;
/* Claims, events; under the lock. */
void job_finish(struct lane *l, struct job *j);
/* Tells once that something of the folder could not be read. */
void job_failed(struct backup *b, struct job *j, struct fault *f);
void job_release(struct job *j);

#endif
