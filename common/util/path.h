#ifndef UTIL_PATH_H
#define UTIL_PATH_H

#include "util/buf.h"
#include "util/fault.h"

/* Makes the directories above path (mode 0700) that are not there yet. */
enum rc path_make_parents(const char *path, struct fault *f) CHECKED;
/* Appends the directory that keeps what programs remember from run to run,
 * with a slash at its end: mailproof/ in $XDG_STATE_HOME or ~/.local/state.
 * It may not be there. */
void path_add_state(struct buf *b);

#endif
