#ifndef ARCHIVE_EARLIER_H
#define ARCHIVE_EARLIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "mail/msg.h"

/*
 * What an archive that is gone on with held before: which messages, by
 * folder and UID; 4 octets each.  Their flags and keywords are kept as a sum
 * for each folder, that of earlier_flags: whoever adds up those of the same
 * messages of now has the same sum when none has changed.
 */
struct earlier;

struct earlier *earlier_new(void);
void earlier_free(struct earlier *e); /* takes NULL */
/* The next number is that of a folder with this canonical name. */
void earlier_add_folder(struct earlier *e, const char *name);
void earlier_add(struct earlier *e, uint32_t folder, const struct msg *m);
/* Nothing more is added. */
void earlier_sort(struct earlier *e);
/* The archive has its final, which has this hash. */
void earlier_end(struct earlier *e, const struct hash *final);

/* NULL has no folder and no final. */
uint32_t earlier_folders(const struct earlier *e);
/* The last one of this name; UINT32_MAX: there is none. */
uint32_t earlier_find(const struct earlier *e, const char *name);
/* The one of the same name before it; likewise. */
uint32_t earlier_before(const struct earlier *e, uint32_t folder);
/* Ascending, and borrowed. */
size_t earlier_uids(const struct earlier *e, uint32_t folder,
    const uint32_t **uid_r);
/* Sums modulo 2^64. */
uint64_t earlier_sum(const struct earlier *e, uint32_t folder);
uint64_t earlier_flags(const struct msg *m);
bool earlier_final(const struct earlier *e, struct hash *hash_r);

#endif
