#ifndef PROGRAM_HISTORY_H
#define PROGRAM_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "util/fault.h"

/*
 * What msurvey foresaw of runs, and what they took then:
 * $XDG_STATE_HOME/mailproof/estimates.tsv (else ~/.local/state), which only
 * grows by whole lines, so that many processes may write it:
 *
 *   foreseen PROGRAM LOCATION WHEN MESSAGES OCTETS MS...  (by connections)
 *   took     PROGRAM LOCATION WHEN MESSAGES OCTETS CONNECTIONS MS
 *
 * LOCATION is the source of a backup, and the target of a restore or an
 * audit; percent-encoded.  A program adds to it only where msurvey foresaw
 * something for the same place: who never runs it leaves no trace.
 */
enum {
	HISTORY_MS = 5,             /* 1, 2, 4, 8 and 16 connections */
	HISTORY_FILE_MAX = 4 << 20, /* then a new one is begun */
	HISTORY_RUNS = 9,           /* the last ones, that count */
};

/* Connections of the ith estimate. */
unsigned history_connections(size_t i);

struct history_run {
	const char *program;  /* "mbackup" */
	const char *location; /* as store_info tells it */
	uint64_t messages;
	uint64_t octets;
};

/* What is foreseen; ms -1: not known. */
enum rc history_foresee(const struct history_run *run,
    const int64_t ms[HISTORY_MS], struct fault *f) CHECKED;
/* What it took; nothing, and RC_OK, where nothing was foreseen. */
enum rc history_took(const struct history_run *run, unsigned connections,
    int64_t ms, struct fault *f) CHECKED;

/* Earlier runs at a place. */
struct history {
	unsigned runs; /* that can be compared; 0: the rest is 0 */
	double ratio;  /* took by foreseen: the median of the last ones */
	double last;   /* of the last one */
};

/*
 * Each run is held against what was foreseen last before it, octet by octet;
 * one that moved less than half of the messages tells nothing.  RC_OK when
 * there is no file.
 */
enum rc history_read(const char *program, const char *location,
    struct history *r, struct fault *f) CHECKED;

/* For tests: the same of a text. */
void history_parse(char *text, const char *program, const char *location,
    struct history *r);

#endif
