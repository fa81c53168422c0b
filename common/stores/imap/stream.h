#ifndef IMAP_STREAM_H
#define IMAP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stores/imap/reading.h"
#include "util/fault.h"

/*
 * Bodies by UID FETCH of ranges that are bounded by count, by size and by the
 * length of the command.  So many are always asked for, and of the next
 * operations as well, that the line does not wait; what counts is the
 * messages that have come, for Dovecot says OK to a command only when it has
 * answered those that came with it.
 */
enum { STREAM_SPANS = 256 }; /* asked for at one time */

/* Messages that one command asked for, among them those not waiting. */
struct span {
	size_t first;
	size_t end;
	int tag;
	size_t text; /* octets of the command */
	bool alone;  /* nothing was on its way */
};

struct stream {
	struct reading rd; /* first */
	struct span span[STREAM_SPANS];
	size_t open;     /* not answered, oldest first; */
	size_t begun;    /* so many of them the server has begun */
	size_t text;     /* octets of the other ones' commands */
	uint64_t octets; /* asked for, not come */
	size_t next;     /* where the next span starts */
	bool lost;       /* a command could not be sent */
};

/*
 * Asks for all that is waiting; afterwards nothing is.  RC_STORE: the line
 * was lost, and span[0] (open > 0) tells where; or all stops, by rd.rc.
 */
enum rc stream_run(struct stream *st, struct fault *f) CHECKED;

#endif
