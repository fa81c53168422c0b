#ifndef MAIL_HARVEST_LANE_H
#define MAIL_HARVEST_LANE_H

#include <pthread.h>

#include "mail/harvest.h"

/* A run of a folder's messages. */
struct harvest_part {
	struct harvest_folder *folder;
	size_t first;
	size_t n;
	struct harvest_part *next;
};

/* One connection.  lock is held around the owner's operations, never while
 * the thread waits for the server. */
struct harvest_lane {
	const struct harvest *harvest;
	pthread_mutex_t *lock;
	struct store *store;
	const struct harvest_folder *selected;
	struct buf note;
	bool owner_failed; /* the owner's operation said RC_STORE */
};

/* Lists the folder and begins it.  RC_FOLDER: told to the owner; RC_STORE:
 * the lane or the owner is spoiled, and the folder is not begun. */
enum rc lane_list(struct harvest_lane *l, struct harvest_folder *h,
    struct fault *f) CHECKED;
/* Reads what of a part is not settled.  RC_FOLDER: the rest of it was told
 * as refused.  RC_STORE: the rest can be read by another lane. */
enum rc lane_read(struct harvest_lane *l, const struct harvest_part *p,
    struct fault *f) CHECKED;

#endif
