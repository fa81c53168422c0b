/* Messages into the open segment: stored, linked or referred to. */
#include <assert.h>
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/lineage.h"
#include "stores/archive/writing.h"

enum { RAMP = 10 }; /* segments that double at most */

bool
writer_path(struct archive_writer *w, const struct record *r, struct buf *b)
{
	struct written_folder *p = &w->folder[r->folder];

	layout_path(b, p->dir, p->uidvalidity, r);
	return layout_letters(b, r, &p->words);
}

/*
 * Half of what is to come goes into the next segment, and little into the
 * first ones: then those that pack neither wait long for the first, nor have
 * much left to do when the last message is there.
 */
static bool
is_enough(const struct archive_writer *w, uint64_t octets)
{
	const uint64_t ramp = w->number < RAMP ? w->number - 1 : RAMP;
	uint64_t most = (uint64_t)SEGMENT_LEAST << ramp;

	if (w->coming == 0 || segment_size(w->segment) == 0)
		return false;
	if (most > w->coming / 2)
		most = w->coming / 2;
	if (most < SEGMENT_LEAST)
		most = SEGMENT_LEAST;
	return segment_size(w->segment) + octets > most;
}

static enum rc
put_message(struct archive_writer *w, const struct segment_message *m,
    struct fault *f)
{
	const uint64_t size = m->target == NULL ? m->record->size : 0;
	enum rc rc = RC_OK;

	if (segment_is_full(w->segment, size) || is_enough(w, size))
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

/* A message that is to be written. */
struct writing {
	struct segment_message m;
	struct record record;
	struct fingerprint fingerprint;
	struct buf path;
	struct buf target;
	bool lettered;
};

static void
begin(struct archive_writer *w, struct writing *p)
{
	p->m.record = &p->record;
	p->m.fingerprint = &p->fingerprint;
	p->lettered = writer_path(w, &p->record, &p->path);
	p->m.path = buf_str(&p->path);
}

static void
release(struct writing *p)
{
	buf_release(&p->path);
	buf_release(&p->target);
}

/*
 * Makes it a link to what an ancestor has.  RC_END: that has the same path,
 * and no file can be a link to itself.
 */
static enum rc
refer(struct archive_writer *w, struct writing *p,
    const struct lineage_message *octets, struct fault *f)
{
	const struct lineage_place *from = &octets->place;
	enum rc rc;

	rc = lineage_path(w->parent, from, &p->target, f);
	if (rc != RC_OK)
		return rc;
	if (strcmp(buf_str(&p->target), p->m.path) == 0)
		return RC_END;
	p->record.bits |= RECORD_LINK;
	p->m.target = buf_str(&p->target);
	p->m.from = (struct archive_reference){ from->generation, from->segment,
		from->line };
	return RC_OK;
}

/* Looks for the octets here, then in the ancestors; RC_END: nowhere. */
static enum rc
find_octets(struct archive_writer *w, struct writing *p, struct fault *f)
{
	const struct record *r = &p->record;
	const struct mdate date = { r->epoch, r->zone,
		(r->bits & RECORD_DATED) != 0 };
	struct lineage_message octets;
	struct record twin;
	enum rc rc;

	rc = ledger_find(w->ledger, record_key(r), record_is_same, r, &twin, f);
	if (rc == RC_OK) {
		p->record.bits |= RECORD_LINK;
		(void)writer_path(w, &twin, &p->target);
		p->m.target = buf_str(&p->target);
	}
	if (rc != RC_END || w->parent == NULL)
		return rc;
	rc = lineage_find(w->parent, &r->hash,
	    (r->bits & RECORD_RAW) != 0 ? EOL_RAW : EOL_CRLF, &date, &octets,
	    f);
	return rc == RC_OK ? refer(w, p, &octets, f) : rc;
}

enum rc
archive_writer_has(struct archive_writer *w, const struct body *body,
    const struct mdate *date, struct fault *f)
{
	const struct msg m = { .date = *date, .keywords = "" };
	const struct record want = make_record(w, &m, &body->digest);
	struct lineage_message octets;
	struct record twin;
	enum rc rc;

	rc = ledger_find(w->ledger, record_key(&want), record_is_same, &want,
	    &twin, f);
	if (rc != RC_END || w->parent == NULL)
		return rc;
	return lineage_find(w->parent, &want.hash, body->digest.eol, date,
	    &octets, f);
}

enum rc
writer_keep(struct archive_writer *w, const struct record *r, bool lettered,
    struct fault *f)
{
	const uint64_t key = record_key(r);
	const bool link = (r->bits & RECORD_LINK) != 0;
	enum rc rc;

	/* Links are not found again: their target is. */
	rc = ledger_add(w->ledger, r, link ? NULL : &key, f);
	if (rc != RC_OK)
		return rc;
	w->totals.messages++;
	w->totals.octets += r->wire;
	w->totals.links += link;
	w->totals.unlettered += !lettered;
	w->folder[r->folder].claim.stored++;
	return RC_OK;
}

static enum rc
put(struct archive_writer *w, struct writing *p, struct fault *f)
{
	enum rc rc;

	rc = put_message(w, &p->m, f);
	return rc == RC_OK ? writer_keep(w, &p->record, p->lettered, f) : rc;
}

enum rc
archive_writer_add(struct archive_writer *w, const struct msg *m,
    const struct fingerprint *fp, const struct body *body, struct fault *f)
{
	struct writing p = { .record = make_record(w, m, &body->digest),
		.fingerprint = *fp };
	const uint64_t wire = p.record.wire;
	enum rc rc;

	assert(m->folder < w->folders);
	rc = writer_check(w, f);
	if (rc != RC_OK)
		return rc;
	if (p.record.size > MEMBER_MAX)
		return fault_set(f, RC_MESSAGE, CAUSE_REFUSED,
		    "%llu octets: too large for an archive",
		    (unsigned long long)p.record.size);
	begin(w, &p);
	rc = find_octets(w, &p, f);
	if (rc == RC_END) {
		rc = RC_OK;
		p.m.body = body;
	}
	if (rc == RC_OK)
		rc = put(w, &p, f);
	w->coming -= wire < w->coming ? wire : w->coming;
	release(&p);
	return writer_settle(w, rc);
}

enum rc
archive_writer_reference(struct archive_writer *w, const struct msg *m,
    const struct lineage_message *octets, struct fault *f)
{
	const struct digest d = { .hash = octets->hash,
		.eol = octets->eol,
		.file_size = octets->file_size,
		.wire_size = octets->msg.size,
		.virtual_size = octets->virtual_size };
	struct writing p = { .record = make_record(w, m, &d),
		.fingerprint = octets->fingerprint };
	enum rc rc;

	assert(w->parent != NULL && m->folder < w->folders);
	rc = writer_check(w, f);
	if (rc != RC_OK)
		return rc;
	begin(w, &p);
	rc = refer(w, &p, octets, f);
	if (rc == RC_END)
		rc = fault_set(f, RC_STORE, CAUSE_BUG,
		    "UID %u of '%s' was referred to itself", m->uid,
		    w->folder[m->folder].folder.name);
	if (rc == RC_OK)
		rc = put(w, &p, f);
	release(&p);
	return writer_settle(w, rc);
}
