#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/mem.h"

enum { SLURP_STEP = 65536 };

static enum rc
slurp_fd(int fd, const char *path, size_t max, struct buf *b, struct fault *f)
{
	size_t step, total = 0;
	ssize_t got;

	for (;;) {
		/* One octet more than allowed shows that there is more. */
		step = max - total < SLURP_STEP ? max - total + 1 : SLURP_STEP;
		got = read(fd, buf_room(b, step), step);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_errno(f, RC_STORE, CAUSE_IO,
			    "cannot read '%s'", path);
		if (got == 0)
			return RC_OK;
		total += (size_t)got;
		if (total > max)
			return fault_set(f, RC_STORE, CAUSE_DATA,
			    "'%s' has more than %zu octets", path, max);
		b->len += (size_t)got;
	}
}

enum rc
file_slurp(const char *path, size_t max, struct buf *b, struct fault *f)
{
	const size_t before = b->len;
	enum rc rc;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault_errno(f, RC_STORE, CAUSE_NOINPUT,
		    "cannot open '%s'", path);
	rc = slurp_fd(fd, path, max, b, f);
	if (rc != RC_OK)
		b->len = before;
	close(fd);
	return rc;
}

static int
open_unlinked(const char *dir)
{
	char *name;
	int fd;

	fd = open(dir, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	/* NFS and others have no O_TMPFILE, each with an errno of its own. */
	name = xasprintf("%s/mailproof.XXXXXX", dir);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0 && unlink(name) != 0) {
		close(fd);
		fd = -1;
	}
	free(name);
	return fd;
}

enum rc
file_unlinked(int *fd_r, const char **dir_r, struct fault *f)
{
	*dir_r = getenv("TMPDIR");
	if (*dir_r != NULL && (*dir_r)[0] != '\0') {
		*fd_r = open_unlinked(*dir_r);
	} else {
		*dir_r = "/var/tmp";
		*fd_r = open_unlinked(*dir_r);
		if (*fd_r < 0) {
			*dir_r = "/tmp";
			*fd_r = open_unlinked(*dir_r);
		}
	}
	if (*fd_r < 0)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot create a temporary file in '%s' "
		    "(TMPDIR names another place)",
		    *dir_r);
	return RC_OK;
}

enum rc
file_write(int fd, const char *name, const void *p, size_t n, struct fault *f)
{
	const unsigned char *at = p;
	ssize_t put;

	while (n > 0) {
		put = write(fd, at, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EPIPE)
			return fault_set(f, RC_STORE, CAUSE_IO,
			    "cannot write '%s': broken pipe", name);
		if (put < 0)
			return fault_errno(f, RC_STORE, CAUSE_IO,
			    "cannot write '%s'", name);
		at += put;
		n -= (size_t)put;
	}
	return RC_OK;
}

static char *
directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	if (slash == path)
		return xstrdup("/");
	return xstrndup(path, (size_t)(slash - path));
}

enum rc
file_sync_dir(const char *path, struct fault *f)
{
	char *dir = directory_of(path);
	enum rc rc = RC_OK;
	int fd;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* EINVAL: a file system that has no use for it. */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		rc = fault_errno(f, RC_STORE, CAUSE_IO,
		    "cannot sync directory '%s'", dir);
	if (fd >= 0)
		close(fd);
	free(dir);
	return rc;
}

static enum rc
fill(int fd, const char *path, const void *p, size_t n, struct fault *f)
{
	enum rc rc;

	rc = file_write(fd, path, p, n, f);
	if (rc == RC_OK && fsync(fd) != 0)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot sync '%s'",
		    path);
	if (close(fd) != 0 && rc == RC_OK)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot close '%s'",
		    path);
	return rc;
}

enum rc
file_create(const char *path, unsigned mode, const void *p, size_t n,
    struct fault *f)
{
	enum rc rc;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    (mode_t)mode);
	if (fd < 0 && errno == EEXIST)
		return fault_set(f, RC_STORE, CAUSE_CANTCREATE,
		    "'%s' exists already: remove it or give another name",
		    path);
	if (fd < 0)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot create '%s'", path);
	rc = fill(fd, path, p, n, f);
	if (rc == RC_OK)
		rc = file_sync_dir(path, f);
	if (rc != RC_OK)
		unlink(path);
	return rc;
}
