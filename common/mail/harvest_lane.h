#ifndef MAIL_HARVEST_LANE_H
#define MAIL_HARVEST_LANE_H

#include <pthread.h>

#include "mail/harvest.h"
#include "mail/harvest_work.h"

/* One connection.  lock is held around the owner's operations, never while
 * the thread waits for the server. */
struct harvest_lane {
	const struct harvest *harvest;
	pthread_mutex_t *lock;
	struct store *store;
	const struct harvest_folder *selected;
	const struct harvest_folder *last; /* read */
	struct harvest_tasks plan;         /* taken, the first is the next */
	struct buf note;
	bool owner_failed; /* the owner's operation said RC_STORE */
};

/* Tells the store what follows the first task of the plan. */
void lane_tell(const struct harvest_lane *l);
/* Lists the folder and begins it.  RC_FOLDER: told to the owner; RC_STORE:
 * the lane or the owner is spoiled, and the folder is not begun. */
enum rc lane_list(struct harvest_lane *l, struct harvest_folder *h,
    struct fault *f) CHECKED;
/* Reads what of a task is not settled; *again_r: not all of it is, and it is
 * to be read once more.  RC_FOLDER: the rest of it was told as refused.
 * RC_STORE: the rest can be read by another lane. */
enum rc lane_read(struct harvest_lane *l, const struct harvest_task *t,
    bool *again_r, struct fault *f) CHECKED;

#endif
