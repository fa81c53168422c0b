/* Flags are letters of a message's name, and removing it unlinks it. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores/maildir/box.h"
#include "stores/maildir/name.h"
#include "util/file.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* Letters that are neither flags nor keywords, such as P, stay. */
static void
add_others(struct buf *letters, const char *name)
{
	const char *p;

	for (p = name_letters(name); *p != '\0'; p++)
		if (!islower((unsigned char)*p) && strchr("DFRST", *p) == NULL)
			buf_addc(letters, *p);
}

static int
by_byte(const void *a, const void *b)
{
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

/* The name with these flags, and in *left_r (NULL: nothing) what it cannot
 * hold; the caller frees both. */
static enum rc
choose_name(struct maildir *m, const char *name, const struct msg *msg,
    char **new_r, char **left_r, struct fault *f)
{
	struct strs dropped = STRS_INIT;
	struct buf letters = BUF_INIT;
	char *list;
	enum rc rc;

	*new_r = *left_r = NULL;
	flags_to_letters(&letters, msg->flags);
	add_others(&letters, name);
	rc = keywords_to_letters(&m->keywords, m->fd, msg->keywords, &letters,
	    &dropped, f);
	if (rc == RC_OK && letters.len > 0)
		qsort(letters.data, letters.len, 1, by_byte);
	if (rc == RC_OK)
		*new_r = xasprintf("%.*s:2,%s", (int)name_base_length(name),
		    name, buf_str(&letters));
	if (rc == RC_OK && dropped.n > 0) {
		list = strs_join(&dropped, " ");
		*left_r =
		    xasprintf("a Maildir cannot keep the keywords %s", list);
		free(list);
	}
	strs_release(&dropped);
	buf_release(&letters);
	return rc;
}

/* Out of "new" as well: a message that has flags was seen by somebody. */
static enum rc
rename_one(struct maildir *m, const char *from, const char *name,
    struct fault *f)
{
	char *to = xasprintf("cur/%s", name);
	enum rc rc = RC_OK;

	if (strcmp(from, to) != 0 && renameat(m->fd, from, m->fd, to) != 0) {
		rc = RC_END;
		if (errno != ENOENT)
			rc = fault_errno(f, RC_STORE, CAUSE_IO,
			    "cannot rename '%s'", from);
	}
	free(to);
	if (rc == RC_OK)
		rc = index_put(&m->index, "cur", name, f);
	return rc;
}

/* RC_END: it is not where it was. */
static enum rc
flag_one(struct maildir *m, const struct msg *msg, char **left_r,
    struct fault *f)
{
	const struct index_entry *e = index_find(&m->index, msg->uid);
	char *name, *from;
	enum rc rc;

	*left_r = NULL;
	if (e == NULL)
		return RC_END;
	/* The index moves when a name is put in. */
	from = xstrdup(index_path(&m->index, e));
	rc = choose_name(m, index_name(&m->index, e), msg, &name, left_r, f);
	if (rc == RC_OK)
		rc = rename_one(m, from, name, f);
	free(name);
	free(from);
	return rc;
}

static enum rc
remove_one(struct maildir *m, const struct msg *msg, char **left_r,
    struct fault *f)
{
	const struct index_entry *e = index_find(&m->index, msg->uid);
	const char *path;

	*left_r = NULL;
	if (e == NULL)
		return RC_END;
	path = index_path(&m->index, e);
	if (unlinkat(m->fd, path, 0) == 0)
		return RC_OK;
	if (errno == ENOENT)
		return RC_END;
	return fault_errno(f, RC_STORE, CAUSE_IO, "cannot remove '%s'", path);
}

typedef enum rc change_one_fn(struct maildir *m, const struct msg *msg,
    char **left_r, struct fault *f);

/* Another program may have renamed it since the folder was listed. */
static enum rc
insist(struct maildir *m, const struct msg *msg, change_one_fn *one,
    char **left_r, struct fault *f)
{
	enum rc rc;

	rc = one(m, msg, left_r, f);
	if (rc != RC_END)
		return rc;
	free(*left_r);
	*left_r = NULL;
	rc = maildir_refresh(m, f);
	return rc == RC_OK ? one(m, msg, left_r, f) : rc;
}

static enum rc
change(struct store *s, const struct msg *v, size_t n, change_one_fn *one,
    store_change_fn *fn, void *arg, struct fault *f)
{
	struct maildir *m = maildir_of(s);
	enum rc rc = RC_OK;
	char *left;
	size_t i;

	if (m->wire == NULL || m->mode != STORE_APPEND)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "no folder is selected to be changed");
	if (n > 0)
		maildir_touch(m);
	for (i = 0; rc == RC_OK && i < n; i++) {
		rc = interrupt_check(f);
		if (rc != RC_OK)
			break;
		rc = insist(m, &v[i], one, &left, f);
		if (rc == RC_OK)
			rc = fn(arg, &v[i], CHANGE_DONE, left, f);
		else if (rc == RC_END)
			rc = fn(arg, &v[i], CHANGE_GONE, NULL, f);
		free(left);
	}
	return rc;
}

enum rc
maildir_set_flags(struct store *s, const struct msg *m, size_t n,
    store_change_fn *fn, void *arg, struct fault *f)
{
	return change(s, m, n, flag_one, fn, arg, f);
}

enum rc
maildir_remove(struct store *s, const struct msg *m, size_t n,
    store_change_fn *fn, void *arg, struct fault *f)
{
	return change(s, m, n, remove_one, fn, arg, f);
}

/* Of a folder's directory, what Dovecot and we put beside the mail. */
static const char *const furniture[] = { "maildirfolder", "dovecot-uidlist",
	"dovecot-keywords", "dovecot.index.cache", "dovecot.index.log",
	"dovecot.index.log.2", "dovecot.index", "dovecot-acl",
	"dovecot-acl-list" };

/* rmdir takes no directory that holds anything, also what comes this very
 * moment: no mail is lost.  "cur" last: without it there is no folder. */
static enum rc
clear(int fd, const char *name, struct fault *f)
{
	static const char *const parts[] = { "tmp", "new", "cur" };
	size_t i, done;

	for (done = 0; done < 3; done++)
		if (unlinkat(fd, parts[done], AT_REMOVEDIR) != 0 &&
		    errno != ENOENT)
			break;
	if (done < 3) {
		(void)fault_errno(f, RC_FOLDER, CAUSE_REFUSED,
		    "%s: not removed: '%s'", name, parts[done]);
		for (i = 0; i < done; i++)
			(void)mkdirat(fd, parts[i], 0700);
		return RC_FOLDER;
	}
	for (i = 0; i < sizeof(furniture) / sizeof(furniture[0]); i++)
		(void)unlinkat(fd, furniture[i], 0);
	return RC_OK;
}

enum rc
maildir_remove_folder(struct store *s, const struct folder *folder,
    struct fault *f)
{
	struct maildir *m = maildir_of(s);
	char *path;
	enum rc rc;
	int fd;

	/* What was done in it is synced while it is there. */
	rc = maildir_commit(s, f);
	if (rc != RC_OK)
		return rc;
	if (*folder->wire == '\0')
		return fault_set(f, RC_FOLDER, CAUSE_REFUSED,
		    "%s: the Maildir itself is not removed", folder->name);
	if (m->wire != NULL && strcmp(m->wire, folder->wire) == 0)
		maildir_deselect(m);
	fd = maildir_open_dir(m, folder->wire);
	if (fd == -1)
		return fault_errno(f, RC_FOLDER, CAUSE_IO, "%s", folder->name);
	rc = clear(fd, folder->name, f);
	(void)close(fd);
	/* What else is in it, a folder below for one, stays. */
	path = xasprintf("%s/%s", m->dir, folder->wire);
	if (rc == RC_OK) {
		(void)rmdir(path);
		rc = file_sync_dir(path, f);
	}
	free(path);
	return rc;
}
