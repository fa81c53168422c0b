#ifndef RESTORE_PROVE_H
#define RESTORE_PROVE_H

#include <stdint.h>

#include "parcel.h"
#include "restore.h"
#include "util/fault.h"

/*
 * --prove: what the target said that it has is read back when all is
 * delivered, over new connections, and held against the archive by hash, as
 * maudit does: equal but for line ends is proved.  What is named there as
 * lost or altered stands in an unlinked file meanwhile.
 *
 * All but prove_run may be called where r->prove is NULL, for nothing.
 */
struct prove;

struct prove *prove_new(void);
void prove_free(struct prove *v); /* takes NULL */

/* These under the run's lock.  The target says that p is there, under this
 * UID (0: not told): to be read back. */
enum rc prove_owe(struct restore *r, const struct pending *p, uint32_t uid,
    struct fault *f) CHECKED;
/* It was read there in this run, before anything was sent, and is equal. */
void prove_read(struct restore *r);
/* It cannot be read back. */
void prove_not(struct restore *r, const struct pending *p, const char *why);

/*
 * Reads back over new connections, in place of r->target's, when nothing of
 * the run is under way and restore_release was called.  What is not proved
 * is named, counted and noted in the journal.  RC_STORE: it ended early.
 */
enum rc prove_run(struct restore *r, struct fault *f) CHECKED;
uint64_t prove_count(const struct restore *r);

#endif
