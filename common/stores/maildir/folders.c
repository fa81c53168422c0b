#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores/maildir/box.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "util/text.h"

enum {
	DEPTH_MAX = 64,        /* nested directories */
	FOLDERS_MAX = 1000000, /* in one Maildir */
	FRESH_S = 2,           /* more than a clock of files is slow by */
};

/* One directory on the way down, so that a symbolic link that leads up
 * again ends there. */
struct step {
	const struct step *above;
	dev_t dev;
	ino_t ino;
	int depth;
};

static bool
is_subdirectory(int fd, const char *name)
{
	struct stat st;

	return fstatat(fd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_maildir(int fd, const char *wire)
{
	char *cur = *wire == '\0' ? xstrdup("cur") : xasprintf("%s/cur", wire);
	bool yes = is_subdirectory(fd, cur);

	free(cur);
	return yes;
}

static bool
is_8bit(const char *s)
{
	for (; *s != '\0'; s++)
		if ((*s & 0x80) != 0)
			return true;
	return false;
}

/* Directories in plain UTF-8, as newer servers make them. */
static char *
name_of_utf8(const char *wire, char sep)
{
	struct strs components = STRS_INIT;
	const char *end;
	char *name;

	for (;; wire = end + 1) {
		end = strchrnul(wire, sep);
		strs_addn(&components, wire, (size_t)(end - wire));
		if (*end == '\0')
			break;
	}
	name = folder_join(&components);
	strs_release(&components);
	return name;
}

char *
maildir_name(enum maildir_layout layout, const char *wire)
{
	char sep = layout == MAILDIR_NESTED ? '/' : '.';
	char *name;

	if (*wire == '\0')
		return xstrdup("INBOX");
	if (is_8bit(wire) && text_is_utf8(wire, strlen(wire)))
		return name_of_utf8(wire + (layout == MAILDIR_PLUSPLUS), sep);
	if (layout == MAILDIR_NESTED)
		return folder_name_from_wire(wire, sep, "");
	name = folder_from_maildir_name(wire);
	return name != NULL ? name : folder_name_from_wire(wire + 1, sep, "");
}

static void
fill(struct folder *folder, enum maildir_layout layout, const char *wire)
{
	folder->wire = xstrdup(wire);
	folder->name = maildir_name(layout, wire);
	folder->sep = layout == MAILDIR_NESTED ? '/' : '.';
}

/* Two directories may decode to one name (".INBOX" beside the INBOX):
 * both hold mail, so the second gets a name of its own. */
static enum rc
add(struct folders *l, enum maildir_layout layout, const char *wire,
    struct fault *f)
{
	struct folder made;
	char *other;

	if (l->n >= FOLDERS_MAX)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "more than %d folders", FOLDERS_MAX);
	memset(&made, 0, sizeof(made));
	fill(&made, layout, wire);
	while (folders_find(l, made.name) != NULL) {
		other = xasprintf("%s~2", made.name);
		free(made.name);
		made.name = other;
	}
	*folders_add(l) = made;
	return RC_OK;
}

/* The names of the directories in fd, sorted; closes fd. */
static enum rc
subdirectories(int fd, const char *path, struct strs *names, struct fault *f)
{
	const struct dirent *e;
	enum rc rc = RC_OK;
	DIR *d;

	d = fdopendir(fd);
	if (d == NULL) {
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot read '%s'",
		    path);
		(void)close(fd);
		return rc;
	}
	for (;;) {
		errno = 0;
		e = readdir(d);
		if (e == NULL)
			break;
		if (e->d_type == DT_REG || strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    !is_subdirectory(dirfd(d), e->d_name))
			continue;
		strs_add(names, e->d_name);
	}
	if (errno != 0)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot read '%s'",
		    path);
	(void)closedir(d);
	strs_sort(names);
	return rc;
}

static enum rc
list_flat(struct maildir *m, int root, struct folders *l, struct fault *f)
{
	struct strs names = STRS_INIT;
	enum rc rc;
	size_t i;

	rc = subdirectories(fcntl(root, F_DUPFD_CLOEXEC, 0), m->dir, &names, f);
	for (i = 0; rc == RC_OK && i < names.n; i++)
		if (names.v[i][0] == '.' && is_maildir(root, names.v[i]))
			rc = add(l, m->layout, names.v[i], f);
	strs_release(&names);
	return rc;
}

static bool
leads_up(const struct step *here)
{
	const struct step *s;

	for (s = here->above; s != NULL; s = s->above)
		if (s->dev == here->dev && s->ino == here->ino)
			return true;
	return here->depth > DEPTH_MAX;
}

static bool
is_message_dir(const char *name)
{
	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0 ||
	    strcmp(name, "tmp") == 0;
}

/* Adds what is below wire, and wire itself. */
static enum rc
list_nested(struct maildir *m, const char *wire, const struct step *above,
    struct folders *l, struct fault *f)
{
	struct step here = { above, 0, 0,
		above == NULL ? 0 : above->depth + 1 };
	struct strs names = STRS_INIT;
	struct stat st;
	enum rc rc;
	size_t i;
	char *sub;
	int fd;

	fd = maildir_open_dir(m, wire);
	if (fd == -1 && errno == ENOENT)
		return RC_OK;
	if (fd == -1 || fstat(fd, &st) == -1) {
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "cannot open '%s/%s'",
		    m->dir, wire);
		if (fd != -1)
			(void)close(fd);
		return rc;
	}
	here.dev = st.st_dev;
	here.ino = st.st_ino;
	if (leads_up(&here)) {
		(void)close(fd);
		return RC_OK;
	}
	rc = interrupt_check(f);
	if (rc == RC_OK && *wire != '\0' && is_maildir(fd, ""))
		rc = add(l, m->layout, wire, f);
	if (rc == RC_OK)
		rc = subdirectories(fd, wire, &names, f);
	else
		(void)close(fd);
	for (i = 0; rc == RC_OK && i < names.n; i++) {
		if (is_message_dir(names.v[i]))
			continue;
		sub = *wire == '\0' ? xstrdup(names.v[i]) :
				      xasprintf("%s/%s", wire, names.v[i]);
		rc = list_nested(m, sub, &here, l, f);
		free(sub);
	}
	strs_release(&names);
	return rc;
}

/* Mixes in when the directory changed last; false: so lately that it may
 * change once more and bear the same time. */
static bool
mix_time(int root, const char *wire, const char *part, uint64_t *version)
{
	char *path =
	    *wire == '\0' ? xstrdup(part) : xasprintf("%s/%s", wire, part);
	bool old = true;
	struct stat st;

	if (fstatat(root, path, &st, 0) == 0) {
		*version = (*version ^ (uint64_t)st.st_mtim.tv_sec) *
		    UINT64_C(0x9e3779b97f4a7c15);
		*version = (*version ^ (uint64_t)st.st_mtim.tv_nsec) *
		    UINT64_C(0x9e3779b97f4a7c15);
		old = st.st_mtim.tv_sec < clock_utc() - FRESH_S;
	}
	free(path);
	return old;
}

static uint64_t
version_of(int root, const char *wire)
{
	uint64_t version = 1;
	bool old;

	old = mix_time(root, wire, "cur", &version);
	old = mix_time(root, wire, "new", &version) && old;
	return old ? version : 0;
}

enum rc
maildir_folders(struct store *s, struct folders *r, struct fault *f)
{
	struct maildir *m = maildir_of(s);
	enum rc rc = RC_OK;
	size_t i;
	int root;

	root = maildir_open_dir(m, "");
	if (root == -1 && errno == ENOENT && m->create)
		return RC_OK;
	if (root == -1)
		return fault_errno(f, RC_STORE,
		    errno == ENOTDIR ? CAUSE_NOINPUT : CAUSE_IO,
		    "cannot open the Maildir '%s'", m->dir);
	if (is_maildir(root, ""))
		rc = add(r, m->layout, "", f);
	if (rc == RC_OK && m->layout == MAILDIR_NESTED)
		rc = list_nested(m, "", NULL, r, f);
	else if (rc == RC_OK)
		rc = list_flat(m, root, r, f);
	for (i = 0; i < r->n; i++)
		r->v[i].version = version_of(root, r->v[i].wire);
	(void)close(root);
	if (rc == RC_OK)
		rc = maildir_mark_subscribed(m, r, f);
	if (rc == RC_OK)
		folders_sort(r);
	return rc;
}
