#include "stores/archive/writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/manifest.h"
#include "stores/archive/writing.h"
#include "util/clock.h"
#include "util/mem.h"

enum {
	REFUSED_BOUND = 1 << 20,
	MANY = 250000, /* messages */
};

static enum rc
write_header(struct archive_writer *w, const struct archive_about *a,
    struct fault *f)
{
	const int64_t now = clock_utc();
	struct buf key = BUF_INIT, text = BUF_INIT;
	struct pubkey pk;
	enum rc rc;

	w->stream.mtime = layout_clamp_time(now);
	seckey_public(w->stream.key, &pk);
	pubkey_id(&pk, &key);
	manifest_put_header(&text,
	    &(struct header_facts){ .about = a,
		.id = w->stream.id,
		.key_id = buf_str(&key),
		.created = now,
		.segment_size = w->segment_size });
	rc = stream_pair(&w->stream, "header", 0, &text, false, f);
	buf_release(&key);
	buf_release(&text);
	return rc;
}

enum rc
writer_start(struct archive_writer *w, bool many, struct fault *f)
{
	const bool alone = many || sysconf(_SC_NPROCESSORS_ONLN) < 2;
	const struct packer_plan plan = {
		.threads = w->threads > 0 ? w->threads :
		    alone                 ? 1 :
					    2,
		.segment_size = many && w->segment_size > SEGMENT_LEAN ?
		    SEGMENT_LEAN :
		    w->segment_size,
		.effort = w->effort,
		.write = stream_segment,
		.arg = &w->stream,
	};
	enum rc rc;

	rc = packer_new(&plan, &w->packer, f);
	if (rc == RC_OK)
		w->segment = packer_segment(w->packer);
	return rc;
}

struct archive_writer *
writer_make(const struct archive_about *a, const struct seckey *key,
    struct outfile *out)
{
	struct archive_writer *w;

	assert(a->segment_size <= SEGMENT_MAX);
	w = xcalloc(1, sizeof(*w));
	w->segment_size = a->segment_size > 0 ? a->segment_size : SEGMENT_SIZE;
	w->effort = a->best ? FRAME_BEST : FRAME_USUAL;
	w->threads = a->threads;
	w->number = 1;
	stream_init(&w->stream, out, key, w->effort);
	w->ledger = ledger_new();
	w->atoms = atoms_new();
	w->refused = spool_new(REFUSED_BOUND);
	return w;
}

enum rc
archive_writer_new(const struct archive_about *a, const struct seckey *key,
    struct outfile *out, struct archive_writer **r, struct fault *f)
{
	struct archive_writer *w = writer_make(a, key, out);
	enum rc rc;

	rc = write_header(w, a, f);
	if (rc == RC_OK)
		rc = writer_start(w, false, f);
	if (rc != RC_OK) {
		archive_writer_free(w);
		return rc;
	}
	*r = w;
	return RC_OK;
}

void
archive_writer_free(struct archive_writer *w)
{
	size_t i;

	if (w == NULL)
		return;
	packer_free(w->packer);
	for (i = 0; i < w->folders; i++) {
		folder_release(&w->folder[i].folder);
		strs_release(&w->folder[i].words);
		free(w->folder[i].dir);
	}
	free(w->folder);
	table_release(&w->dirs);
	earlier_free(w->earlier);
	spool_free(w->refused);
	atoms_free(w->atoms);
	ledger_free(w->ledger);
	stream_release(&w->stream);
	free(w);
}

static enum rc
settle(struct archive_writer *w, enum rc rc)
{
	if (rc == RC_STORE)
		w->dead = true;
	return rc;
}

/* After a failure, which may be one of the packer's, the stream has a hole:
 * nothing may follow. */
static enum rc
check_alive(struct archive_writer *w, struct fault *f)
{
	if (w->dead)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "the archive was written to after a failure");
	return settle(w, packer_check(w->packer, f));
}

struct dir_search {
	const struct archive_writer *w;
	const char *dir;
};

static bool
is_dir(const void *arg, uint32_t id)
{
	const struct dir_search *s = arg;

	return strcmp(s->w->folder[id].dir, s->dir) == 0;
}

/* Two names may give one directory: the second gets "~2" and so on. */
static char *
unique_dir(struct archive_writer *w, const char *name)
{
	char *plain, *dir;
	struct table_cursor c;
	struct dir_search s = { w, NULL };
	unsigned n;

	plain = layout_dir(name);
	dir = xstrdup(plain);
	for (n = 2;; n++) {
		s.dir = dir;
		if (table_first(&w->dirs, XXH3_64bits(dir, strlen(dir)), is_dir,
			&s, &c) == TABLE_NONE)
			break;
		free(dir);
		/* INBOX has no name of its own to put the number behind. */
		dir = xasprintf("%s%s~%u", plain,
		    strchr(plain, '/') == NULL ? "/.INBOX" : "", n);
	}
	free(plain);
	return dir;
}

struct written_folder *
writer_keep_folder(struct archive_writer *w, const struct folder *folder,
    uint32_t uidvalidity, char *dir)
{
	struct written_folder *p;

	w->folder =
	    xgrow(w->folder, w->folders, &w->folder_cap, sizeof(*w->folder));
	p = &w->folder[w->folders];
	memset(p, 0, sizeof(*p));
	folder_copy(&p->folder, folder);
	p->uidvalidity = uidvalidity;
	p->dir = dir;
	table_add(&w->dirs, XXH3_64bits(dir, strlen(dir)),
	    (uint32_t)w->folders++);
	return p;
}

enum rc
archive_writer_folder(struct archive_writer *w, const struct folder *folder,
    uint32_t uidvalidity, uint32_t *number_r, struct fault *f)
{
	struct written_folder *p;
	enum rc rc;

	rc = check_alive(w, f);
	if (rc != RC_OK)
		return rc;
	if (w->folders >= FOLDERS_MAX)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "an archive cannot hold more than %d folders", FOLDERS_MAX);
	if (segment_is_full(w->segment, 0)) {
		rc = settle(w, writer_close(w, f));
		if (rc != RC_OK)
			return rc;
	}
	p = writer_keep_folder(w, folder, uidvalidity,
	    unique_dir(w, folder->name));
	*number_r = (uint32_t)w->folders - 1;
	segment_add_folder(w->segment, *number_r, folder, uidvalidity, p->dir);
	return RC_OK;
}

enum rc
writer_close(struct archive_writer *w, struct fault *f)
{
	enum rc rc;

	if (segment_is_empty(w->segment))
		return RC_OK;
	rc = packer_give(w->packer, f);
	w->segment = packer_segment(w->packer);
	w->number++;
	return rc;
}

enum rc
archive_writer_flush(struct archive_writer *w, struct fault *f)
{
	enum rc rc;

	rc = check_alive(w, f);
	if (rc == RC_OK)
		rc = writer_close(w, f);
	if (rc == RC_OK)
		rc = packer_drain(w->packer, f);
	return settle(w, rc);
}

enum rc
archive_writer_expect(struct archive_writer *w, uint64_t messages,
    struct fault *f)
{
	const uint64_t before = w->expected;
	struct packer *old = w->packer;
	enum rc rc;

	w->expected += messages;
	if (before >= MANY || w->expected < MANY)
		return RC_OK;
	rc = archive_writer_flush(w, f);
	if (rc == RC_OK)
		rc = settle(w, writer_start(w, true, f));
	if (rc == RC_OK)
		packer_free(old);
	return rc;
}

bool
writer_path(struct archive_writer *w, const struct record *r, struct buf *b)
{
	struct written_folder *p = &w->folder[r->folder];

	layout_path(b, p->dir, p->uidvalidity, r);
	return layout_letters(b, r, &p->words);
}

static enum rc
put_message(struct archive_writer *w, const struct segment_message *m,
    struct fault *f)
{
	const uint64_t size = m->target == NULL ? m->record->size : 0;
	enum rc rc = RC_OK;

	if (segment_is_full(w->segment, size))
		rc = writer_close(w, f);
	m->record->segment = w->number;
	return rc == RC_OK ? segment_add(w->segment, m, f) : rc;
}

static struct record
make_record(struct archive_writer *w, const struct msg *m,
    const struct digest *d)
{
	struct record r = {
		.hash = d->hash,
		.epoch = m->date.known ? m->date.epoch : 0,
		.size = d->file_size,
		.wire = d->wire_size,
		.virtual_size = d->virtual_size,
		.keywords =
		    atoms_get(w->atoms, m->keywords, strlen(m->keywords)),
		.folder = m->folder,
		.uid = m->uid,
		.zone = m->date.known ? m->date.zone : 0,
		.flags = (unsigned char)(m->flags & FLAG_ALL),
	};

	if (m->date.known)
		r.bits |= RECORD_DATED;
	if (d->eol == EOL_RAW)
		r.bits |= RECORD_RAW;
	return r;
}

/* Stores or links; the record is complete then. */
static enum rc
store(struct archive_writer *w, struct record *r, const struct fingerprint *fp,
    const struct body *body, struct fault *f)
{
	struct buf path = BUF_INIT, target = BUF_INIT;
	struct segment_message m = { .record = r, .fingerprint = fp };
	struct record twin;
	enum rc rc;

	rc = ledger_find(w->ledger, record_key(r), record_is_same, r, &twin, f);
	if (rc == RC_OK) {
		r->bits |= RECORD_LINK;
		(void)writer_path(w, &twin, &target);
		m.target = buf_str(&target);
	} else if (rc == RC_END) {
		rc = RC_OK;
		m.body = body;
	}
	if (rc == RC_OK) {
		if (!writer_path(w, r, &path))
			w->totals.unlettered++;
		m.path = buf_str(&path);
		rc = put_message(w, &m, f);
	}
	buf_release(&path);
	buf_release(&target);
	return rc;
}

enum rc
writer_keep(struct archive_writer *w, const struct record *r, struct fault *f)
{
	const bool link = (r->bits & RECORD_LINK) != 0;
	const uint64_t key = record_key(r);
	enum rc rc;

	/* Links are not found again: their target is. */
	rc = ledger_add(w->ledger, r, link ? NULL : &key, f);
	if (rc != RC_OK)
		return rc;
	w->totals.messages++;
	w->totals.octets += r->wire;
	w->totals.links += link;
	w->folder[r->folder].claim.stored++;
	return RC_OK;
}

enum rc
archive_writer_add(struct archive_writer *w, const struct msg *m,
    const struct fingerprint *fp, const struct body *body, struct fault *f)
{
	struct record r = make_record(w, m, &body->digest);
	enum rc rc;

	assert(m->folder < w->folders);
	rc = check_alive(w, f);
	if (rc != RC_OK)
		return rc;
	if (r.size > MEMBER_MAX)
		return fault_set(f, RC_MESSAGE, CAUSE_REFUSED,
		    "%llu octets: too large for an archive",
		    (unsigned long long)r.size);
	rc = store(w, &r, fp, body, f);
	if (rc == RC_OK)
		rc = writer_keep(w, &r, f);
	return settle(w, rc);
}
