#ifndef PROGRAM_FLEET_H
#define PROGRAM_FLEET_H

#include "program/options.h"
#include "program/report.h"
#include "program/status.h"
#include "util/fault.h"

/*
 * Works on an account list: this program once more for each account, some
 * at a time, so that one that crashes or hangs does not touch another.
 *
 * In DIR (-d) lie, for an account NAME, its archive NAME.tar.zst, what its
 * process said (NAME.STEM.log) and wrote to standard output
 * (NAME.STEM.report), and for all of them STEM.summary.tsv, by which the next
 * run knows what is complete.  STEM is the program's name, with ".check" or
 * ".dry-run" behind it for those.  A survey of NAME is NAME.STEM.SUFFIX.
 *
 * outcome is that of all accounts together.  A fault tells why not all were
 * run: the list is wrong (each fault was printed), or a signal came.
 */
enum rc fleet_run(const struct program *p, const struct common_options *o,
    void *arg, struct report *r, struct outcome *outcome, struct fault *f)
    CHECKED;

/* What one account came to, for p->conclude; all borrowed. */
struct fleet_account {
	const char *name;
	int status;         /* -1: it was not run */
	const char *words;  /* "complete"; NULL: it was not run */
	const char *reason; /* NULL: none */
	const char *output; /* the path of what it wrote to standard output;
			     * there may be no such file */
	const char *made;   /* likewise its archive, or report */
};

/* --check without a list: logs in to the location that the operands name
 * and ends. */
enum rc fleet_check_login(const struct program *p,
    const struct common_options *o, int operands, char **operand,
    struct report *r, struct fault *f) CHECKED;

#endif
