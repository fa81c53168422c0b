#ifndef PROGRAM_FLEET_PRIV_H
#define PROGRAM_FLEET_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "accounts/list.h"
#include "program/meter.h"
#include "program/options.h"
#include "program/report.h"
#include "program/status.h"
#include "util/buf.h"
#include "util/fault.h"

/* The inside of a fleet, shared by fleet*.c. */

enum job_state {
	JOB_WAITING, /* has its turn later, or again */
	JOB_RUNNING,
	JOB_ENDED,
	JOB_SKIPPED, /* was complete before this run */
};

/* What an account came to, as the summary keeps it. */
struct job_result {
	int status;
	struct outcome outcome;
	uint64_t octets;
	int64_t ms;
	unsigned tries;
	char *words;  /* "complete", ... */
	char *reason; /* NULL: none */
};

/* One account and the process that works on it. */
struct job {
	const struct account *account;
	enum job_state state;
	char *archive;          /* path; of a survey that of its report */
	char *where;            /* what is worked on, for the summary */
	const char *host;       /* of the side worked on; NULL: no server */
	const char *other_host; /* of the other one, where that is asked */
	struct job_result result;
	unsigned tries;
	int64_t not_before_ms;

	pid_t pid;
	int events; /* the reading end; -1: closed */
	struct buf line;
	bool overlong; /* of the line: the rest is passed over */
	bool told;     /* the summary came */
	bool error;    /* reason is of an error, not of a warning */
	int64_t began_ms;
	uint64_t octets; /* so far */
	char *progress;  /* as the process tells it; NULL: not yet */
	bool settled;    /* it goes on, and its work is done for now */
};

struct fleet {
	const struct program *program;
	const struct common_options *options;
	void *arg; /* of the program's own functions */
	struct report *report;
	struct account_list list;
	enum account_side side; /* the one that the program works on */
	char *directory;        /* starts with "/" or "." */
	char *stem;
	int lock; /* the directory, locked; -1 */
	int journal;
	struct strs others; /* lines of the summary about other accounts */

	struct job *job;
	size_t n;
	size_t first; /* those before it have ended */
	size_t running;
	size_t settled; /* of them */
	size_t ended;   /* and skipped */
	size_t failed;
	uint64_t octets;        /* of those that ended */
	uint64_t octets_before; /* of those that were skipped */
	int64_t began_ms;
	int64_t shown_ms;
	bool screen;
	struct meter meter; /* its messages are accounts */
};

/* fleet_files.c: DIR/NAME.STEM.SUFFIX, DIR/STEM.SUFFIX; the caller frees. */
char *fleet_path(const struct fleet *t, const struct job *j,
    const char *suffix);
/* The key that all processes will load; one passphrase typed would not do. */
enum rc fleet_check_key(const struct fleet *t, struct fault *f) CHECKED;
/* Is there a part of the archive that the program goes on with? */
bool fleet_resumes(const struct fleet *t, const struct job *j);
/* Makes or finds the directory, and locks it. */
enum rc fleet_lock(struct fleet *t, struct fault *f) CHECKED;
/* A word of the command line for this account: one that names a directory of
 * archives names the account's there; the caller frees. */
char *fleet_option(const struct fleet *t, const struct job *j,
    const char *word);
/* Where the program works on it: "-" for an audit without target; both
 * sides of a survey.  The caller frees. */
char *fleet_where(const struct fleet *t, const struct account *a);
/* Is there a report, and no archive? */
bool fleet_surveys(const struct fleet *t);
/* Does this run leave archives alone (--check, -n)? */
bool fleet_is_idle(const struct fleet *t);

/* fleet_check.c: what stands in the way of accounts that are to be run becomes
 * a fault of the list: archives that are not there, and, where all go on side
 * by side, a host with too few connections. */
void fleet_check_jobs(struct fleet *t);

/* fleet_recall.c: what earlier runs wrote; those that are complete become
 * JOB_SKIPPED, archives that are in the way or lacking become faults of the
 * list.  Opens the summary for what follows. */
enum rc fleet_recall(struct fleet *t, struct fault *f) CHECKED;

/*
 * fleet_summary.c: DIR/STEM.summary.tsv.  While a run goes on:
 *
 *   #mailproof 1 summary
 *   options   WORDS             those that say what is worked on
 *   started   NAME LOCATION     its process was started
 *   account   NAME STATUS ...   it ended so: fleet_line.c
 *   all       STATUS WORDS      the run went through the list
 *
 * The last line about a name counts.  At the end of a run it is written anew,
 * with one line for each account.  anew: from nothing but t->others.
 */
enum rc fleet_open_summary(struct fleet *t, bool anew, struct fault *f) CHECKED;
enum rc fleet_note_start(struct fleet *t, const struct job *j, struct fault *f)
    CHECKED;
enum rc fleet_note_end(struct fleet *t, const struct job *j, struct fault *f)
    CHECKED;
enum rc fleet_summarize(struct fleet *t, const struct outcome *all,
    struct fault *f) CHECKED;
/* The line "options", without its end; the caller frees. */
char *fleet_options_line(const struct fleet *t);

/* fleet_line.c: a line "account" of the summary. */
struct fleet_line {
	const char *name; /* these three borrowed from the text */
	const char *location;
	const char *stamp;
	struct job_result result;
};

void fleet_line_write(struct buf *b, const struct job *j, const char *location);
/* Cuts line up; false when it cannot be read, and l is empty. */
bool fleet_line_read(char *line, struct fleet_line *l);
/* Size and time of the archive, or "-"; the caller frees. */
char *fleet_stamp(const struct job *j);
void job_result_release(struct job_result *r);

/* fleet_child.c */
enum rc job_start(struct fleet *t, struct job *j, struct fault *f) CHECKED;
/* Removes a report that is empty. */
void job_tidy(const struct fleet *t, const struct job *j);

/* fleet_events.c: takes what came from the process, and closes j->events at
 * its end; or at once. */
void job_listen(struct fleet *t, struct job *j);
void job_close(struct fleet *t, struct job *j);

/* fleet_end.c: the process is gone with this status of waitpid. */
enum rc job_ended(struct fleet *t, struct job *j, int wait_status,
    struct fault *f) CHECKED;

/* It could not be started. */
enum rc job_failed(struct fleet *t, struct job *j, const struct fault *why,
    struct fault *f) CHECKED;

/* fleet_loop.c: runs all that wait.  A signal ends it, when the processes
 * have ended. */
enum rc fleet_loop(struct fleet *t, struct fault *f) CHECKED;

/* fleet_screen.c: draws at most a few times a second, or says how far all is
 * once a minute where there is no terminal. */
void fleet_show(struct fleet *t, int64_t now);
bool fleet_has_screen(void);
/* What it draws, for a terminal of this size: lines, each ended; returns
 * how many, fewer than rows. */
size_t fleet_screen(const struct fleet *t, int64_t now, size_t rows,
    size_t columns, struct buf *screen);
void fleet_totals(const struct fleet *t, int64_t now, struct buf *b);
/* ", 12 messages, 1.2 MB, 0.4 s" */
void fleet_add_amount(struct buf *b, const struct job_result *r);

/* fleet_table.c: all accounts, on standard output. */
enum rc fleet_table(const struct fleet *t, struct fault *f) CHECKED;

#endif
