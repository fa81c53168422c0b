#ifndef BACKUP_PAST_H
#define BACKUP_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "stores/archive/writer.h"
#include "stores/imap/uidset.h"
#include "util/fault.h"

/*
 * What a folder held before its UIDVALIDITY changed, and what went from it, by
 * content, as a multiset: each message that was stored stands for one that is
 * listed anew.
 */
struct past;

struct past *past_new(void);
void past_free(struct past *p); /* takes NULL */
/* Adds what the archive has of a folder. */
enum rc past_add(struct past *p, struct archive_writer *w, uint32_t folder,
    struct fault *f) CHECKED;
/* Adds those whose UIDs are not there, and were not gone before. */
enum rc past_add_gone(struct past *p, struct archive_writer *w, uint32_t folder,
    const struct uidset *there, struct uidset *gone, struct fault *f) CHECKED;
/* What is looked for. */
struct past_look {
	const struct hash *hash;
	bool raw;     /* as archive_recall_fn has it */
	uint32_t uid; /* for this one */
};

/* Takes one with this content, if there is one left. */
bool past_take(struct past *p, const struct past_look *look);
/* What was taken for a message that is not there any more is free again. */
void past_release(struct past *p, const struct uidset *there);

#endif
