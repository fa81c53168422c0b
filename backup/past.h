#ifndef BACKUP_PAST_H
#define BACKUP_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "stores/archive/writer.h"
#include "util/fault.h"

/*
 * What a folder held before its UIDVALIDITY changed, by content, as a
 * multiset: each message that was stored stands for one that is listed anew.
 */
struct past;

struct past *past_new(void);
void past_free(struct past *p); /* takes NULL */
/* Adds what the archive has of a folder. */
enum rc past_add(struct past *p, struct archive_writer *w, uint32_t folder,
    struct fault *f) CHECKED;
/* Takes one with this content, if there is one left. */
bool past_take(struct past *p, const struct hash *hash, bool raw);

#endif
