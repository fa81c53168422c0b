#ifndef RESTORE_SCOPE_H
#define RESTORE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/glob.h"
#include "origin.h"
#include "util/fault.h"

struct restore;

/* How much of the target a rollback is about. */

/* CAUSE_USAGE: the archives are no mailbox to go back to: what they lack of
 * it would look as if it had come since. */
enum rc scope_check(const struct origin *o, struct fault *f) CHECKED;
/* The folders that the backup was about; the caller releases. */
void scope_of(const struct origin *o, struct selection *r);
/* A folder of the target that the archives do not have: is it ours?  Not if
 * the backup or this run left it out, or --into leads elsewhere. */
bool scope_has(const struct restore *r, const struct selection *chosen,
    const char *name);
/* True for a folder of which the backup did not get all that there was. */
bool scope_is_partial(const struct origin *o, size_t folder);

#endif
