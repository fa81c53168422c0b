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

enum resumed_folder {
	RESUMED_NONE,    /* nothing was stored of it */
	RESUMED_SAME,    /* it has its number in the archive */
	RESUMED_CHANGED, /* the same, and another UIDVALIDITY now */
};

/* A folder that was listed, or could not be: sets number and known. */
enum resumed_folder resume_folder(struct backup *b,
    const struct harvest_folder *h, struct copy *c);
/* What is stored already goes out of h->listed.  In the claim, seen and
 * exists also count what was stored and is not listed any more; highestmodseq
 * is 0 where what was stored is not there with the flags of then. */
void resume_take_out(struct backup *b, struct harvest_folder *h,
    struct copy *c);

#endif
