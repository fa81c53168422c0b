#ifndef MAILDIR_INDEX_H
#define MAILDIR_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/fault.h"
#include "util/table.h"

/* One message file. */
struct index_entry {
	uint32_t uid;
	uint32_t name; /* offset in names of "cur/NAME" or "new/NAME" */
};

/* The messages of one folder, by UID ascending. */
struct index {
	struct index_entry *v;
	size_t n;
	size_t cap;
	struct buf names;     /* paths below the folder, each with a NUL */
	struct table by_base; /* of v, by the base of the name */
	uint32_t uidvalidity;
	uint32_t next;
	bool listed; /* there is a dovecot-uidlist */
};

void index_init(struct index *x);
void index_release(struct index *x);

/*
 * Lists cur and new of the folder fd and gives each message its UID.  old
 * (NULL: none) is an earlier index of this folder: a message without UID in
 * dovecot-uidlist keeps the one it had; with keep, every message does.
 * RC_FOLDER when it cannot be read, CAUSE_NOINPUT when it is gone.
 */
enum rc index_load(struct index *x, int fd, const struct index *old, bool keep,
    struct fault *f) CHECKED;

/* "cur/NAME", borrowed. */
const char *index_path(const struct index *x, const struct index_entry *e);
/* Path's file name alone. */
const char *index_name(const struct index *x, const struct index_entry *e);
/* By UID; NULL when there is none. */
const struct index_entry *index_find(const struct index *x, uint32_t uid);
/* Where in v the first message with this UID or a higher one is; n. */
size_t index_from(const struct index *x, uint32_t uid);
/* TABLE_NONE when no message has this base. */
uint32_t index_find_base(const struct index *x, const char *base, size_t n);
/* Adds a message or renames the one with its base. */
enum rc index_put(struct index *x, const char *dir, const char *name,
    struct fault *f) CHECKED;

#endif
