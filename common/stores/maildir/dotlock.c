#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores/maildir/dotlock.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/wait.h"

enum {
	WAIT_MS = 10 * 1000, /* in all */
	PAUSE_MS = 50,
};

enum rc
dotlock_inherit(int fd, int dirfd, struct fault *f)
{
	struct stat st;

	if (geteuid() != 0)
		return RC_OK;
	if (fstat(dirfd, &st) == -1 || fchown(fd, st.st_uid, st.st_gid) == -1)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot set the owner");
	return RC_OK;
}

enum rc
dotlock_take(struct dotlock *l, int dirfd, const char *name, struct fault *f)
{
	int64_t until = clock_ms() + WAIT_MS;
	enum rc rc = RC_OK;

	l->dirfd = dirfd;
	l->name = name;
	l->lock = xasprintf("%s.lock", name);
	for (;;) {
		l->fd = openat(dirfd, l->lock,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (l->fd != -1)
			break;
		if (errno != EEXIST)
			rc = fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
			    "cannot create '%s'", l->lock);
		else if (clock_ms() >= until)
			rc = fault_set(f, RC_STORE, CAUSE_TEMPORARY,
			    "'%s' is held by another program; remove it when "
			    "no program uses this Maildir",
			    l->lock);
		else
			rc = wait_ms(PAUSE_MS, f);
		if (rc != RC_OK) {
			free(l->lock);
			return rc;
		}
	}
	rc = dotlock_inherit(l->fd, dirfd, f);
	if (rc != RC_OK)
		dotlock_drop(l);
	return rc;
}

enum rc
dotlock_publish(struct dotlock *l, const struct buf *text, struct fault *f)
{
	enum rc rc;

	rc = file_write(l->fd, l->lock, text->data, text->len, f);
	if (rc == RC_OK && fsync(l->fd) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot sync '%s'",
		    l->lock);
	if (rc == RC_OK && renameat(l->dirfd, l->lock, l->dirfd, l->name) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot rename '%s'",
		    l->lock);
	if (rc != RC_OK) {
		dotlock_drop(l);
		return rc;
	}
	(void)close(l->fd);
	free(l->lock);
	if (fsync(l->dirfd) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO,
		    "cannot sync the directory of '%s'", l->name);
	return RC_OK;
}

void
dotlock_drop(struct dotlock *l)
{
	(void)close(l->fd);
	(void)unlinkat(l->dirfd, l->lock, 0);
	free(l->lock);
}
