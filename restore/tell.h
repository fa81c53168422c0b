#ifndef RESTORE_TELL_H
#define RESTORE_TELL_H

#include <stdint.h>

#include "extras.h"
#include "mail/fingerprint.h"
#include "parcel.h"
#include "restore.h"

/*
 * The steps of a rollback on standard output: TSV, percent-encoded as a
 * manifest is, the first column the step; folders and UIDs are the target's
 * unless said otherwise:
 *
 *   append       folder  archive's-folder uidvalidity uid
 *   flags        folder  uid  flags-now keywords-now  flags keywords
 *   create | subscribe | unsubscribe | beyond | remove   folder
 *   extra        (the columns of mail/listing.h, of the target's message)
 *   removed      folder uid
 *
 * Those that change something are told when they were done, or would be.
 */
void tell_append(struct restore *r, const struct pending *p);
void tell_flags(struct restore *r, const struct destination *d,
    const struct msg *now, const struct msg *then);
void tell_folder(struct restore *r, const char *step,
    const struct destination *d);
void tell_extra(struct restore *r, const struct destination *d,
    const struct extra *x, const struct headline *head);
void tell_removed(struct restore *r, const struct destination *d,
    const struct extra *x);

#endif
