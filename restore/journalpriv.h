#ifndef RESTORE_JOURNALPRIV_H
#define RESTORE_JOURNALPRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal.h"
#include "util/buf.h"
#include "util/strs.h"
#include "util/table.h"

/* Shared by journal.c and journal_file.c only. */

struct journal {
	char *path;
	int fd; /* -1: nothing is written */
	struct journal_entry *v;
	size_t n;
	size_t cap;
	struct strs folder;
	struct strs archive; /* "id<TAB>hash" of those that were brought */
	struct table by_source;
	struct table by_content;
	struct buf line;
};

/* A line of the file, while it is loaded. */
uint32_t journal_intern(struct journal *j, const char *name);
/* One that tells of the same message at the same place takes the place of
 * what was told before. */
void journal_remember(struct journal *j, const struct journal_entry *e);
/* It was read back and not proved, as e says. */
void journal_withdraw(struct journal *j, const struct journal_entry *e);
/* The message of e is known by this key from here on. */
void journal_rename(struct journal *j, const struct journal_entry *e,
    uint32_t uidvalidity, uint32_t uid);

#endif
