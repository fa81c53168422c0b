#ifndef RESTORE_EXTRAS_H
#define RESTORE_EXTRAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "lane.h"
#include "mail/msg.h"
#include "rollback.h"
#include "util/fault.h"

/* What a rollback has to do in one folder of the target. */
struct extra {
	struct msg msg;
	struct hash hash; /* of what was read */
	bool read;        /* it was */
	bool kept;        /* and is in the archive of what is removed */
	bool removed;
	bool known; /* what it must be, canon as in struct digest */
	unsigned char canon[16];
};

struct back_folder {
	struct destination *to;
	bool beyond;         /* the chain has no such folder */
	bool subscribed;     /* in the chain */
	bool partial;        /* the chain lacks some of its messages */
	struct extra *extra; /* by UID */
	size_t extras;
	size_t cap;
};

/*
 * Reads and tells them; with delete_extra they go into the archive, which is
 * then read back: those that came out of it as they went in are marked as
 * kept.  RC_STORE: none is.
 */
enum rc extras_keep(struct lane *l, struct back_folder *v, size_t n,
    struct fault *f) CHECKED;
/* Removes those of a folder that are kept and not removed: each is read once
 * more first, and goes only when it is still what was kept. */
enum rc extras_remove(struct lane *l, struct back_folder *b, struct fault *f)
    CHECKED;

#endif
