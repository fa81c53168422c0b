#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"

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

static enum rc
exists(const char *path, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
	    "'%s' exists already: remove it or give another name", path);
}

enum rc
outfile_create(struct outfile *o, const char *path, unsigned mode,
    struct fault *f)
{
	struct stat st;
	enum rc rc = RC_OK;

	o->path = xstrdup(path);
	o->part = xasprintf("%s.part", path);
	o->fd = -1;
	o->written = 0;
	if (lstat(path, &st) == 0) {
		rc = exists(path, f);
		goto out;
	}
	o->fd = open(o->part,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
	if (o->fd < 0 && errno == EEXIST)
		rc = fault_set(f, RC_STORE, CAUSE_CANTCREATE,
		    "'%s' is left from an interrupted run: "
		    "remove it or give another name",
		    o->part);
	else if (o->fd < 0)
		rc = fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot create '%s'", o->part);
out:
	if (rc != RC_OK)
		outfile_release(o);
	return rc;
}

void
outfile_borrow(struct outfile *o, int fd)
{
	o->path = NULL;
	o->part = NULL;
	o->fd = fd;
	o->written = 0;
}

enum rc
outfile_write(struct outfile *o, const void *p, size_t n, struct fault *f)
{
	enum rc rc;

	rc = file_write(o->fd, o->part != NULL ? o->part : "output", p, n, f);
	if (rc == RC_OK)
		o->written += n;
	return rc;
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

enum rc
outfile_publish(struct outfile *o, struct fault *f)
{
	enum rc rc;

	if (o->path == NULL)
		return sync_borrowed(o->fd, f);
	rc = sync_and_close(o, f);
	if (rc != RC_OK)
		return rc;
	if (rename_new(o->part, o->path) != 0) {
		if (errno == EEXIST)
			return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
			    "'%s' appeared meanwhile and is left alone: "
			    "the output is '%s'",
			    o->path, o->part);
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot rename '%s' to '%s'", o->part, o->path);
	}
	rc = file_sync_dir(o->path, f);
	outfile_release(o);
	return rc;
}

void
outfile_abandon(struct outfile *o, bool keep_part)
{
	if (o->part != NULL && !keep_part)
		unlink(o->part);
	outfile_release(o);
}
