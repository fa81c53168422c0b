#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores/maildir/dotlock.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/wait.h"

enum {
	WAIT_MS = 10 * 1000, /* in all */
	PAUSE_MS = 50,
	HOLDER_SIZE = 512, /* of "PID:HOST", the NUL counted */
	PID_MAX = INT32_MAX,
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

static void
host_name(char host[HOST_NAME_MAX + 1])
{
	if (gethostname(host, HOST_NAME_MAX + 1) == -1)
		host[0] = '\0';
	host[HOST_NAME_MAX] = '\0';
}

static void
dotlock_release(struct dotlock *l)
{
	free(l->lock);
	free(l->fresh);
}

/* A file beside NAME, with an owner as it should be and all of p in it. */
static enum rc
write_fresh(const struct dotlock *l, const void *p, size_t n, struct fault *f)
{
	enum rc rc;
	int fd;

	fd = openat(l->dirfd, l->fresh,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot create '%s'", l->fresh);
	rc = dotlock_inherit(fd, l->dirfd, f);
	if (rc == RC_OK)
		rc = file_write(fd, l->fresh, p, n, f);
	if (rc == RC_OK && fsync(fd) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot sync '%s'",
		    l->fresh);
	if (close(fd) == -1 && rc == RC_OK)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot close '%s'",
		    l->fresh);
	if (rc != RC_OK)
		(void)unlinkat(l->dirfd, l->fresh, 0);
	return rc;
}

/* Is the process that the lock names one of this host, and dead? */
static bool
holder_is_dead(int fd)
{
	char text[HOLDER_SIZE], host[HOST_NAME_MAX + 1], *colon;
	uint64_t pid;
	ssize_t n;

	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	colon = strchr(text, ':');
	host_name(host);
	return colon != NULL &&
	    num_u64(text, (size_t)(colon - text), PID_MAX, &pid) && pid > 0 &&
	    strcmp(colon + 1, host) == 0 && kill((pid_t)pid, 0) == -1 &&
	    errno == ESRCH;
}

/*
 * Removes the lock that a dead process left.  Of two that find it so, the
 * one that gets the flock goes first, and the other sees that the name
 * stands for another file by then.
 */
static bool
break_lock(const struct dotlock *l)
{
	struct stat is, was;
	bool broken = false;
	int fd;

	fd = openat(l->dirfd, l->lock, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && holder_is_dead(fd) &&
	    fstat(fd, &was) == 0 &&
	    fstatat(l->dirfd, l->lock, &is, AT_SYMLINK_NOFOLLOW) == 0 &&
	    is.st_dev == was.st_dev && is.st_ino == was.st_ino)
		broken = unlinkat(l->dirfd, l->lock, 0) == 0;
	(void)close(fd);
	return broken;
}

/* The lock appears whole, by link: it is never seen without its holder. */
static enum rc
get(struct dotlock *l, struct fault *f)
{
	const int64_t until = clock_ms() + WAIT_MS;
	enum rc rc = RC_OK;

	while (linkat(l->dirfd, l->fresh, l->dirfd, l->lock, 0) == -1) {
		if (errno != EEXIST)
			return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
			    "cannot create '%s'", l->lock);
		if (break_lock(l))
			continue;
		if (clock_ms() >= until)
			return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
			    "'%s' is held by another program; remove it when "
			    "no program uses this Maildir",
			    l->lock);
		rc = wait_ms(PAUSE_MS, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc
dotlock_take(struct dotlock *l, int dirfd, const char *name, struct fault *f)
{
	char host[HOST_NAME_MAX + 1], *holder;
	enum rc rc;

	host_name(host);
	l->dirfd = dirfd;
	l->name = name;
	l->lock = xasprintf("%s.lock", name);
	l->fresh = xasprintf("%s.%ld.%" PRId64 ".mailproof", name,
	    (long)getpid(), clock_ms());
	holder = xasprintf("%ld:%s", (long)getpid(), host);
	rc = write_fresh(l, holder, strlen(holder), f);
	if (rc == RC_OK) {
		rc = get(l, f);
		(void)unlinkat(dirfd, l->fresh, 0);
	}
	free(holder);
	if (rc != RC_OK)
		dotlock_release(l);
	return rc;
}

enum rc
dotlock_publish(struct dotlock *l, const struct buf *text, struct fault *f)
{
	enum rc rc;

	rc = write_fresh(l, text->data, text->len, f);
	if (rc == RC_OK &&
	    renameat(l->dirfd, l->fresh, l->dirfd, l->name) == -1) {
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot rename '%s'",
		    l->fresh);
		(void)unlinkat(l->dirfd, l->fresh, 0);
	}
	if (rc == RC_OK && fsync(l->dirfd) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO,
		    "cannot sync the directory of '%s'", l->name);
	dotlock_drop(l);
	return rc;
}

void
dotlock_drop(struct dotlock *l)
{
	(void)unlinkat(l->dirfd, l->lock, 0);
	dotlock_release(l);
}
