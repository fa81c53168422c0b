#ifndef BACKUP_RESUME_H
#define BACKUP_RESUME_H

#include <stdbool.h>

#include "backup.h"
#include "bytes/minisign.h"
#include "copy.h"
#include "mail/folder.h"
#include "mail/harvest.h"
#include "stores/archive/writer.h"
#include "util/fault.h"
#include "util/file.h"

/* mbackup --resume: a run that goes on where another one was cut short. */

/*
 * Sets b->archive from what output_reopen gave, and tells what was there.
 * What was stored of folders that are no longer there stays, and the final
 * says so.  *complete_r: all of it is there, so that only its name is
 * missing; then b->outcome is what that run came to.
 */
enum rc resume_archive(struct backup *b, const struct archive_about *about,
    const struct seckey *key, struct outfile *out,
    const struct folders *folders, bool *complete_r, struct fault *f) CHECKED;

/* A folder that was listed, or could not be.  True: it has its number in the
 * archive; sets number and known.  What the archive has of it under another
 * UIDVALIDITY stays under its own number, as messages that were seen. */
bool resume_folder(struct backup *b, const struct harvest_folder *h,
    struct copy *c);
/* With the number set: that is not to be stored again.  RC_STORE: the archive
 * is spoiled. */
enum rc resume_recall(struct backup *b, const char *name, struct copy *c,
    struct fault *f) CHECKED;
/* Does a message that was read stand for one of those?  Then it is counted
 * in the claim as left out. */
bool resume_has(struct backup *b, struct copy *c,
    const struct harvest_message *m);
/* What is stored already goes out of h->listed.  In the claim, seen and
 * exists also count what was stored and is not listed any more; highestmodseq
 * is 0 where what was stored is not there with the flags of then. */
void resume_take_out(struct backup *b, struct harvest_folder *h,
    struct copy *c);

#endif
