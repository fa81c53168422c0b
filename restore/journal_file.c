/* The journal's file: opened, locked, read, and taken over from the one that
 * an earlier mailproof kept for each archive. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "journalpriv.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/path.h"
#include "util/text.h"

enum {
	JOURNAL_MAX = 1 << 30, /* octets that we are ready to read */
	FIELDS = 9,
};

/* What is being read. */
struct loading {
	struct journal *journal;
	const char *path;
	struct buf header; /* ours, without its LF */
	struct buf former; /* of the same archive, before */
	bool ours;         /* it stands there */
	bool formers;      /* the former one stands there */
};

static bool
field_u32(const char *s, uint32_t *r)
{
	return num_u32(s, strlen(s), r);
}

static bool
field_folder(struct journal *j, const char *s, uint32_t *r)
{
	struct buf name = BUF_INIT;
	bool ok = text_unpercent(&name, s, strlen(s));

	if (ok)
		*r = journal_intern(j, buf_str(&name));
	buf_release(&name);
	return ok;
}

static bool
field_canon(const char *s, struct journal_entry *e)
{
	return text_unhex(s, strlen(s), e->canon, sizeof(e->canon));
}

static bool
load_done(struct journal *j, char **field)
{
	struct journal_entry e = { .taken = false };

	if (!field_folder(j, field[1], &e.folder) ||
	    !field_u32(field[2], &e.uidvalidity) ||
	    !field_u32(field[3], &e.uid) ||
	    !field_folder(j, field[4], &e.to_folder) ||
	    !field_u32(field[5], &e.to_uidvalidity) ||
	    !field_u32(field[6], &e.to_uid) ||
	    !text_unhex(field[7], strlen(field[7]), e.fp.b, sizeof(e.fp.b)) ||
	    !field_canon(field[8], &e))
		return false;
	journal_remember(j, &e);
	return true;
}

static bool
load_known(struct journal *j, char **field)
{
	struct journal_entry e = { .taken = false };
	uint32_t uidvalidity, uid;

	if (!field_folder(j, field[1], &e.folder) ||
	    !field_u32(field[2], &e.uidvalidity) ||
	    !field_u32(field[3], &e.uid) ||
	    !field_folder(j, field[4], &e.to_folder) ||
	    !field_u32(field[5], &e.to_uidvalidity) ||
	    !field_canon(field[6], &e) || !field_u32(field[7], &uidvalidity) ||
	    !field_u32(field[8], &uid))
		return false;
	journal_rename(j, &e, uidvalidity, uid);
	return true;
}

static bool
load_unproved(struct journal *j, char **field)
{
	struct journal_entry e = { .taken = false };

	if (!field_folder(j, field[1], &e.folder) ||
	    !field_u32(field[2], &e.uidvalidity) ||
	    !field_u32(field[3], &e.uid) ||
	    !field_folder(j, field[4], &e.to_folder) ||
	    !field_u32(field[5], &e.to_uidvalidity) ||
	    !field_u32(field[6], &e.to_uid) || !field_canon(field[7], &e))
		return false;
	e.gone = strcmp(field[8], "gone") == 0;
	e.altered = !e.gone;
	journal_withdraw(j, &e);
	return true;
}

static bool
load_archive(struct journal *j, char **field)
{
	struct buf words = BUF_INIT;

	buf_addf(&words, "%s\t%s", field[1], field[2]);
	strs_add(&j->archive, buf_str(&words));
	buf_release(&words);
	return true;
}

/* False: not one of a journal, or of one that is not ours. */
static bool
load_header(struct loading *l, const char *line, size_t number)
{
	static const char any[] = "#mailproof\t1\tjournal\t";

	if (strcmp(line, buf_str(&l->header)) == 0)
		l->ours = true;
	else if (strcmp(line, buf_str(&l->former)) == 0)
		l->formers = true;
	else /* of what archive does not matter if ours comes later */
		return number == 1 && strncmp(line, any, sizeof(any) - 1) == 0;
	return true;
}

static bool
load_line(struct loading *l, char *line, size_t number)
{
	char *field[FIELDS];
	size_t n;

	if (line[0] == '#')
		return load_header(l, line, number);
	n = text_fields(line, field, FIELDS);
	if (number == 1 || n == 0)
		return false;
	if (strcmp(field[0], "n") == 0)
		return true;
	if (strcmp(field[0], "a") == 0)
		return n == 3 && load_archive(l->journal, field);
	if (n != FIELDS)
		return false;
	if (strcmp(field[0], "d") == 0)
		return load_done(l->journal, field);
	if (strcmp(field[0], "u") == 0)
		return load_unproved(l->journal, field);
	return strcmp(field[0], "k") == 0 && load_known(l->journal, field);
}

/* All whole lines of text; *good_r is where the last of them ends. */
static enum rc
load(struct loading *l, struct buf *text, size_t *good_r, struct fault *f)
{
	char *at = buf_str(text), *end;
	size_t number = 0;

	*good_r = 0;
	if (memchr(at, '\n', text->len) == NULL)
		return RC_OK; /* it died before its first line stood */
	while ((end = strchr(at, '\n')) != NULL) {
		*end = '\0';
		number++;
		if (!load_line(l, at, number) && number > 1)
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "%s: line %zu is not a journal's: move it away, "
			    "the target decides then",
			    l->path, number);
		at = end + 1;
	}
	*good_r = (size_t)(at - (char *)text->data);
	if (l->ours || l->formers)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_CONFIG,
	    "%s: is the journal of another account or target, or none: name "
	    "another with --journal",
	    l->path);
}

static void
loading_init(struct loading *l, struct journal *j, const char *path,
    const struct journal_about *a)
{
	memset(l, 0, sizeof(*l));
	l->journal = j;
	l->path = path;
	buf_adds(&l->header, "#mailproof\t2\tjournal\t");
	text_percent(&l->header, a->account, strlen(a->account));
	buf_addc(&l->header, '\t');
	text_percent(&l->header, a->target, strlen(a->target));
	buf_addf(&l->former, "#mailproof\t1\tjournal\t%s\t", a->archive);
	text_percent(&l->former, a->target, strlen(a->target));
}

static void
loading_release(struct loading *l)
{
	buf_release(&l->header);
	buf_release(&l->former);
}

static enum rc
open_locked(struct journal *j, struct fault *f)
{
	enum rc rc = path_make_parents(j->path, f);

	if (rc != RC_OK)
		return rc;
	j->fd = open(j->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->fd == -1)
		return fault_errno(f, RC_STORE, CAUSE_CANTCREATE,
		    "cannot open the journal '%s'", j->path);
	if (flock(j->fd, LOCK_EX | LOCK_NB) == -1)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "%s: another mrestore is at work on this target", j->path);
	return RC_OK;
}

/* Cuts what a crash left half written and goes on behind it. */
static enum rc
continue_at(struct loading *l, size_t good, struct fault *f)
{
	struct journal *j = l->journal;

	if (ftruncate(j->fd, (off_t)good) == -1 ||
	    lseek(j->fd, (off_t)good, SEEK_SET) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "%s", j->path);
	if (l->ours)
		return RC_OK;
	/* Also behind the lines of a former one, which is ours now. */
	buf_addc(&l->header, '\n');
	return file_write(j->fd, j->path, l->header.data, l->header.len, f);
}

static enum rc
read_existing(struct journal *j, const struct journal_about *a, bool read_only,
    struct fault *f)
{
	struct buf text = BUF_INIT;
	struct loading l;
	size_t good = 0;
	enum rc rc = RC_OK;

	loading_init(&l, j, j->path, a);
	if (access(j->path, F_OK) == 0)
		rc = file_slurp(j->path, JOURNAL_MAX, &text, f);
	if (rc == RC_OK)
		rc = load(&l, &text, &good, f);
	if (rc == RC_OK && !read_only)
		rc = continue_at(&l, good, f);
	loading_release(&l);
	buf_release(&text);
	return rc;
}

enum rc
journal_open(const char *path, const struct journal_about *a, bool read_only,
    struct journal **r, struct fault *f)
{
	struct journal *j = xcalloc(1, sizeof(*j));
	enum rc rc = RC_OK;

	j->path = xstrdup(path);
	j->fd = -1;
	if (!read_only)
		rc = open_locked(j, f);
	if (rc == RC_OK)
		rc = read_existing(j, a, read_only, f);
	if (rc != RC_OK) {
		journal_free(j);
		return rc;
	}
	*r = j;
	return RC_OK;
}

/* Its lines behind ours, then it is not needed any more. */
static enum rc
take_over(struct journal *j, const char *path, struct buf *text, size_t good,
    struct fault *f)
{
	const char *end = memchr(text->data, '\n', good);
	size_t at = (size_t)(end - (const char *)text->data) + 1;
	enum rc rc;

	rc = file_write(j->fd, j->path, text->data + at, good - at, f);
	if (rc == RC_OK)
		rc = journal_sync(j, f);
	if (rc == RC_OK && unlink(path) == -1)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "%s", path);
	return rc;
}

enum rc
journal_adopt(struct journal *j, const char *path,
    const struct journal_about *a, struct fault *f)
{
	struct buf text = BUF_INIT, copy = BUF_INIT;
	struct loading l;
	size_t good = 0;
	enum rc rc;

	if (access(path, F_OK) != 0)
		return RC_OK;
	loading_init(&l, j, path, a);
	rc = file_slurp(path, JOURNAL_MAX, &text, f);
	if (rc == RC_OK) {
		buf_add(&copy, text.data, text.len);
		rc = load(&l, &copy, &good, f);
	}
	if (rc == RC_OK && good > 0 && j->fd != -1)
		rc = take_over(j, path, &text, good, f);
	loading_release(&l);
	buf_release(&text);
	buf_release(&copy);
	return rc;
}
