#ifndef PROGRAM_METER_H
#define PROGRAM_METER_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/*
 * How far a run is, and how fast of late.  It knows no clock and no terminal:
 * every call tells the milliseconds since the run's first progress.  Time
 * spent in pauses that a server asked for is kept apart, so that what is
 * left does not leap when one begins or ends.
 */

/* How far the run was at a moment of its moving time. */
struct meter_mark {
	int64_t ms;
	uint64_t messages;
	uint64_t octets;
};

enum { METER_MARKS = 32 };

struct meter {
	uint64_t messages;
	uint64_t octets;
	uint64_t want_messages;   /* 0: not known */
	uint64_t listed_messages; /* of them: listed, with their size */
	uint64_t listed_octets;
	/* Where what is to be done is listed while it is read from a stream:
	 * how much of that was read, of how much, when so many octets had
	 * been listed; share_size 0: lists are whole before the work. */
	uint64_t share_read;
	uint64_t share_size;
	uint64_t share_octets;
	char *folder; /* canonical name; NULL: none yet */
	/* inside */
	struct meter_mark mark[METER_MARKS]; /* a ring of the last minute */
	unsigned first;
	unsigned marks;
	int64_t paused_ms;      /* in pauses that are over */
	int64_t pause_began_ms; /* of the one that is on */
	int64_t pause_left_ms;  /* 0: none is on */
};

/* More is done. */
void meter_add(struct meter *m, int64_t now_ms, uint64_t messages,
    uint64_t octets);
/* So much of the stream was read when all was listed that is by now; read 0
 * at its start, and equal to size at its end. */
void meter_share(struct meter *m, uint64_t read, uint64_t size);
/* A pause is on, with so much left; 0: it is over. */
void meter_pause(struct meter *m, int64_t now_ms, int64_t left_ms);

/* Milliseconds left, from the rates of the last minute that moved and from
 * the share of pauses so far; -1 when that cannot be told. */
int64_t meter_left(const struct meter *m, int64_t now_ms);

/*
 * Appends "12/340 messages, 8.1/64 MB, 1.2 MB/s, 0:43 left, Sent", or in a
 * pause "..., waiting 30 s for the server, 0:43 left, Sent", with what is
 * not known left out and bytes a terminal must not see escaped.
 */
void meter_text(const struct meter *m, int64_t now_ms, struct buf *out);
/* Appends "0.2 s" or "30 s". */
void meter_seconds(struct buf *out, int64_t ms);

/* Cuts UTF-8 text to at most columns columns (a character of unsure width
 * counts two); returns how many columns it has then. */
size_t meter_cut(struct buf *text, size_t columns);

#endif
