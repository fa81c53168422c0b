/*
 * A manifest's lines about messages: what each says by itself, and what they
 * say of each other.  It is all that is looked at where D is passed over.
 */
#include <string.h>

#include "stores/archive/format.h"
#include "stores/archive/layout.h"
#include "stores/archive/reading.h"
#include "util/mem.h"

struct record
line_record(const struct archive_entry *e)
{
	struct record r = {
		.hash = e->hash,
		.epoch = e->msg.date.epoch,
		.size = e->file_size,
		.wire = e->msg.size,
		.offset = e->offset,
		.keywords = e->msg.keywords,
		.folder = e->msg.folder,
		.uid = e->msg.uid,
		.zone = e->msg.date.zone,
		.flags = (unsigned char)e->msg.flags,
	};

	if (e->msg.date.known)
		r.bits |= RECORD_DATED;
	if (e->eol == EOL_RAW)
		r.bits |= RECORD_RAW;
	if (e->link)
		r.bits |= RECORD_LINK;
	return r;
}

const char *
line_fault(const struct archive_reader *r, const struct archive_entry *e,
    const struct record *rec, size_t *letters_r)
{
	if (rec->folder >= r->folders)
		return "is of a folder that was not announced";
	if (!layout_path_fits(e->path, r->more[rec->folder].dir,
		r->folder[rec->folder].uidvalidity, rec, letters_r))
		return "has a name that does not fit its line";
	if (rec->size > r->header.limits.member)
		return "is larger than the header allows";
	if (e->reference.generation >= r->header.about.generation)
		return "refers to a generation that does not come before";
	return NULL;
}

/* The keywords that got no letter in the path. */
static bool
is_unlettered(const char *keywords, size_t letters)
{
	size_t words = keywords[0] != '\0';

	for (; *keywords != '\0'; keywords++)
		words += *keywords == ' ';
	return words != letters;
}

void
line_count(struct archive_reader *r, const struct record *rec, size_t letters)
{
	r->more[rec->folder].stored++;
	r->totals.messages++;
	r->totals.octets += rec->wire;
	r->totals.links += (rec->bits & RECORD_LINK) != 0;
	r->totals.unlettered += is_unlettered(rec->keywords, letters);
}

/* What makes a message one that a link may lead to. */
static uint64_t
twin_key(const struct record *r)
{
	uint64_t key;

	memcpy(&key, r->hash.b, sizeof(key));
	return key ^ (uint64_t)r->epoch << 8 ^
	    (r->bits & (RECORD_DATED | RECORD_RAW));
}

static bool
is_twin(const void *want, const struct record *have)
{
	const unsigned bits = RECORD_DATED | RECORD_RAW;
	const struct record *r = want;

	return hash_equal(&have->hash, &r->hash) && have->epoch == r->epoch &&
	    have->size == r->size && have->wire == r->wire &&
	    (have->bits & bits) == (r->bits & bits);
}

/* Remembers a stored message; of equal ones, the first is enough. */
static enum rc
remember(struct archive_reader *r, const struct record *rec, struct fault *f)
{
	const uint64_t key = twin_key(rec);
	struct record twin;
	enum rc rc;

	rc = ledger_find(r->ledger, key, is_twin, rec, &twin, f);
	if (rc == RC_OK)
		return ledger_add(r->ledger, rec, NULL, f);
	return rc == RC_END ? ledger_add(r->ledger, rec, &key, f) : rc;
}

/* NULL, or why there can be no such member; its place is told to whoever
 * looks for it. */
static const char *
offset_fault(const struct archive_reader *r, const struct archive_entry *e)
{
	if (e->offset % TAR_BLOCK != 0 || e->offset >= r->segment.frame.size)
		return "lies where no member can be";
	return NULL;
}

/* Line i is a link; what it leads to was stored before. */
static enum rc
take_link(struct archive_reader *r, uint32_t i, const struct record *rec,
    struct fault *f)
{
	struct record twin;
	enum rc rc;

	rc = ledger_find(r->ledger, twin_key(rec), is_twin, rec, &twin, f);
	if (rc == RC_END)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "member '%s' is a link to nothing",
		    r->segment.entry[i].path);
	if (rc != RC_OK)
		return rc;
	r->place[i] =
	    (struct archive_place){ twin.segment, (uint32_t)twin.data };
	return ledger_add(r->ledger, rec, NULL, f);
}

static enum rc
take_line(struct archive_reader *r, uint32_t i, struct fault *f)
{
	const struct archive_entry *e = &r->segment.entry[i];
	struct record rec = line_record(e);
	const char *why;
	size_t letters;
	enum rc rc;

	why = line_fault(r, e, &rec, &letters);
	if (why == NULL)
		why = offset_fault(r, e);
	if (why != NULL)
		return fault_set(f, RC_STORE, CAUSE_DATA, "member '%s' %s",
		    e->path, why);
	rec.segment = r->segment.number;
	rec.data = i;
	r->place[i] = (struct archive_place){ rec.segment, i };
	if (!e->link)
		rc = remember(r, &rec, f);
	else if (e->reference.generation > 0)
		rc = ledger_add(r->ledger, &rec, NULL, f);
	else
		rc = take_link(r, i, &rec, f);
	if (rc == RC_OK)
		line_count(r, &rec, letters);
	return rc;
}

enum rc
lines_take(struct archive_reader *r, struct fault *f)
{
	const size_t n = r->segment.entries;
	enum rc rc = RC_OK;
	uint32_t i;

	if (n > r->place_cap) {
		r->place = xreallocarray(r->place, n, sizeof(*r->place));
		r->place_cap = n;
	}
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = take_line(r, i, f);
	return rc;
}
