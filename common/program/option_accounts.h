#ifndef PROGRAM_OPTION_ACCOUNTS_H
#define PROGRAM_OPTION_ACCOUNTS_H

#include <stdbool.h>

#include "program/options.h"

/* Is it one of options_accounts? */
bool option_accounts_has(const struct option_spec *spec);

/* Takes one option of options_accounts; CAUSE_USAGE when its value cannot
 * be. */
enum rc option_accounts_take(struct account_options *a,
    const struct option_spec *spec, const char *value, struct fault *f) CHECKED;

/*
 * Notes an option of the command line for the processes that run one account
 * each: all but those of options_accounts, --secret and --json.  shared: it
 * is of a table that programs share.
 */
void option_accounts_note(struct account_options *a, const struct program *p,
    const struct option_spec *spec, bool shared, const char *value);

/* After the last option: those that need each other.  CAUSE_USAGE. */
enum rc option_accounts_check(const struct common_options *o, struct fault *f)
    CHECKED;

#endif
