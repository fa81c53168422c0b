#ifndef UNIT_MANY_H
#define UNIT_MANY_H

#include <stdint.h>
#include <sys/types.h>

struct many_plan {
	uint32_t messages; /* of all folders */
	uint32_t folders;  /* which share them evenly */
};

/*
 * An IMAP server that holds so many small messages, UIDs from 1 on in each
 * folder, and knows what the programs ask for.  It keeps nothing, so that
 * there may be a million of them.  A process of its own, and one more for
 * each connection; the caller kills it.
 */
struct many {
	pid_t pid;
	uint16_t port;
};

void many_start(struct many *m, const struct many_plan *plan);
void many_stop(const struct many *m);

#endif
