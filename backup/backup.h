#ifndef BACKUP_BACKUP_H
#define BACKUP_BACKUP_H

#include <stdbool.h>

#include "known.h"
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
	/* NULL, or: what need not be stored; as runs find it. */
	struct known *known;
	const struct selection *selection;
	struct report *report;
	struct outcome outcome;
	struct known_news news; /* of all runs */
	bool sink_failed;       /* the archive, not the source, is spoiled */
};

/*
 * Copies of every selected folder what is not known; without known, all.
 * Each message that the source lists ends known, stored, gone or refused, in
 * the archive and in b->outcome.  RC_STORE: the run ended early; what is in
 * the archive is good (unless sink_failed).  With known it may be called
 * again, with folders as they are then.
 */
enum rc backup_run(struct backup *b, const struct folders *folders,
    struct fault *f) CHECKED;
/* After the last run, before the final: what became of what the parent holds,
 * folders that are not there any more among it. */
void backup_end(struct backup *b);

/* Is the folder selected, and one that can hold messages? */
bool backup_wants(const struct backup *b, const struct folder *folder);

/* -n: counts and octets of each selected folder, on standard output; with
 * known, of what is not known, and how many changed and went. */
enum rc backup_list(struct backup *b, const struct folders *folders,
    struct fault *f) CHECKED;

#endif
