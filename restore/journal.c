#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "journal.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/path.h"
#include "util/strs.h"
#include "util/table.h"
#include "util/text.h"

enum {
	JOURNAL_MAX = 1 << 30, /* octets that we are ready to read */
	FIELDS = 9,
};

struct journal {
	char *path;
	int fd; /* -1: nothing is written */
	struct journal_entry *v;
	size_t n;
	size_t cap;
	struct strs folder;
	struct table by_source;
	struct buf line;
};

struct key {
	const struct journal *journal;
	uint32_t folder;
	uint32_t uidvalidity;
	uint32_t uid;
};

static bool
is_source(const void *arg, uint32_t id)
{
	const struct key *k = arg;
	const struct journal_entry *e = &k->journal->v[id];

	return e->uid == k->uid && e->uidvalidity == k->uidvalidity &&
	    e->folder == k->folder;
}

static uint64_t
source_hash(uint32_t folder, uint32_t uidvalidity, uint32_t uid)
{
	uint64_t h =
	    ((uint64_t)folder << 32 | uid) ^ (uint64_t)uidvalidity << 16;

	return h * UINT64_C(0x9e3779b97f4a7c15);
}

/* A run has few folders and many messages in a row of each: the last one
 * is tried first. */
static bool
find_folder(const struct journal *j, const char *name, uint32_t *r)
{
	size_t i;

	for (i = j->folder.n; i-- > 0;)
		if (strcmp(j->folder.v[i], name) == 0) {
			*r = (uint32_t)i;
			return true;
		}
	return false;
}

static uint32_t
intern_folder(struct journal *j, const char *name)
{
	uint32_t i;

	if (find_folder(j, name, &i))
		return i;
	strs_add(&j->folder, name);
	return (uint32_t)(j->folder.n - 1);
}

static void
remember(struct journal *j, const struct journal_entry *e)
{
	j->v = xgrow(j->v, j->n, &j->cap, sizeof(*j->v));
	j->v[j->n] = *e;
	table_add(&j->by_source, source_hash(e->folder, e->uidvalidity, e->uid),
	    (uint32_t)j->n);
	j->n++;
}

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
		*r = intern_folder(j, buf_str(&name));
	buf_release(&name);
	return ok;
}

static bool
parse_done(struct journal *j, char **field, struct journal_entry *e)
{
	return field_folder(j, field[1], &e->folder) &&
	    field_u32(field[2], &e->uidvalidity) &&
	    field_u32(field[3], &e->uid) &&
	    field_folder(j, field[4], &e->to_folder) &&
	    field_u32(field[5], &e->to_uidvalidity) &&
	    field_u32(field[6], &e->to_uid) &&
	    text_unhex(field[7], strlen(field[7]), e->fp.b, sizeof(e->fp.b)) &&
	    text_unhex(field[8], strlen(field[8]), e->canon, sizeof(e->canon));
}

static enum rc
load_line(struct journal *j, char *line, size_t number, struct fault *f)
{
	struct journal_entry e = { .doubted = false };
	char *field[FIELDS];
	size_t n = text_fields(line, field, FIELDS);

	if (n >= 1 && strcmp(field[0], "n") == 0)
		return RC_OK;
	if (n == FIELDS && strcmp(field[0], "d") == 0 &&
	    parse_done(j, field, &e)) {
		remember(j, &e);
		return RC_OK;
	}
	return fault_set(f, RC_STORE, CAUSE_CONFIG,
	    "%s: line %zu is not a "
	    "journal's: move it away, the target decides then",
	    j->path, number);
}

static void
header_line(struct buf *b, const char *archive_id, const char *target)
{
	buf_addf(b, "#mailproof\t1\tjournal\t%s\t", archive_id);
	text_percent(b, target, strlen(target));
	buf_addc(b, '\n');
}

/* All whole lines of text; *good_r is where the last of them ends. */
static enum rc
load(struct journal *j, struct buf *text, const struct buf *header,
    size_t *good_r, struct fault *f)
{
	char *at = buf_str(text), *end;
	size_t number = 1;
	enum rc rc;

	*good_r = 0;
	if (memchr(at, '\n', text->len) == NULL)
		return RC_OK; /* it died before its first line stood */
	if (text->len < header->len ||
	    memcmp(at, header->data, header->len) != 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s: is the journal of another archive or target, or "
		    "none: name another with --journal",
		    j->path);
	at += header->len;
	while ((end = strchr(at, '\n')) != NULL) {
		*end = '\0';
		rc = load_line(j, at, ++number, f);
		if (rc != RC_OK)
			return rc;
		at = end + 1;
	}
	*good_r = (size_t)(at - (char *)text->data);
	return RC_OK;
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
continue_at(struct journal *j, size_t good, const struct buf *header,
    struct fault *f)
{
	if (ftruncate(j->fd, (off_t)good) == -1 ||
	    lseek(j->fd, (off_t)good, SEEK_SET) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "%s", j->path);
	if (good > 0)
		return RC_OK;
	return file_write(j->fd, j->path, header->data, header->len, f);
}

static enum rc
read_existing(struct journal *j, const struct buf *header, bool read_only,
    struct fault *f)
{
	struct buf text = BUF_INIT;
	size_t good = 0;
	enum rc rc = RC_OK;

	if (access(j->path, F_OK) == 0)
		rc = file_slurp(j->path, JOURNAL_MAX, &text, f);
	if (rc == RC_OK)
		rc = load(j, &text, header, &good, f);
	if (rc == RC_OK && !read_only)
		rc = continue_at(j, good, header, f);
	buf_release(&text);
	return rc;
}

enum rc
journal_open(const char *path, const char *archive_id, const char *target,
    bool read_only, struct journal **r, struct fault *f)
{
	struct journal *j = xcalloc(1, sizeof(*j));
	struct buf header = BUF_INIT;
	enum rc rc = RC_OK;

	j->path = xstrdup(path);
	j->fd = -1;
	header_line(&header, archive_id, target);
	if (!read_only)
		rc = open_locked(j, f);
	if (rc == RC_OK)
		rc = read_existing(j, &header, read_only, f);
	buf_release(&header);
	if (rc != RC_OK) {
		journal_free(j);
		return rc;
	}
	*r = j;
	return RC_OK;
}

void
journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	if (j->fd != -1)
		(void)close(j->fd);
	free(j->path);
	free(j->v);
	strs_release(&j->folder);
	table_release(&j->by_source);
	buf_release(&j->line);
	free(j);
}

const struct journal_entry *
journal_find(const struct journal *j, const char *folder, uint32_t uidvalidity,
    uint32_t uid)
{
	struct key k = { j, 0, uidvalidity, uid };
	struct table_cursor c;
	uint32_t id;

	if (!find_folder(j, folder, &k.folder))
		return NULL;
	id = table_first(&j->by_source, source_hash(k.folder, uidvalidity, uid),
	    is_source, &k, &c);
	return id == TABLE_NONE ? NULL : &j->v[id];
}

void
journal_doubt(struct journal *j, const char *folder, uint32_t uidvalidity,
    uint32_t below)
{
	struct journal_entry *e;
	uint32_t f = 0;
	size_t i;

	if (folder != NULL && !find_folder(j, folder, &f))
		return;
	for (i = 0; i < j->n; i++) {
		e = &j->v[i];
		if (folder == NULL ||
		    (e->folder == f && e->uidvalidity == uidvalidity &&
			e->uid < below))
			e->doubted = true;
	}
}

void
journal_vouch(struct journal *j, const char *folder, uint32_t uidvalidity,
    uint32_t uid)
{
	struct key k = { j, 0, uidvalidity, uid };
	struct table_cursor c;
	uint32_t id;

	if (!find_folder(j, folder, &k.folder))
		return;
	id = table_first(&j->by_source, source_hash(k.folder, uidvalidity, uid),
	    is_source, &k, &c);
	for (; id != TABLE_NONE;
	     id = table_next(&j->by_source, is_source, &k, &c))
		j->v[id].doubted = false;
}

size_t
journal_count(const struct journal *j)
{
	return j->n;
}

const struct journal_entry *
journal_at(const struct journal *j, size_t i)
{
	return &j->v[i];
}

const char *
journal_folder(const struct journal *j, uint32_t index)
{
	return j->folder.v[index];
}

static void
begin_line(struct journal *j, char type, const char *folder,
    uint32_t uidvalidity, uint32_t uid)
{
	buf_clear(&j->line);
	buf_addc(&j->line, type);
	buf_addc(&j->line, '\t');
	text_percent(&j->line, folder, strlen(folder));
	buf_addf(&j->line, "\t%" PRIu32 "\t%" PRIu32 "\t", uidvalidity, uid);
}

/* One write a line: after kill -9 the file ends at a line's border. */
static enum rc
end_line(struct journal *j, struct fault *f)
{
	buf_addc(&j->line, '\n');
	if (j->fd == -1)
		return RC_OK;
	return file_write(j->fd, j->path, j->line.data, j->line.len, f);
}

enum rc
journal_done(struct journal *j, const struct journal_line *l, struct fault *f)
{
	begin_line(j, 'd', l->folder, l->uidvalidity, l->uid);
	text_percent(&j->line, l->to_folder, strlen(l->to_folder));
	buf_addf(&j->line, "\t%" PRIu32 "\t%" PRIu32 "\t", l->to_uidvalidity,
	    l->to_uid);
	text_hex(&j->line, l->fp->b, sizeof(l->fp->b));
	buf_addc(&j->line, '\t');
	text_hex(&j->line, l->canon, 16);
	return end_line(j, f);
}

enum rc
journal_repair(struct journal *j, const struct journal_line *l,
    const char *what, struct fault *f)
{
	begin_line(j, 'n', l->folder, l->uidvalidity, l->uid);
	text_percent(&j->line, what, strlen(what));
	return end_line(j, f);
}

enum rc
journal_sync(struct journal *j, struct fault *f)
{
	if (j->fd != -1 && fsync(j->fd) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "%s", j->path);
	return RC_OK;
}
