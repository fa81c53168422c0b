#ifndef RESTORE_RESTORE_H
#define RESTORE_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "held.h"
#include "journal.h"
#include "mail/folder.h"
#include "mail/glob.h"
#include "mail/mapping.h"
#include "mail/store.h"
#include "only.h"
#include "program/report.h"
#include "program/status.h"
#include "stores/archive/reader.h"
#include "util/fault.h"

/* A folder at the target, and what we know of it. */
struct destination {
	char *name;           /* canonical */
	struct folder folder; /* as the target names it */
	struct folder_state state;
	struct held held;
	bool made;   /* folder is filled: it exists */
	bool known;  /* held and state are filled */
	bool broken; /* takes nothing: why */
	char *why;
	uint64_t appended;
	uint64_t already;
	uint64_t refused;
};

/* One restore run: from a verified archive into an open target. */
struct restore {
	struct archive_reader *archive;
	struct store *target;
	struct journal *journal;
	const struct selection *selection;
	const struct mapping *mapping;
	struct only *only; /* NULL: everything */
	bool again;        /* what was deleted since comes back */
	bool dry_run;
	struct report *report;
	struct outcome outcome;
	uint64_t removed; /* restored before, deleted since */

	struct folders existing; /* the target's when we came */
	struct destination *v;   /* one for each target folder */
	size_t n;
	size_t cap;
	struct destination *selected; /* NULL: none */
};

/* One message of the archive on its way. */
struct pending {
	const struct archive_entry *entry;
	const struct archive_folder *from;
	struct msg msg; /* as it shall be at the target */
	struct body body;
	bool done; /* settled: appended, there, or refused */
};

enum rc restore_run(struct restore *r, struct fault *f) CHECKED;
void restore_release(struct restore *r);

/* destination.c: finds or adds the target folder for a canonical name of
 * the archive; the index is stable, a pointer only until the next call. */
size_t destination_index(struct restore *r, const char *archive_name);
/* Makes and selects it, and learns what it holds.  RC_FOLDER: it cannot be
 * used, d->why says so. */
enum rc destination_select(struct restore *r, struct destination *d,
    struct fault *f) CHECKED;
/* Makes it, and subscribes if wanted: for folders without messages. */
enum rc destination_make(struct restore *r, struct destination *d,
    bool subscribe, struct fault *f) CHECKED;
/* The line is back after a loss: nothing is selected, new mail at the
 * target's end is not known. */
void destination_lost(struct restore *r);
void destination_release(struct destination *d);

/* deliver.c: brings the pending messages of one segment to d, exactly
 * once, over as many connections as it takes. */
enum rc deliver(struct restore *r, struct destination *to, struct pending *p,
    size_t n, struct fault *f) CHECKED;

#endif
