#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"

enum { SYNC_STEP = 8 << 20 }; /* octets */

static void
outfile_release(struct outfile *o)
{
	if (o->path != NULL && o->fd >= 0)
		close(o->fd);
	free(o->path);
	free(o->part);
	o->path = NULL;
	o->part = NULL;
	o->fd = -1;
}

static void
outfile_name(struct outfile *o, const char *path)
{
	o->path = xstrdup(path);
	o->part = xasprintf("%s.part", path);
	o->fd = -1;
	o->written = o->begun = 0;
	o->reclaimed = false;
}

/* A file has one writer; the kernel takes the lock off a dead one.  Where
 * there are no locks there is no telling. */
static bool
is_locked_by_another(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

static enum rc
busy(const struct outfile *o, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
	    "'%s' is being written by another process: wait for it, or give "
	    "another name",
	    o->part);
}

static enum rc
exists(const char *path, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
	    "'%s' exists already: remove it or give another name", path);
}

/* Somebody's: of a run that ended, or of one that goes on. */
static enum rc
part_exists(struct outfile *o, struct fault *f)
{
	o->fd = open(o->part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (o->fd >= 0 && is_locked_by_another(o->fd))
		return busy(o, f);
	return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
	    "'%s' is left from an interrupted run: "
	    "remove it or give another name",
	    o->part);
}

enum rc
outfile_create(struct outfile *o, const char *path, unsigned mode,
    struct fault *f)
{
	struct stat st;
	enum rc rc = RC_OK;

	outfile_name(o, path);
	if (lstat(path, &st) == 0) {
		rc = exists(path, f);
		goto out;
	}
	o->fd = open(o->part,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
	if (o->fd < 0 && errno == EEXIST)
		rc = part_exists(o, f);
	else if (o->fd < 0)
		rc = fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot create '%s'", o->part);
	else if (is_locked_by_another(o->fd))
		rc = busy(o, f);
out:
	if (rc != RC_OK)
		outfile_release(o);
	return rc;
}

bool
outfile_is_left(const char *path)
{
	struct outfile o;
	struct fault f;
	bool left;

	left = outfile_reopen(&o, path, &f) == RC_OK;
	outfile_abandon(&o, true);
	return left;
}

/* The file that is open has that name still: its writer may have ended, and
 * published it, before the lock was ours. */
static bool
is_named(const struct outfile *o, const struct stat *st)
{
	struct stat now;

	return lstat(o->part, &now) == 0 && now.st_dev == st->st_dev &&
	    now.st_ino == st->st_ino;
}

static enum rc
take_part(struct outfile *o, struct fault *f)
{
	struct stat st;

	o->fd = open(o->part, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (o->fd < 0)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot open '%s'", o->part);
	if (fstat(o->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
		    "'%s' is no file", o->part);
	if (is_locked_by_another(o->fd))
		return busy(o, f);
	if (!is_named(o, &st))
		return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
		    "'%s' was finished or removed just now", o->part);
	return RC_OK;
}

enum rc
outfile_reopen(struct outfile *o, const char *path, struct fault *f)
{
	struct stat st;
	enum rc rc;

	outfile_name(o, path);
	if (lstat(path, &st) == 0)
		rc = fault_set(f, RC_STORE, CAUSE_CANTCREATE,
		    "'%s' is finished: there is nothing to go on with", path);
	else if (lstat(o->part, &st) != 0 && errno == ENOENT)
		rc = fault_set(f, RC_STORE, CAUSE_NOINPUT,
		    "there is no '%s' to go on with: nothing was begun, or "
		    "nothing of it was read; begin without --resume",
		    o->part);
	else
		rc = take_part(o, f);
	if (rc != RC_OK)
		outfile_release(o);
	return rc;
}

enum rc
outfile_cut(struct outfile *o, uint64_t at, struct fault *f)
{
	o->reclaimed = false;
	if (ftruncate(o->fd, (off_t)at) != 0 ||
	    lseek(o->fd, (off_t)at, SEEK_SET) < 0)
		return fault_errno(f, RC_STORE, CAUSE_IO, "cannot cut '%s'",
		    o->part);
	o->written = o->begun = at;
	return RC_OK;
}

void
outfile_borrow(struct outfile *o, int fd)
{
	o->path = NULL;
	o->part = NULL;
	o->fd = fd;
	o->written = o->begun = 0;
	o->reclaimed = false;
}

/*
 * What was written so far goes to the disk while more is written, so that
 * fsync, which is what counts, has little left to wait for.  A hint: not all
 * file systems take it.
 */
static void
begin_sync(struct outfile *o)
{
	if (o->part == NULL || o->written - o->begun < SYNC_STEP)
		return;
	(void)sync_file_range(o->fd, (off_t)o->begun,
	    (off_t)(o->written - o->begun), SYNC_FILE_RANGE_WRITE);
	o->begun = o->written;
}

enum rc
outfile_write(struct outfile *o, const void *p, size_t n, struct fault *f)
{
	enum rc rc;

	rc = file_write(o->fd, o->part != NULL ? o->part : "output", p, n, f);
	if (rc != RC_OK)
		return rc;
	o->written += n;
	begin_sync(o);
	return RC_OK;
}

/*
 * rename() that never replaces: an output that appeared meanwhile is
 * somebody's.  Where the file system cannot do it in one step, link() does
 * not replace either; where it has no links, a look before is all there is.
 */
static int
rename_new(const char *from, const char *to)
{
	struct stat st;

	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != ENOSYS && errno != EINVAL && errno != EOPNOTSUPP)
		return -1;
	if (link(from, to) == 0)
		return unlink(from);
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	if (lstat(to, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

enum rc
outfile_reclaim(struct outfile *o, const char *path, struct fault *f)
{
	enum rc rc;

	outfile_name(o, path);
	if (rename_new(o->path, o->part) != 0) {
		rc = fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot rename '%s' to '%s'", o->path, o->part);
		outfile_release(o);
		return rc;
	}
	o->reclaimed = true;
	rc = take_part(o, f);
	if (rc != RC_OK)
		outfile_abandon(o, true);
	return rc;
}

static enum rc
sync_borrowed(int fd, struct fault *f)
{
	struct stat st;

	/* Only a file has something to sync; a pipe says EINVAL. */
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return RC_OK;
	if (fsync(fd) != 0)
		return fault_errno(f, RC_STORE, CAUSE_IO,
		    "cannot sync 'output'");
	return RC_OK;
}

static enum rc
sync_and_close(struct outfile *o, struct fault *f)
{
	int fd = o->fd;

	if (fsync(fd) != 0)
		return fault_errno(f, RC_STORE, CAUSE_IO, "cannot sync '%s'",
		    o->part);
	o->fd = -1;
	if (close(fd) != 0)
		return fault_errno(f, RC_STORE, CAUSE_IO, "cannot close '%s'",
		    o->part);
	return RC_OK;
}

static enum rc
give_name(const struct outfile *o, struct fault *f)
{
	if (rename_new(o->part, o->path) != 0) {
		if (errno == EEXIST)
			return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
			    "'%s' appeared meanwhile and is left alone: "
			    "the output is '%s'",
			    o->path, o->part);
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot rename '%s' to '%s'", o->part, o->path);
	}
	return RC_OK;
}

enum rc
outfile_publish(struct outfile *o, struct fault *f)
{
	enum rc rc;
	int lock;

	if (o->path == NULL)
		return sync_borrowed(o->fd, f);
	/* The lock is held until the file has its name. */
	lock = fcntl(o->fd, F_DUPFD_CLOEXEC, 0);
	rc = sync_and_close(o, f);
	if (rc == RC_OK)
		rc = give_name(o, f);
	if (lock >= 0)
		close(lock);
	if (rc != RC_OK)
		return rc;
	rc = file_sync_dir(o->path, f);
	outfile_release(o);
	return rc;
}

void
outfile_abandon(struct outfile *o, bool keep_part)
{
	if (o->part != NULL && o->reclaimed)
		(void)!rename_new(o->part, o->path);
	else if (o->part != NULL && !keep_part)
		unlink(o->part);
	outfile_release(o);
}
