#ifndef PROGRAM_STATUS_H
#define PROGRAM_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/fault.h"

/* DESIGN's table of exit statuses; the worst state wins. */
enum {
	STATUS_COMPLETE = 0,
	STATUS_DIFFERENCES = 1, /* maudit only */
	STATUS_REFUSED = 3,     /* finished, with messages refused */
	STATUS_USAGE = 64,
	STATUS_DATA = 65,
	STATUS_NOINPUT = 66,
	STATUS_UNREACHABLE = 69,
	STATUS_BUG = 70,
	STATUS_CANTCREATE = 73,
	STATUS_IO = 74,
	STATUS_TEMPORARY = 75,
	STATUS_LOGIN = 77,
	STATUS_CONFIG = 78,
};

/*
 * What a run came to: every message and folder ends in one of these
 * counts, and the exit status is computed from them here and nowhere else.
 */
struct outcome {
	uint64_t done;           /* stored, restored or proved */
	uint64_t already;        /* were there before */
	uint64_t gone;           /* expunged while running */
	uint64_t refused;        /* each with a reason in the record */
	uint64_t unlisted;       /* claimed by the server, never listed */
	uint64_t unproved;       /* mrestore --prove: not read back equal */
	uint64_t missing;        /* maudit: not proved at the target */
	uint64_t differences;    /* maudit --strict: extra, relocated, drift */
	uint64_t folders_failed; /* skipped, the run went on */
	bool uncounted;          /* messages are lost, nobody knows how many */
	enum cause worst;        /* of faults that ended the run */
};

/*
 * The order, worst first:
 *
 *  1. a fault that ended the run (worst), whatever was counted before it:
 *     bug, data, io, cantcreate, config, usage, login, unreachable,
 *     noinput, temporary.  What says that nothing can be trusted outranks
 *     what the user must mend, that outranks what another run mends.
 *  2. missing: status 1.  Mail is known not to be there.
 *  3. refused, unlisted, unproved, folders_failed, uncounted, or worst
 *     CAUSE_REFUSED: status 3.  Nobody knows.
 *  4. differences: status 1.  All mail is there.
 *  5. none of these: 0.  done, already and gone never change it.
 */
int outcome_status(const struct outcome *o);

/* The exit status of a cause alone; CAUSE_NONE is 0. */
int status_of_cause(enum cause c);
/* A word for event lines: "login", "cannot-create"; static. */
const char *cause_word(enum cause c);
/* The higher, the worse, by the order above. */
int cause_rank(enum cause c);
/* CAUSE_BUG for a word of none. */
enum cause cause_of_word(const char *word);
/* The cause that has this exit status; CAUSE_BUG for 1, which has none, and
 * for what is not in the table. */
enum cause cause_of_status(int status);
/* What several runs came to together: counts are added, the worse fault is
 * kept. */
void outcome_merge(struct outcome *all, const struct outcome *one);
/* Keeps the worse of the two, by the order above.  A fault without a cause
 * is a bug.  For a folder that is skipped count folders_failed instead. */
void outcome_fault(struct outcome *o, const struct fault *f);
/* "complete", "finished, 3 messages refused", "stopped: login refused, 2
 * messages missing": at most n octets with the NUL. */
void outcome_words(const struct outcome *o, char *s, size_t n);

#endif
