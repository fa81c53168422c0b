#ifndef RESTORE_RESTORE_H
#define RESTORE_RESTORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "journal.h"
#include "mail/folder.h"
#include "mail/glob.h"
#include "mail/harvest.h"
#include "mail/mapping.h"
#include "mail/store.h"
#include "only.h"
#include "origin.h"
#include "program/report.h"
#include "program/status.h"
#include "util/fault.h"

struct feed;
struct prove;
struct rollback;
struct stock;

/*
 * One restore run: from verified archives into an open target.
 *
 *   feed.c   a thread reads, verifies and unpacks the next segments
 *   stock.c  their messages wait, in parcels, each for one target folder
 *   crew.c   connections, one thread each (lane.c), take them from there
 *   deliver.c, settle.c   asks what the target holds, sends what it does
 *            not, and takes down what became of each message
 */
struct restore {
	struct origin *origin;
	struct store *target;
	harvest_open_fn *open; /* a further connection */
	void *open_arg;
	unsigned connections; /* at most; 0: one */
	struct journal *journal;
	const struct selection *selection;
	const struct mapping *mapping;
	struct only *only; /* NULL: everything */
	bool again;        /* what was deleted since comes back */
	bool dry_run;
	struct rollback *rollback; /* NULL: nothing is changed or removed */
	struct prove *prove;       /* NULL: nothing is read back */
	struct report *report;
	struct outcome outcome;
	uint64_t removed; /* restored before, deleted since */
	int64_t sync_at;  /* the journal, not before; clock_ms */

	pthread_mutex_t lock;    /* for report, outcome, removed, journal */
	struct folders existing; /* the target's when we came */
	struct stock *stock;
	struct feed *feed;
};

/* Begins to read ahead; nothing is sent yet.  restore_release follows, also
 * where this was never called.  Where there is a chain origin_vouch comes
 * first. */
enum rc restore_start(struct restore *r, struct fault *f) CHECKED;
/* Into r->target, with r->journal. */
enum rc restore_run(struct restore *r, struct fault *f) CHECKED;
/* All of it is there: the journal tells so, that a delta may come alone. */
enum rc restore_note(struct restore *r, struct fault *f) CHECKED;
/* Again: nothing. */
void restore_release(struct restore *r);

#endif
