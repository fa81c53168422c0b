#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores/maildir/box.h"
#include "stores/maildir/dotlock.h"
#include "util/file.h"
#include "util/mem.h"

static enum rc
cannot(struct fault *f, const char *path)
{
	return fault_errno(f, RC_STORE, CAUSE_CANTCREATE, "cannot create '%s'",
	    path);
}

/* Makes a directory that may be there; a new one gets the owner of the one
 * above it, up. */
static enum rc
make_dir(int up, const char *name, int *fd_r, struct fault *f)
{
	bool made = mkdirat(up, name, 0700) == 0;
	enum rc rc = RC_OK;
	int fd;

	*fd_r = -1;
	if (!made && errno == ENAMETOOLONG)
		return fault_set(f, RC_FOLDER, CAUSE_REFUSED,
		    "'%s': the name is too long for a directory; use --map",
		    name);
	if (!made && errno != EEXIST)
		return cannot(f, name);
	fd = openat(up, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return cannot(f, name);
	if (made)
		rc = dotlock_inherit(fd, up, f);
	if (rc == RC_OK && made && fsync(up) == -1)
		rc = cannot(f, name);
	if (rc != RC_OK) {
		(void)close(fd);
		return rc;
	}
	*fd_r = fd;
	return RC_OK;
}

/* Maildir++: tells a subfolder from a Maildir of its own. */
static enum rc
make_mark(int fd, struct fault *f)
{
	enum rc rc = RC_OK;
	int mark;

	mark = openat(fd, "maildirfolder",
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (mark == -1)
		return errno == EEXIST ? RC_OK : cannot(f, "maildirfolder");
	rc = dotlock_inherit(mark, fd, f);
	if (close(mark) == -1 && rc == RC_OK)
		rc = cannot(f, "maildirfolder");
	return rc;
}

/* cur last: with it the folder counts as one. */
static enum rc
make_box(int fd, bool mark, struct fault *f)
{
	static const char *const parts[] = { "tmp", "new", "cur" };
	enum rc rc = RC_OK;
	size_t i;
	int sub;

	if (mark)
		rc = make_mark(fd, f);
	for (i = 0; rc == RC_OK && i < 3; i++) {
		rc = make_dir(fd, parts[i], &sub, f);
		if (rc == RC_OK)
			(void)close(sub);
	}
	return rc;
}

/* The directories of a wire name below root, one by one, and the folder's
 * own in *fd_r. */
static enum rc
make_path(const struct maildir *m, int root, const char *wire, int *fd_r,
    struct fault *f)
{
	const char *end;
	char *name;
	enum rc rc = RC_OK;
	int up = root, fd = -1;

	while (rc == RC_OK && *wire != '\0') {
		end = m->layout == MAILDIR_NESTED ? strchrnul(wire, '/') :
						    strchr(wire, '\0');
		name = xstrndup(wire, (size_t)(end - wire));
		rc = make_dir(up, name, &fd, f);
		free(name);
		if (up != root)
			(void)close(up);
		up = fd;
		wire = *end == '\0' ? end : end + 1;
	}
	*fd_r = up;
	return rc;
}

/* A component that means something else in a nested Maildir, or above it:
 * an archive may come from anywhere. */
static bool
is_reserved(const char *wire)
{
	static const char *const words[] = { "", ".", "..", "cur", "new",
		"tmp" };
	size_t n, i;

	for (;;) {
		n = strcspn(wire, "/");
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strlen(words[i]) == n &&
			    strncmp(wire, words[i], n) == 0)
				return true;
		if (wire[n] == '\0')
			return false;
		wire += n + 1;
	}
}

static enum rc
wire_of_name(const struct maildir *m, const char *name, char **wire_r,
    struct fault *f)
{
	char *back;
	bool same;
	enum rc rc;

	*wire_r = NULL;
	if (strcmp(name, "INBOX") == 0) {
		*wire_r = xstrdup("");
		return RC_OK;
	}
	if (m->layout == MAILDIR_PLUSPLUS) {
		*wire_r = folder_maildir_name(name);
	} else {
		rc = folder_name_to_wire(name, '/', "", wire_r, f);
		if (rc != RC_OK)
			return rc;
	}
	/* A name that cannot be read back would be another folder later. */
	back = maildir_name(m->layout, *wire_r);
	same = strcmp(back, name) == 0;
	free(back);
	if (same && (m->layout == MAILDIR_PLUSPLUS || !is_reserved(*wire_r)))
		return RC_OK;
	free(*wire_r);
	*wire_r = NULL;
	return fault_set(f, RC_FOLDER, CAUSE_REFUSED,
	    "'%s': a Maildir has no directory for this name; use --map", name);
}

/* The folder that is there under this name, whatever its directory. */
static enum rc
find_existing(struct maildir *m, const char *name, struct folder *r,
    struct fault *f)
{
	struct folders all = FOLDERS_INIT;
	const struct folder *found;
	enum rc rc;

	rc = maildir_folders(&m->store, &all, f);
	found = rc == RC_OK ? folders_find(&all, name) : NULL;
	if (found != NULL)
		folder_copy(r, found);
	else if (rc == RC_OK)
		rc = RC_END;
	folders_release(&all);
	return rc;
}

static enum rc
open_root(const struct maildir *m, int *fd_r, struct fault *f)
{
	int fd;

	if (mkdir(m->dir, 0700) == 0) {
		/* The directory itself must survive as well. */
		enum rc rc = file_sync_dir(m->dir, f);

		if (rc != RC_OK)
			return rc;
	} else if (errno != EEXIST) {
		return cannot(f, m->dir);
	}
	fd = maildir_open_dir(m, "");
	if (fd == -1)
		return cannot(f, m->dir);
	*fd_r = fd;
	return RC_OK;
}

/* The INBOX is made with the first folder: Maildir++ cannot be told from
 * any directory without. */
static enum rc
make(struct maildir *m, const char *wire, struct fault *f)
{
	int root = -1, fd = -1;
	enum rc rc;

	assert(wire != NULL);
	rc = open_root(m, &root, f);
	if (rc != RC_OK)
		return rc;
	rc = make_box(root, false, f);
	if (rc == RC_OK && *wire != '\0') {
		rc = make_path(m, root, wire, &fd, f);
		if (rc == RC_OK)
			rc = make_box(fd, m->layout == MAILDIR_PLUSPLUS, f);
	}
	if (fd != -1 && fd != root)
		(void)close(fd);
	(void)close(root);
	return rc;
}

enum rc
maildir_create(struct store *s, const char *name, struct folder *r,
    struct fault *f)
{
	struct maildir *m = maildir_of(s);
	char *wire;
	enum rc rc;

	memset(r, 0, sizeof(*r));
	rc = find_existing(m, name, r, f);
	if (rc != RC_END)
		return rc;
	rc = wire_of_name(m, name, &wire, f);
	if (rc == RC_OK)
		rc = make(m, wire, f);
	if (rc == RC_OK) {
		r->wire = xstrdup(wire);
		r->name = xstrdup(name);
		r->sep = m->layout == MAILDIR_NESTED ? '/' : '.';
	}
	free(wire);
	return rc == RC_OK ? rc : fault_wrap(f, rc, "create '%s'", name);
}
