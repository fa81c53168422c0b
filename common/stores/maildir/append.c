#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores/maildir/box.h"
#include "stores/maildir/dotlock.h"
#include "stores/maildir/name.h"
#include "util/file.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	ROUND_MAX = 128,    /* messages that become visible together */
	SYNC_ALONE_MAX = 4, /* up to here each file is synced by itself */
};

/* A message on its way: in tmp, synced, then renamed into cur. */
struct arrival {
	struct append_item *item;
	char *tmp; /* "tmp/NAME", NULL: not there (any more) */
	char *cur; /* "cur/NAME:2,FLAGS" */
};

/* The file that is being written. */
struct sink {
	int fd;
	const char *name;
};

static enum rc
on_bytes(void *arg, const void *p, size_t n, struct fault *f)
{
	const struct sink *s = arg;

	return file_write(s->fd, s->name, p, n, f);
}

static void
repaired(struct append_item *item, const char *what)
{
	size_t n = strlen(item->reason);

	item->repaired = true;
	(void)snprintf(item->reason + n, sizeof(item->reason) - n, "%s%s",
	    n > 0 ? "; " : "", what);
}

static enum rc
choose_names(struct maildir *m, struct arrival *a, struct fault *f)
{
	const struct digest *d = &a->item->body->digest;
	struct buf base = BUF_INIT, letters = BUF_INIT;
	struct strs dropped = STRS_INIT;
	char *list, *text;
	enum rc rc;

	name_unique(&base, m->serial++);
	buf_addf(&base, ",S=%llu,W=%llu", (unsigned long long)d->file_size,
	    (unsigned long long)d->virtual_size);
	flags_to_letters(&letters, a->item->msg->flags);
	rc = keywords_to_letters(&m->keywords, m->fd, a->item->msg->keywords,
	    &letters, &dropped, f);
	if (rc == RC_OK && dropped.n > 0) {
		list = strs_join(&dropped, " ");
		text = xasprintf("a Maildir cannot keep the keywords %s", list);
		repaired(a->item, text);
		free(text);
		free(list);
	}
	if (rc == RC_OK) {
		a->tmp = xasprintf("tmp/%s", buf_str(&base));
		a->cur =
		    xasprintf("cur/%s:2,%s", buf_str(&base), buf_str(&letters));
	}
	strs_release(&dropped);
	buf_release(&letters);
	buf_release(&base);
	return rc;
}

/* INTERNALDATE, and what the file's form cannot say. */
static enum rc
finish_file(struct arrival *a, const struct sink *s, struct fault *f)
{
	const struct digest *d = &a->item->body->digest;
	const struct msg *msg = a->item->msg;
	struct timespec times[2];

	if (d->eol == EOL_RAW && d->virtual_size != d->wire_size)
		repaired(a->item, "bare LF: a Maildir's LF reads as CRLF");
	if (!msg->date.known)
		return RC_OK;
	times[0].tv_sec = times[1].tv_sec = msg->date.epoch;
	times[0].tv_nsec = times[1].tv_nsec = 0;
	if (futimens(s->fd, times) == 0)
		return RC_OK;
	if (errno != EINVAL && errno != EOVERFLOW)
		return fault_errno(f, RC_STORE, CAUSE_IO,
		    "cannot set the date of '%s'", a->tmp);
	repaired(a->item, "the file system cannot keep the date");
	return RC_OK;
}

static enum rc
write_file(struct maildir *m, struct arrival *a, bool sync, struct fault *f)
{
	struct sink s = { -1, a->tmp };
	enum rc rc;

	s.fd = openat(m->fd, a->tmp,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s.fd == -1) {
		rc = fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot create '%s'", a->tmp);
		free(a->tmp);
		a->tmp = NULL;
		return rc;
	}
	rc = dotlock_inherit(s.fd, m->fd, f);
	if (rc == RC_OK)
		rc = body_file(a->item->body, on_bytes, &s, f);
	if (rc == RC_OK)
		rc = finish_file(a, &s, f);
	if (rc == RC_OK && sync && fsync(s.fd) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot sync '%s'",
		    a->tmp);
	if (close(s.fd) == -1 && rc == RC_OK)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot close '%s'",
		    a->tmp);
	return rc == RC_OK ? RC_OK : RC_STORE;
}

/* Into cur, over nothing: the name is new, and where the kernel can it
 * watches that. */
static enum rc
publish(struct maildir *m, struct arrival *a, struct fault *f)
{
	int failed;

	failed = renameat2(m->fd, a->tmp, m->fd, a->cur, RENAME_NOREPLACE);
	if (failed != 0 && (errno == EINVAL || errno == ENOSYS))
		failed = renameat(m->fd, a->tmp, m->fd, a->cur);
	if (failed != 0)
		return fault_errno(f, RC_STORE, CAUSE_IO, "cannot rename '%s'",
		    a->tmp);
	free(a->tmp);
	a->tmp = NULL;
	a->item->fate = APPEND_DONE;
	a->item->uid = 0;
	return RC_OK;
}

/*
 * No name in cur before the bytes are safe.  One sync of the file system
 * does for many files what an fsync each would take seconds for.
 */
static enum rc
append_round(struct maildir *m, struct arrival *a, size_t n,
    store_append_fn *fn, void *arg, struct fault *f)
{
	bool alone = n <= SYNC_ALONE_MAX;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < n; i++) {
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = choose_names(m, &a[i], f);
		if (rc == RC_OK)
			rc = write_file(m, &a[i], alone, f);
	}
	if (rc == RC_OK && !alone && syncfs(m->fd) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot sync '%s'",
		    m->dir);
	for (i = 0; rc == RC_OK && i < n; i++) {
		rc = publish(m, &a[i], f);
		if (rc == RC_OK)
			rc = fn(arg, a[i].item, f);
	}
	return rc;
}

static void
discard(struct maildir *m, struct arrival *a, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (a[i].tmp != NULL)
			(void)unlinkat(m->fd, a[i].tmp, 0);
		free(a[i].tmp);
		free(a[i].cur);
	}
}

void
maildir_touch(struct maildir *m)
{
	if (!strs_has(&m->touched, m->wire))
		strs_add(&m->touched, m->wire);
}

enum rc
maildir_append(struct store *s, struct append_order *o, struct fault *f)
{
	struct maildir *m = maildir_of(s);
	struct arrival round[ROUND_MAX];
	enum rc rc = RC_OK;
	size_t i, done, k;

	for (i = 0; i < o->n; i++) {
		o->item[i].fate = APPEND_TODO;
		o->item[i].repaired = false;
		o->item[i].reason[0] = '\0';
	}
	if (o->n > 0)
		maildir_touch(m);
	for (done = 0; rc == RC_OK && done < o->n; done += k) {
		k = o->n - done < ROUND_MAX ? o->n - done : ROUND_MAX;
		memset(round, 0, sizeof(round));
		for (i = 0; i < k; i++)
			round[i].item = &o->item[done + i];
		rc = append_round(m, round, k, o->fn, o->arg, f);
		discard(m, round, k);
	}
	return rc;
}

static enum rc
sync_folder(const struct maildir *m, const char *wire, struct fault *f)
{
	int fd = maildir_open_dir(m, wire), cur = -1;
	enum rc rc = RC_OK;

	if (fd != -1)
		cur = openat(fd, "cur", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cur == -1 || fsync(cur) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO,
		    "cannot sync '%s/%s/cur'", m->dir, wire);
	if (cur != -1)
		(void)close(cur);
	if (fd != -1)
		(void)close(fd);
	return rc;
}

enum rc
maildir_commit(struct store *s, struct fault *f)
{
	struct maildir *m = maildir_of(s);
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < m->touched.n; i++)
		rc = sync_folder(m, m->touched.v[i], f);
	if (rc == RC_OK)
		strs_release(&m->touched);
	return rc;
}
