#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stores/maildir/box.h"
#include "stores/maildir/uidlist.h"
#include "util/clock.h"
#include "util/mem.h"

enum { SPOOL_BOUND = 4 * 1024 * 1024 }; /* octets of a message in memory */

struct maildir *
maildir_of(struct store *s)
{
	return (struct maildir *)s;
}

int
maildir_open_dir(const struct maildir *m, const char *wire)
{
	char *path =
	    *wire == '\0' ? xstrdup(m->dir) : xasprintf("%s/%s", m->dir, wire);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = errno;

	free(path);
	errno = error;
	return fd;
}

static struct steady *
steady_find(struct maildir *m, const char *wire)
{
	size_t i;

	for (i = 0; i < m->steadies; i++)
		if (strcmp(m->steady[i].wire, wire) == 0)
			return &m->steady[i];
	return NULL;
}

static void
steady_add(struct maildir *m, const char *wire)
{
	struct steady *s;

	m->steady =
	    xgrow(m->steady, m->steadies, &m->steady_cap, sizeof(*m->steady));
	s = &m->steady[m->steadies++];
	s->wire = xstrdup(wire);
	index_init(&s->index);
}

void
maildir_deselect(struct maildir *m)
{
	struct steady *s = m->wire == NULL ? NULL : steady_find(m, m->wire);

	if (s != NULL) {
		s->index = m->index;
		index_init(&m->index);
	}
	free(m->wire);
	m->wire = NULL;
	if (m->fd != -1)
		(void)close(m->fd);
	m->fd = -1;
	index_release(&m->index);
	keywords_release(&m->keywords);
}

/* A folder with a list of UIDs keeps them, and its UIDVALIDITY, while mail
 * is added; Dovecot takes the list over. */
static enum rc
settle_uids(struct maildir *m, struct fault *f)
{
	uint32_t uidvalidity = (uint32_t)clock_utc();
	enum rc rc;

	rc = uidlist_create(m->fd, &m->index, uidvalidity, f);
	if (rc == RC_OK) {
		m->index.listed = true;
		m->index.uidvalidity = uidvalidity;
		return RC_OK;
	}
	/* Dovecot was quicker: its list counts. */
	if (rc == RC_END) {
		index_release(&m->index);
		rc = index_load(&m->index, m->fd, NULL, false, f);
	}
	return rc;
}

static void
describe(const struct maildir *m, struct folder_state *r)
{
	size_t i;

	r->uidvalidity = m->index.uidvalidity;
	r->uidnext = m->index.next;
	r->exists = (uint32_t)m->index.n;
	r->permanent_flags = FLAG_ALL;
	r->permanent_any = m->keywords.name[KEYWORDS_MAX - 1] == NULL;
	for (i = 0; i < KEYWORDS_MAX; i++)
		if (m->keywords.name[i] != NULL)
			strs_add(&r->permanent_keywords, m->keywords.name[i]);
}

static enum rc
load(struct maildir *m, const struct index *old, bool keep, struct fault *f)
{
	enum rc rc;

	rc = index_load(&m->index, m->fd, old, keep, f);
	if (rc == RC_OK)
		rc = keywords_read(&m->keywords, m->fd, f);
	if (rc == RC_OK && m->mode == STORE_APPEND && !m->index.listed)
		rc = settle_uids(m, f);
	return rc;
}

static enum rc
maildir_select(struct store *s, const struct folder *folder,
    enum store_mode mode, struct folder_state *r, struct fault *f)
{
	struct maildir *m = maildir_of(s);
	struct steady *kept;
	struct index old;
	bool again;
	enum rc rc;

	again = m->wire != NULL && strcmp(m->wire, folder->wire) == 0;
	kept = steady_find(m, folder->wire);
	index_init(&old);
	if (again && kept == NULL) {
		old = m->index;
		index_init(&m->index);
	}
	maildir_deselect(m);
	if (kept != NULL) {
		again = kept->index.uidvalidity != 0;
		old = kept->index;
		index_init(&kept->index);
	} else if (mode == STORE_STEADY) {
		steady_add(m, folder->wire);
	}
	m->mode = mode;
	m->fd = maildir_open_dir(m, folder->wire);
	if (m->fd == -1)
		rc = fault_errno(f, RC_FOLDER, CAUSE_IO, "cannot open '%s/%s'",
		    m->dir, folder->wire);
	else
		rc = load(m, again ? &old : NULL, kept != NULL, f);
	if (rc != RC_OK && kept != NULL)
		kept->index = old;
	else
		index_release(&old);
	if (rc != RC_OK) {
		maildir_deselect(m);
		return rc;
	}
	m->wire = xstrdup(folder->wire);
	describe(m, r);
	return RC_OK;
}

enum rc
maildir_refresh(struct maildir *m, struct fault *f)
{
	struct index old = m->index;
	enum rc rc;

	rc = index_load(&m->index, m->fd, &old, true, f);
	if (rc != RC_OK) {
		m->index = old;
		return rc;
	}
	index_release(&old);
	return RC_OK;
}

static const struct store_info *
maildir_info(const struct store *s)
{
	return &((const struct maildir *)s)->info;
}

static void
maildir_free(struct store *s)
{
	struct maildir *m = maildir_of(s);

	maildir_deselect(m);
	while (m->steadies > 0) {
		index_release(&m->steady[--m->steadies].index);
		free(m->steady[m->steadies].wire);
	}
	free(m->steady);
	strs_release(&m->touched);
	intake_free(m->intake);
	atoms_free(m->atoms);
	free(m->location);
	free(m->dir);
	free(m);
}

static void
maildir_keep(struct store *s, uint64_t most)
{
	intake_keep(maildir_of(s)->intake, most);
}

static const struct store_ops ops = {
	.kind = "maildir",
	.folders = maildir_folders,
	.select = maildir_select,
	.scan = maildir_scan,
	.read = maildir_read,
	.keep = maildir_keep,
	.create = maildir_create,
	.subscribe = maildir_subscribe,
	.unsubscribe = maildir_unsubscribe,
	.set_flags = maildir_set_flags,
	.remove = maildir_remove,
	.remove_folder = maildir_remove_folder,
	.append = maildir_append,
	.commit = maildir_commit,
	.reopen = NULL,
	.info = maildir_info,
	.free = maildir_free,
};

/* What Dovecot leaves in a directory where no mail was yet. */
static bool
is_furniture(const char *name)
{
	return name[0] == '.' || strncmp(name, "dovecot", 7) == 0 ||
	    strcmp(name, "subscriptions") == 0;
}

/* What a run that was killed had made of a Maildir: "cur" comes last. */
static bool
is_begun(const char *name)
{
	return strcmp(name, "tmp") == 0 || strcmp(name, "new") == 0;
}

/* True for a directory in which a Maildir can be made without surprise. */
static bool
is_vacant(const char *dir)
{
	const struct dirent *e;
	bool vacant = true;
	DIR *d;

	d = opendir(dir);
	if (d == NULL)
		return errno == ENOENT;
	while (vacant && (e = readdir(d)) != NULL)
		vacant = is_furniture(e->d_name) || is_begun(e->d_name);
	(void)closedir(d);
	return vacant;
}

/* A Maildir is one that has a folder. */
static enum rc
check(struct maildir *m, struct fault *f)
{
	struct folders all = FOLDERS_INIT;
	enum rc rc;

	if (m->create && is_vacant(m->dir))
		return RC_OK;
	rc = maildir_folders(&m->store, &all, f);
	if (rc == RC_OK && all.n == 0)
		rc = fault_set(f, RC_STORE, CAUSE_NOINPUT,
		    "'%s' is not a Maildir: there is no directory 'cur' in it",
		    m->dir);
	folders_release(&all);
	return rc == RC_OK ? RC_OK : RC_STORE;
}

enum rc
maildir_open(const char *dir, enum maildir_layout layout, bool create,
    struct store **r, struct fault *f)
{
	struct maildir *m = xcalloc(1, sizeof(*m));
	enum rc rc;

	m->store.ops = &ops;
	m->dir = xstrdup(dir);
	m->layout = layout;
	m->create = create;
	m->fd = -1;
	m->location = xasprintf("maildir:%s%s", dir,
	    layout == MAILDIR_NESTED ? "?layout=fs" : "");
	m->info.location = m->location;
	m->info.software =
	    layout == MAILDIR_NESTED ? "Maildir, nested" : "Maildir++";
	m->info.tls = "";
	m->atoms = atoms_new();
	m->intake = intake_new(SPOOL_BOUND);
	rc = check(m, f);
	if (rc != RC_OK) {
		maildir_free(&m->store);
		m = NULL;
	}
	*r = m == NULL ? NULL : &m->store;
	return rc;
}
