#ifndef UNIT_MANY_H
#define UNIT_MANY_H

#include <stdint.h>
#include <sys/types.h>

/*
 * An IMAP server of one folder, INBOX, that holds so many small messages,
 * UIDs from 1 on, and knows what a backup asks for.  It keeps nothing, so
 * that there may be a million of them.  A process of its own, and one more
 * for each connection; the caller kills it.
 */
struct many {
	pid_t pid;
	uint16_t port;
};

void many_start(struct many *m, uint32_t messages);
void many_stop(const struct many *m);

#endif
