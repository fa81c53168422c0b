#ifndef PROGRAM_OPTION_TABLES_H
#define PROGRAM_OPTION_TABLES_H

#include <stdbool.h>

#include "program/options.h"

/* True for one of the tables that programs share. */
bool option_table_is_shared(const struct option_spec *table);

/* Takes one option of a shared table into o; -h and -V are not for here.
 * CAUSE_USAGE when the value cannot be. */
enum rc option_take(struct common_options *o, const struct option_spec *spec,
    const char *value, struct fault *f) CHECKED;

#endif
