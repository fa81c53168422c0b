#ifndef MAILDIR_DOTLOCK_H
#define MAILDIR_DOTLOCK_H

#include "util/buf.h"
#include "util/fault.h"

/*
 * Changes a file that Dovecot may be changing too, by its rules: whoever has
 * NAME.lock, which says "PID:HOST", may rename a new file over NAME.
 */
struct dotlock {
	int dirfd;        /* borrowed */
	const char *name; /* borrowed */
	char *lock;       /* the file's name */
	char *fresh;      /* that of what is being written */
};

/* Waits a few seconds for another's lock, then RC_STORE and
 * CAUSE_TEMPORARY.  That of a process of this host that is dead is broken,
 * as Dovecot does: a program killed with -9 must not bar the next run. */
enum rc dotlock_take(struct dotlock *l, int dirfd, const char *name,
    struct fault *f) CHECKED;
/* Publishes text as NAME, fsynced; the lock is gone either way. */
enum rc dotlock_publish(struct dotlock *l, const struct buf *text,
    struct fault *f) CHECKED;
/* Gives the lock back, NAME is as it was. */
void dotlock_drop(struct dotlock *l);

/* What root makes in somebody's Maildir belongs to that one: gives fd the
 * owner of the directory.  Does nothing for others. */
enum rc dotlock_inherit(int fd, int dirfd, struct fault *f) CHECKED;

#endif
