#ifndef RESTORE_LANE_H
#define RESTORE_LANE_H

#include <stdint.h>

#include "mail/store.h"
#include "restore.h"
#include "util/fault.h"

struct destination;
struct parcel;

/* One connection, driven by one thread. */
struct lane {
	struct restore *restore;
	struct store *store;
	const struct destination *selected; /* NULL: none that we know of */
	struct parcel *under_way; /* taken and not finished, oldest first */
	uint64_t through;         /* parcels finished: progress */
};

/* Takes parcels and delivers them until there are no more, over as many
 * connections as it takes, one after another.  RC_STORE: it is lost, and has
 * given back what was not finished. */
enum rc lane_work(struct lane *l, struct fault *f) CHECKED;
/* Until the target has answered all that was sent. */
enum rc lane_await(struct lane *l, struct fault *f) CHECKED;

/* deliver.c: brings the parcel's messages to its folder, exactly once: on
 * their way, when this returns. */
enum rc deliver(struct lane *l, struct parcel *p, struct fault *f) CHECKED;

#endif
