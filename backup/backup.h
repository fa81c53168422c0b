#ifndef BACKUP_BACKUP_H
#define BACKUP_BACKUP_H

#include <stdbool.h>

#include "mail/folder.h"
#include "mail/glob.h"
#include "mail/harvest.h"
#include "program/report.h"
#include "program/status.h"
#include "stores/archive/writer.h"
#include "util/fault.h"

/* One backup run: from an open source into an archive being written. */
struct backup {
	struct store *source;  /* the first connection */
	harvest_open_fn *open; /* for more of them */
	void *open_arg;
	unsigned connections; /* at most; 0: one */
	struct archive_writer *archive;
	const struct selection *selection;
	struct report *report;
	struct outcome outcome;
	bool sink_failed; /* the archive, not the source, is spoiled */
};

/*
 * Copies every selected folder.  Each message that the source lists ends
 * stored, gone or refused in the archive and in b->outcome.  RC_STORE: the
 * run ended early; what is in the archive is good (unless sink_failed).
 */
enum rc backup_run(struct backup *b, const struct folders *folders,
    struct fault *f) CHECKED;

/* Is the folder selected, and one that can hold messages? */
bool backup_wants(const struct backup *b, const struct folder *folder);

/* -n: counts and octets of each selected folder, on standard output. */
enum rc backup_list(struct backup *b, const struct folders *folders,
    struct fault *f) CHECKED;

#endif
