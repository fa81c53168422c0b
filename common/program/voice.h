#ifndef PROGRAM_VOICE_H
#define PROGRAM_VOICE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "program/meter.h"
#include "program/report.h"
#include "util/fault.h"

/* The inside of a report, shared by report.c, event.c and progress.c. */
struct report {
	pthread_mutex_t lock; /* of what is below bool terminal, of stderr */
	const char *program;
	bool quiet;
	int verbose;
	int64_t began_ms;
	bool dry_run;
	char *place;          /* whose time is told to history.h; or NULL */
	unsigned connections; /* to it */

	int json_fd;     /* -1: none */
	bool json_ours;  /* to be closed */
	bool json_live;  /* fd:N: somebody follows, and wants progress too */
	int64_t told_ms; /* when progress was sent last */
	const char *json_name;
	struct fault json_fault; /* the first write that failed */

	bool terminal; /* standard error is one */
	struct meter meter;
	int64_t moving_ms;    /* when the first progress came; -1: not yet */
	int64_t shown_ms;     /* when the line was drawn last */
	size_t shown_columns; /* what stands on the terminal now */
	size_t shown_lines;   /* or so many whole lines */
};

/* One line on standard error, the progress line out of its way; bytes that
 * a terminal must not see are escaped. */
void voice_line(struct report *r, const char *text);

/* For who holds the lock: wipes the progress line, or lines. */
void voice_wipe(struct report *r);
/* event_send for who holds the lock. */
void voice_send(struct event *e);

#endif
