#include "journal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journalpriv.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

struct key {
	const struct journal *journal;
	const struct journal_entry *want;
	bool by_content; /* whatever the UID */
};

struct source {
	const struct journal *journal;
	uint32_t folder;
	uint32_t uidvalidity;
	uint32_t uid;
};

static bool
is_source(const void *arg, uint32_t id)
{
	const struct source *k = arg;
	const struct journal_entry *e = &k->journal->v[id];

	return !e->gone && e->uid == k->uid &&
	    e->uidvalidity == k->uidvalidity && e->folder == k->folder;
}

/* The same octets, of the same folder, at the same place. */
static bool
is_alike(const struct journal_entry *a, const struct journal_entry *b)
{
	return a->folder == b->folder && a->to_folder == b->to_folder &&
	    a->to_uidvalidity == b->to_uidvalidity &&
	    memcmp(a->canon, b->canon, sizeof(a->canon)) == 0;
}

static bool
is_wanted(const void *arg, uint32_t id)
{
	const struct key *k = arg;
	const struct journal_entry *e = &k->journal->v[id], *want = k->want;

	return !e->taken && !e->gone && is_alike(e, want) &&
	    (k->by_content ||
		(e->uid == want->uid && e->uidvalidity == want->uidvalidity));
}

static uint64_t
source_hash(uint32_t folder, uint32_t uidvalidity, uint32_t uid)
{
	uint64_t h =
	    ((uint64_t)folder << 32 | uid) ^ (uint64_t)uidvalidity << 16;

	return h * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t
content_hash(const struct journal_entry *e)
{
	uint64_t h;

	memcpy(&h, e->canon, sizeof(h));
	return h ^ e->folder * UINT64_C(0x9e3779b97f4a7c15);
}

static struct journal_entry *
find(const struct journal *j, const struct journal_entry *want, bool by_content)
{
	const struct key k = { j, want, by_content };
	const uint64_t hash = by_content ?
	    content_hash(want) :
	    source_hash(want->folder, want->uidvalidity, want->uid);
	struct table_cursor c;
	uint32_t id;

	id = table_first(by_content ? &j->by_content : &j->by_source, hash,
	    is_wanted, &k, &c);
	return id == TABLE_NONE ? NULL : &j->v[id];
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

uint32_t
journal_intern(struct journal *j, const char *name)
{
	uint32_t i;

	if (find_folder(j, name, &i))
		return i;
	strs_add(&j->folder, name);
	return (uint32_t)(j->folder.n - 1);
}

static void
add_source(struct journal *j, uint32_t id)
{
	const struct journal_entry *e = &j->v[id];

	table_add(&j->by_source, source_hash(e->folder, e->uidvalidity, e->uid),
	    id);
}

void
journal_remember(struct journal *j, const struct journal_entry *e)
{
	struct journal_entry *old = find(j, e, false);

	if (old != NULL) {
		*old = *e;
		return;
	}
	j->v = xgrow(j->v, j->n, &j->cap, sizeof(*j->v));
	j->v[j->n] = *e;
	add_source(j, (uint32_t)j->n);
	table_add(&j->by_content, content_hash(e), (uint32_t)j->n);
	j->n++;
}

void
journal_withdraw(struct journal *j, const struct journal_entry *e)
{
	struct journal_entry *old = find(j, e, false);

	if (old == NULL)
		return;
	old->gone = e->gone;
	old->altered = e->altered;
}

void
journal_rename(struct journal *j, const struct journal_entry *e,
    uint32_t uidvalidity, uint32_t uid)
{
	struct journal_entry *old = find(j, e, false);

	if (old == NULL)
		return;
	old->uidvalidity = uidvalidity;
	old->uid = uid;
	add_source(j, (uint32_t)(old - j->v));
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
	strs_release(&j->archive);
	table_release(&j->by_source);
	table_release(&j->by_content);
	buf_release(&j->line);
	free(j);
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
	struct source k = { j, 0, uidvalidity, uid };
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

bool
journal_has(const struct journal *j, const char *folder, uint32_t uidvalidity,
    uint32_t uid)
{
	struct source k = { j, 0, uidvalidity, uid };
	struct table_cursor c;

	return find_folder(j, folder, &k.folder) &&
	    table_first(&j->by_source, source_hash(k.folder, uidvalidity, uid),
		is_source, &k, &c) != TABLE_NONE;
}

static void
archive_words(struct buf *b, const char *id, const struct hash *final)
{
	buf_adds(b, id);
	buf_addc(b, '\t');
	hash_hex(b, final);
}

bool
journal_has_archive(const struct journal *j, const char *id,
    const struct hash *final)
{
	struct buf words = BUF_INIT;
	bool has;

	archive_words(&words, id, final);
	has = strs_has(&j->archive, buf_str(&words));
	buf_release(&words);
	return has;
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

/* The message of e has another UID at the source now. */
static enum rc
known_by(struct journal *j, const struct journal_line *l,
    const struct journal_entry *e, struct fault *f)
{
	begin_line(j, 'k', l->folder, e->uidvalidity, e->uid);
	text_percent(&j->line, l->to_folder, strlen(l->to_folder));
	buf_addf(&j->line, "\t%" PRIu32 "\t", l->to_uidvalidity);
	text_hex(&j->line, l->canon, 16);
	buf_addf(&j->line, "\t%" PRIu32 "\t%" PRIu32, l->uidvalidity, l->uid);
	return end_line(j, f);
}

/* What a line says, as an entry; false: of a folder that no entry has. */
static bool
want_of(const struct journal *j, const struct journal_line *l,
    struct journal_entry *r)
{
	memset(r, 0, sizeof(*r));
	r->uidvalidity = l->uidvalidity;
	r->uid = l->uid;
	r->to_uidvalidity = l->to_uidvalidity;
	memcpy(r->canon, l->canon, sizeof(r->canon));
	return find_folder(j, l->folder, &r->folder) &&
	    find_folder(j, l->to_folder, &r->to_folder);
}

enum rc
journal_take(struct journal *j, const struct journal_line *l,
    const struct journal_entry **r, struct fault *f)
{
	struct journal_entry want, *e;
	enum rc rc = RC_OK;

	*r = NULL;
	if (!want_of(j, l, &want))
		return RC_OK;
	e = find(j, &want, false);
	if (e == NULL) {
		e = find(j, &want, true);
		if (e != NULL)
			rc = known_by(j, l, e, f);
	}
	if (e == NULL || rc != RC_OK)
		return rc;
	e->taken = true;
	*r = e;
	return RC_OK;
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
journal_unproved(struct journal *j, const struct journal_line *l, bool gone,
    struct fault *f)
{
	begin_line(j, 'u', l->folder, l->uidvalidity, l->uid);
	text_percent(&j->line, l->to_folder, strlen(l->to_folder));
	buf_addf(&j->line, "\t%" PRIu32 "\t%" PRIu32 "\t", l->to_uidvalidity,
	    l->to_uid);
	text_hex(&j->line, l->canon, 16);
	buf_adds(&j->line, gone ? "\tgone" : "\taltered");
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
journal_archive(struct journal *j, const char *id, const struct hash *final,
    struct fault *f)
{
	if (journal_has_archive(j, id, final))
		return RC_OK;
	buf_clear(&j->line);
	buf_adds(&j->line, "a\t");
	archive_words(&j->line, id, final);
	return end_line(j, f);
}

enum rc
journal_sync(struct journal *j, struct fault *f)
{
	if (j->fd != -1 && fsync(j->fd) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "%s", j->path);
	return RC_OK;
}
