#ifndef PROBE_TRIP_H
#define PROBE_TRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leg.h"
#include "util/fault.h"

/* All legs of one account, side by side: sent, waited for, cleaned up. */
struct trip {
	struct leg *leg; /* borrowed, and the mailboxes that they name */
	size_t n;
	struct mailbox **box; /* each once; borrowed */
	size_t boxes;
	int64_t wait_ms;  /* for the server to accept each, and then for it to
			  * arrive */
	int64_t again_ms; /* pause after "later", doubled each time; 0: 1 s */
	bool leave;       /* what is found stays where it is */
	/* NULL, or: is told when the state of a leg changes. */
	void (*tell)(void *arg, const struct leg *l);
	/* NULL, or: after a signal makes it be forgotten for as long as
	 * there is time to clean up. */
	void (*spare)(void *arg);
	void *arg;
	bool last; /* set by trip_run for its last look */
};

/*
 * Runs until each leg that is LEG_TODO has come to an end: none is open
 * then.  Each mailbox was noted (mailbox_init) before.  What ends a leg is
 * told in the leg; a fault is that of a signal, after which is removed what
 * came, as far as there is time.
 */
enum rc trip_run(struct trip *t, struct fault *f) CHECKED;

/* Takes a message that is new in box. */
void trip_take(struct trip *t, struct mailbox *box, const struct arrival *a);

/* Removes what was found, but for what leg.left tells. */
void trip_clean(struct trip *t);

#endif
