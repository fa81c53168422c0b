#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "bytes/hash.h"
#include "stores/maildir/index.h"
#include "stores/maildir/name.h"
#include "stores/maildir/uidlist.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	LIST_TRIES = 5, /* while others rename files */
	DIR_PREFIX = 4, /* octets of "cur/" */
};

struct wanted_base {
	const struct index *index;
	const char *base;
	size_t n;
};

void
index_init(struct index *x)
{
	memset(x, 0, sizeof(*x));
}

void
index_release(struct index *x)
{
	free(x->v);
	buf_release(&x->names);
	table_release(&x->by_base);
	index_init(x);
}

const char *
index_path(const struct index *x, const struct index_entry *e)
{
	return (const char *)x->names.data + e->name;
}

const char *
index_name(const struct index *x, const struct index_entry *e)
{
	return index_path(x, e) + DIR_PREFIX;
}

static bool
base_is(const void *arg, uint32_t id)
{
	const struct wanted_base *w = arg;
	const char *name = index_name(w->index, &w->index->v[id]);

	return name_base_length(name) == w->n &&
	    memcmp(name, w->base, w->n) == 0;
}

uint32_t
index_find_base(const struct index *x, const char *base, size_t n)
{
	struct wanted_base w = { x, base, n };
	struct table_cursor c;

	return table_first(&x->by_base, XXH3_64bits(base, n), base_is, &w, &c);
}

static void
add_to_table(struct index *x, uint32_t id)
{
	const char *name = index_name(x, &x->v[id]);

	table_add(&x->by_base, XXH3_64bits(name, name_base_length(name)), id);
}

enum rc
index_put(struct index *x, const char *dir, const char *name, struct fault *f)
{
	uint32_t id = index_find_base(x, name, name_base_length(name));
	size_t at = x->names.len;

	if (at > UINT32_MAX || x->n >= UINT32_MAX - 1)
		return fault_set(f, RC_FOLDER, CAUSE_REFUSED,
		    "more messages than a folder can hold");
	/* Seen twice under one name: the usual case of a second look. */
	if (id != TABLE_NONE && strcmp(index_name(x, &x->v[id]), name) == 0 &&
	    strncmp(index_path(x, &x->v[id]), dir, DIR_PREFIX - 1) == 0)
		return RC_OK;
	buf_addf(&x->names, "%s/%s", dir, name);
	buf_addc(&x->names, '\0');
	if (id != TABLE_NONE) {
		x->v[id].name = (uint32_t)at;
		return RC_OK;
	}
	x->v = xgrow(x->v, x->n, &x->cap, sizeof(*x->v));
	x->v[x->n].uid = 0;
	x->v[x->n].name = (uint32_t)at;
	add_to_table(x, (uint32_t)x->n++);
	return RC_OK;
}

/* Dovecot passes over directories and names with a leading dot, too. */
static bool
is_message(int dirfd, const struct dirent *d)
{
	struct stat st;

	if (d->d_name[0] == '.' || d->d_type == DT_DIR)
		return false;
	if (d->d_type != DT_UNKNOWN)
		return true;
	return fstatat(dirfd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISDIR(st.st_mode);
}

static enum rc
list_entries(struct index *x, DIR *d, const char *dir, struct fault *f)
{
	const struct dirent *e;
	enum rc rc;

	for (;;) {
		errno = 0;
		e = readdir(d);
		if (e == NULL)
			break;
		if (!is_message(dirfd(d), e))
			continue;
		rc = index_put(x, dir, e->d_name, f);
		if (rc == RC_OK)
			rc = interrupt_check(f);
		if (rc != RC_OK)
			return rc;
	}
	if (errno != 0)
		return fault_errno(f, RC_FOLDER, CAUSE_IO, "cannot read '%s'",
		    dir);
	return RC_OK;
}

static enum rc
list_dir(struct index *x, int fd, const char *dir, struct timespec *mtime_r,
    struct fault *f)
{
	struct stat st;
	enum rc rc;
	DIR *d;
	int sub;

	memset(mtime_r, 0, sizeof(*mtime_r));
	sub = openat(fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sub == -1 && errno == ENOENT && strcmp(dir, "new") == 0)
		return RC_OK;
	if (sub == -1)
		return fault_errno(f, RC_FOLDER, CAUSE_IO, "cannot open '%s'",
		    dir);
	d = fdopendir(sub);
	if (d == NULL || fstat(sub, &st) == -1) {
		rc = fault_errno(f, RC_FOLDER, CAUSE_IO, "cannot read '%s'",
		    dir);
		if (d == NULL)
			(void)close(sub);
	} else {
		*mtime_r = st.st_mtim;
		rc = list_entries(x, d, dir, f);
	}
	if (d != NULL)
		(void)closedir(d);
	return rc;
}

static bool
unchanged(int fd, const char *dir, const struct timespec *mtime)
{
	struct stat st;

	if (fstatat(fd, dir, &st, 0) == -1)
		return true;
	return st.st_mtim.tv_sec == mtime->tv_sec &&
	    st.st_mtim.tv_nsec == mtime->tv_nsec;
}

/*
 * "new" first: what moves to "cur" meanwhile is then seen twice, and known
 * by its base, instead of never.  readdir may pass over a file that is
 * renamed while it runs: a directory that changed is read again.
 */
static enum rc
list_files(struct index *x, int fd, struct fault *f)
{
	struct timespec newer, current;
	enum rc rc;
	int i;

	for (i = 0; i < LIST_TRIES; i++) {
		rc = list_dir(x, fd, "new", &newer, f);
		if (rc == RC_OK)
			rc = list_dir(x, fd, "cur", &current, f);
		if (rc != RC_OK)
			return rc;
		if (unchanged(fd, "cur", &current) &&
		    unchanged(fd, "new", &newer))
			break;
	}
	return RC_OK;
}

/* A uidlist_fn: the UID that Dovecot gave the file. */
static void
on_listed(void *arg, uint32_t uid, const char *base, size_t n)
{
	struct index *x = arg;
	uint32_t id = index_find_base(x, base, n);

	if (id != TABLE_NONE && x->v[id].uid == 0)
		x->v[id].uid = uid;
}

/* With keep the old UIDs alone count, else those of dovecot-uidlist, which
 * gave away all UIDs below its next one. */
static void
take_old(struct index *x, const struct index *old, bool keep)
{
	uint32_t id, first = keep ? 1 : x->next;
	const char *name;
	size_t i;

	for (i = 0; keep && i < x->n; i++)
		x->v[i].uid = 0;
	for (i = 0; i < old->n; i++) {
		name = index_name(old, &old->v[i]);
		id = index_find_base(x, name, name_base_length(name));
		if (id != TABLE_NONE && x->v[id].uid == 0 &&
		    old->v[i].uid >= first)
			x->v[id].uid = old->v[i].uid;
	}
	if (old->next > x->next)
		x->next = old->next;
}

static int
by_uid(const void *a, const void *b)
{
	const struct index_entry *l = a, *r = b;

	return (l->uid > r->uid) - (l->uid < r->uid);
}

/* By UID, those without first, then by name. */
static int
by_uid_and_name(const void *a, const void *b, void *names)
{
	const struct index_entry *l = a, *r = b;
	const char *p = names;

	if (l->uid != r->uid)
		return by_uid(a, b);
	return strcmp(p + l->name + DIR_PREFIX, p + r->name + DIR_PREFIX);
}

/* Two files cannot have one UID: the second is as good as new. */
static void
drop_doubles(struct index *x)
{
	uint32_t last = 0;
	size_t i;

	for (i = 0; i < x->n; i++) {
		if (x->v[i].uid == last)
			x->v[i].uid = 0;
		else
			last = x->v[i].uid;
	}
}

/* A UID for each message, all in order, and the table anew. */
static enum rc
number(struct index *x, struct fault *f)
{
	size_t i;

	if (x->n == 0)
		return RC_OK;
	qsort_r(x->v, x->n, sizeof(*x->v), by_uid_and_name, x->names.data);
	drop_doubles(x);
	qsort_r(x->v, x->n, sizeof(*x->v), by_uid_and_name, x->names.data);
	if (x->v[x->n - 1].uid >= x->next)
		x->next = x->v[x->n - 1].uid + 1;
	for (i = 0; i < x->n && x->v[i].uid == 0; i++) {
		if (x->next == UINT32_MAX)
			return fault_set(f, RC_FOLDER, CAUSE_REFUSED,
			    "dovecot-uidlist leaves no UIDs for new "
			    "messages; without it the folder can be read");
		x->v[i].uid = x->next++;
	}
	qsort(x->v, x->n, sizeof(*x->v), by_uid);
	table_release(&x->by_base);
	memset(&x->by_base, 0, sizeof(x->by_base));
	for (i = 0; i < x->n; i++)
		add_to_table(x, (uint32_t)i);
	return RC_OK;
}

/* Of the names in the order of the UIDs: another set of messages is another
 * UIDVALIDITY. */
static uint32_t
digest_of_names(const struct index *x)
{
	struct hasher h;
	struct hash hash;
	const char *name;
	uint32_t v = 0;
	size_t i;

	hasher_init(&h);
	for (i = 0; i < x->n; i++) {
		name = index_name(x, &x->v[i]);
		hasher_add(&h, name, name_base_length(name));
		hasher_add(&h, "\n", 1);
	}
	hasher_end(&h, &hash);
	for (i = 0; i < sizeof(v); i++)
		v = v << 8 | hash.b[i];
	return v == 0 ? 1 : v;
}

enum rc
index_load(struct index *x, int fd, const struct index *old, bool keep,
    struct fault *f)
{
	struct uidlist_head head;
	enum rc rc;

	index_init(x);
	rc = list_files(x, fd, f);
	if (rc == RC_OK)
		rc = uidlist_read(fd, &head, on_listed, x, f);
	if (rc != RC_OK)
		goto out;
	x->listed = head.found;
	x->uidvalidity = head.uidvalidity;
	x->next = head.found ? head.next : 1;
	if (old != NULL &&
	    (keep ||
		(old->listed == x->listed &&
		    (!x->listed || old->uidvalidity == x->uidvalidity))))
		take_old(x, old, keep);
	else
		old = NULL;
	rc = number(x, f);
	if (rc == RC_OK && old != NULL)
		x->uidvalidity = old->uidvalidity;
	else if (rc == RC_OK && !x->listed)
		x->uidvalidity = digest_of_names(x);
out:
	if (rc != RC_OK)
		index_release(x);
	return rc;
}

size_t
index_from(const struct index *x, uint32_t uid)
{
	size_t low = 0, high = x->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (x->v[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct index_entry *
index_find(const struct index *x, uint32_t uid)
{
	size_t i = index_from(x, uid);

	return i < x->n && x->v[i].uid == uid ? &x->v[i] : NULL;
}
