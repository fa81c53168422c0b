#ifndef PROGRAM_MAIN_H
#define PROGRAM_MAIN_H

#include "program/options.h"
#include "program/report.h"
#include "program/status.h"
#include "util/fault.h"

/*
 * What every main does first: options, startup, report.  Returns -1 to
 * carry on (operands start at *operand_r), else the exit status, with all
 * released.  arg is for p->own.
 */
int program_begin(const struct program *p, int argc, char **argv,
    struct common_options *o, void *arg, int *operand_r, struct report **r);

/* What every main does last: tells the fault if rc is not RC_OK, releases
 * all and returns the exit status. */
int program_end(struct report *r, struct common_options *o,
    struct outcome *outcome, enum rc rc, const struct fault *f);

#endif
