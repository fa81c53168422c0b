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
 * ".dry-run" behind it for those.
 *
 * outcome is that of all accounts together.  A fault tells why not all were
 * run: the list is wrong (each fault was printed), or a signal came.
 */
enum rc fleet_run(const struct program *p, const struct common_options *o,
    struct report *r, struct outcome *outcome, struct fault *f) CHECKED;

/* --check without a list: logs in to the location that the operands name
 * and ends. */
enum rc fleet_check_login(const struct program *p,
    const struct common_options *o, int operands, char **operand,
    struct report *r, struct fault *f) CHECKED;

#endif
