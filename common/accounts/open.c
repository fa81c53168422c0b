#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/cache.h"
#include "accounts/open.h"
#include "accounts/reach.h"
#include "bytes/minisign.h"
#include "stores/imap/imap.h"
#include "stores/maildir/maildir.h"
#include "util/file.h"
#include "util/mem.h"

enum { INPUT_FD = 0 }; /* where "-" is */

void
access_init(struct access *a)
{
	memset(a, 0, sizeof(*a));
	a->cache = access_cache_new();
	a->pace = pace_new(NULL);
}

void
access_release(struct access *a)
{
	access_cache_free(a->cache);
	a->cache = NULL;
	pace_free(a->pace);
	a->pace = NULL;
}

static enum imap_compress
compress_as(enum access_compress want)
{
	switch (want) {
	case ACCESS_COMPRESS_AUTO:
		break;
	case ACCESS_COMPRESS_ON:
		return IMAP_COMPRESS_ON;
	case ACCESS_COMPRESS_OFF:
		return IMAP_COMPRESS_OFF;
	}
	return IMAP_COMPRESS_AUTO;
}

static enum rc
open_imap(const struct location *l, const struct access *a, struct store **r,
    struct fault *f)
{
	struct imap_config c;
	struct reach to;
	enum rc rc;

	rc = reach_fill(l, a, &to, f);
	if (rc != RC_OK)
		return rc;
	memset(&c, 0, sizeof(c));
	c.at = to.at;
	c.who = to.who;
	c.compress = compress_as(a->compress);
	rc = imap_open(&c, r, f);
	reach_release(&to);
	return rc;
}

enum rc
store_open(const struct location *l, const struct access *a, bool create,
    struct store **r, struct fault *f)
{
	assert(a->cache != NULL); /* access_init was forgotten */
	*r = NULL;
	switch (l->kind) {
	case LOCATION_IMAPS:
	case LOCATION_IMAP:
	case LOCATION_IMAP_PLAIN:
		return open_imap(l, a, r, f);
	case LOCATION_MAILDIR:
		return maildir_open(l->path, l->layout, create, r, f);
	case LOCATION_SMTPS:
	case LOCATION_SMTP:
	case LOCATION_SMTP_PLAIN:
	case LOCATION_MX:
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'%s' takes mail and shows none: a live mailbox is written "
		    "imaps://USER@HOST or maildir:DIR",
		    l->text);
	case LOCATION_ARCHIVE:
	case LOCATION_STDIO:
		break;
	}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "'%s' is an archive: a live mailbox is written imaps://USER@HOST "
	    "or maildir:DIR",
	    l->text);
}

static enum rc
open_stdin(int *fd_r, struct fault *f)
{
	if (isatty(INPUT_FD) == 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "an archive cannot be typed: standard input is a terminal");
	*fd_r = fcntl(INPUT_FD, F_DUPFD_CLOEXEC, 3);
	if (*fd_r == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "standard input");
	return RC_OK;
}

static enum rc
read_minisig(const char *path, struct buf *minisig, struct fault *f)
{
	char *name = xasprintf("%s.minisig", path);
	enum rc rc = RC_OK;

	if (access(name, F_OK) == 0)
		rc = file_slurp(name, MINISIGN_FILE_MAX, minisig, f);
	/* Empty to the caller means that there is none. */
	if (rc == RC_OK && minisig->len == 0 && access(name, F_OK) == 0)
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "'%s' is empty: it was cut, and signs nothing", name);
	free(name);
	return rc;
}

enum rc
archive_open_fd(const struct location *l, int *fd_r, struct buf *minisig,
    struct fault *f)
{
	struct stat st;
	enum rc rc;

	*fd_r = -1;
	if (l->kind == LOCATION_STDIO)
		return open_stdin(fd_r, f);
	if (l->kind != LOCATION_ARCHIVE)
		return fault_set(f, RC_STORE, CAUSE_USAGE, "%s: not an archive",
		    l->text);
	*fd_r = open(l->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd_r == -1)
		return fault_errno(f, RC_STORE, CAUSE_NOINPUT,
		    "cannot open '%s'", l->path);
	if (fstat(*fd_r, &st) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "'%s'", l->path);
	else if (S_ISDIR(st.st_mode))
		rc = fault_set(f, RC_STORE, CAUSE_NOINPUT,
		    "'%s' is a directory; a Maildir is written maildir:%s",
		    l->path, l->path);
	else
		rc = read_minisig(l->path, minisig, f);
	if (rc != RC_OK) {
		(void)close(*fd_r);
		*fd_r = -1;
	}
	return rc;
}
