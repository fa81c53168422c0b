#ifndef BACKUP_COPY_H
#define BACKUP_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "backup.h"
#include "past.h"

/* What the archive and the final will say of a folder. */
struct copy {
	uint32_t number; /* the archive's */
	struct folder_claim claim;
	struct known_folder *known; /* NULL: nothing is */
	struct known_news news;
	struct past *past; /* NULL, or what is stored of it already */
	bool followed;     /* who follows keeps what it has stored itself */
};

/* Announces a folder, once, with what it goes on with; sets number and known.
 * RC_STORE: the archive is spoiled. */
enum rc copy_enter(struct backup *b, const struct folder *folder,
    uint32_t uidvalidity, struct copy *c, struct fault *f) CHECKED;
/* The folder was looked at, and all of its messages have their fate. */
void copy_settle(struct backup *b, const struct folder *folder,
    const struct copy *c, uint32_t uidvalidity);
/* A plan_same_fn: the folder stands in the final as it did before, with what
 * STATUS says now. */
enum rc copy_same(struct backup *b, const struct folder *folder,
    struct known_folder *p, struct fault *f) CHECKED;

#endif
