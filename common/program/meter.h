#ifndef PROGRAM_METER_H
#define PROGRAM_METER_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/* How far a run is; knows no clock and no terminal. */
struct meter {
	uint64_t messages;
	uint64_t octets;
	uint64_t want_messages; /* 0: not known */
	uint64_t want_octets;   /* 0: not known */
	char *folder;           /* canonical name; NULL: none yet */
};

/* Milliseconds left after elapsed of them, by octets, else by messages; -1
 * when that cannot be told. */
int64_t meter_left(const struct meter *m, int64_t elapsed_ms);

/*
 * Appends "12/340 messages, 8.1/64 MB, 1.2 MB/s, 0:43 left, Sent", with
 * what is not known left out and bytes a terminal must not see escaped.
 */
void meter_text(const struct meter *m, int64_t elapsed_ms, struct buf *out);

/* Cuts UTF-8 text to at most columns columns (a character of unsure width
 * counts two); returns the columns that are left. */
size_t meter_cut(struct buf *text, size_t columns);

#endif
