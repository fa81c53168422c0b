#ifndef BACKUP_RESUME_H
#define BACKUP_RESUME_H

#include <stdbool.h>

#include "backup.h"
#include "bytes/minisign.h"
#include "mail/folder.h"
#include "mail/harvest.h"
#include "stores/archive/writer.h"
#include "util/fault.h"
#include "util/file.h"

/* mbackup --resume: a run that goes on where another one was cut short. */

/*
 * Sets b->archive from what output_reopen gave, and tells what was there.
 * *complete_r: all of it, so that only its name is missing; then b->outcome
 * is what that run came to.
 */
enum rc resume_archive(struct backup *b, const struct archive_about *about,
    const struct seckey *key, struct outfile *out, bool *complete_r,
    struct fault *f) CHECKED;

/* What was stored of folders that are no longer there stays, and the final
 * says so. */
void resume_missing(struct backup *b, const struct folders *folders);

enum resumed_folder {
	RESUMED_NONE,    /* nothing was stored of it */
	RESUMED_SAME,    /* it has a number, and h lists what is to be read */
	RESUMED_CHANGED, /* it has a number, and another UIDVALIDITY now */
};

/*
 * A folder that was listed, or could not be.  What is stored already goes
 * out of h->listed.  In the claim, seen and exists also count what was
 * stored and is not listed any more.
 */
enum resumed_folder resume_folder(struct backup *b, struct harvest_folder *h,
    uint32_t *number_r, struct folder_claim *claim);

#endif
