#ifndef RESTORE_SETTLE_H
#define RESTORE_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "parcel.h"
#include "restore.h"
#include "util/fault.h"

/*
 * What became of a message: counted, told and taken down in the journal.
 * From any lane, for messages of its own.
 */

/* Learns what an earlier run did with it in this very folder: p->known. */
enum rc settle_look_up(struct restore *r, struct pending *p, struct fault *f)
    CHECKED;

void settle_refused(struct restore *r, struct pending *p, const char *reason);
/* All that is open of a parcel. */
void settle_refuse_rest(struct restore *r, struct parcel *p,
    const char *reason);
/* It lies there already, as the journal tells: under this UID, and was not
 * read; or, uid 0, its content was found. */
enum rc settle_there(struct restore *r, struct pending *p, uint32_t uid,
    struct fault *f) CHECKED;
/* Its content was found there, under a UID that the journal is to tell. */
enum rc settle_found(struct restore *r, struct pending *p, uint32_t uid,
    struct fault *f) CHECKED;
/* Its octets are not at hand: it is refused, unless it was brought before. */
void settle_absent(struct restore *r, struct pending *p);
/* Somebody removed it at the target since an earlier run. */
void settle_removed(struct restore *r, struct pending *p);
/* APPEND_DONE: the target says that it has it. */
enum rc settle_appended(struct restore *r, struct pending *p,
    const struct append_item *item, struct fault *f) CHECKED;
/* A dry run would append it. */
void settle_counted(struct restore *r, struct pending *p);

/* Puts the journal on the disk, unless that was done just now. */
enum rc settle_sync(struct restore *r, struct fault *f) CHECKED;

/* The report's, under the lock. */
void settle_where(struct restore *r, const char *folder);
void settle_note(struct restore *r, const char *text);

#endif
