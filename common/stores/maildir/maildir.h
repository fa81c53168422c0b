#ifndef MAILDIR_MAILDIR_H
#define MAILDIR_MAILDIR_H

#include <stdbool.h>

#include "mail/store.h"
#include "util/fault.h"

enum maildir_layout {
	MAILDIR_PLUSPLUS, /* DIR, DIR/.A.B (Maildir++) */
	MAILDIR_NESTED,   /* DIR/A/B, INBOX in DIR or DIR/INBOX */
};

/*
 * Opens DIR; with create an absent or empty one is made when a folder is
 * created.  A folder selected with STORE_READ is never written to: "new" is
 * read where it is, and nothing is moved.
 *
 * UIDVALIDITY and UIDs are dovecot-uidlist's.  Messages that are not in it
 * get the UIDs from its next one on, in the order of their names: what
 * Dovecot will most likely give them, but not promised.  Without the file
 * all UIDs are so, and UIDVALIDITY is a digest of all the names: a UID can
 * then never mean another message under the same UIDVALIDITY.  Selecting
 * with STORE_APPEND makes the file, so that both stay; an existing one is
 * Dovecot's and is never changed.
 *
 * INTERNALDATE is the file's mtime, in zone +0000.  A symbolic link or a
 * device in cur or new, and a file compressed or encrypted by a plugin of
 * Dovecot's, is listed and then READ_REFUSED.
 */
enum rc maildir_open(const char *dir, enum maildir_layout layout, bool create,
    struct store **r, struct fault *f) CHECKED;

#endif
