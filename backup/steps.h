#ifndef BACKUP_STEPS_H
#define BACKUP_STEPS_H

#include <stdint.h>

#include "backup.h"
#include "copy.h"
#include "mail/harvest.h"
#include "stores/archive/writer.h"
#include "util/fault.h"

/* The steps from a folder of the source into the archive (run.c). */

/* Announces the folder, with the claim of h, whose owner is, or begins with, a
 * copy.  RC_STORE: the archive is spoiled. */
enum rc copy_announce(struct backup *b, struct harvest_folder *h,
    uint32_t uidvalidity, struct fault *f) CHECKED;
/* Warns, and counts, where the server claims more than it lists. */
void copy_tell_unlisted(struct backup *b, const struct harvest_folder *h);

/* Of struct harvest_ops; arg is the backup. */
enum rc copy_prepare(void *arg, const struct body *body, struct buf *note,
    struct fault *f) CHECKED;
enum rc copy_message(void *arg, struct harvest_folder *h,
    const struct harvest_message *m, struct fault *f) CHECKED;
void copy_lost(void *arg, const struct fault *f, unsigned left);

#endif
