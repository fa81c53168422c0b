#include "stores/archive/manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stores/archive/column.h"
#include "stores/archive/manifest_delta.h"
#include "stores/archive/parser.h"
#include "util/mem.h"

enum { ID_DIGITS = 32 };

void
manifest_put_past(struct buf *b, uint32_t number, const struct frame *frame,
    const struct hash *manifest)
{
	buf_addf(b, "segment\t%u\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t",
	    number, frame->offset, frame->compressed, frame->size);
	hash_hex(b, manifest);
	buf_addc(b, '\n');
}

void
manifest_put_claim(struct buf *b, uint32_t number, const struct folder_claim *c)
{
	buf_addf(b, "claim\t%u\t%u\t%" PRIu64 "\t%" PRIu64 "\t", number,
	    c->uidnext, c->highestmodseq, c->exists);
	if (c->status_known)
		buf_addf(b, "%" PRIu64, c->status);
	else
		buf_addc(b, '-');
	buf_addf(b,
	    "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
	    "\n",
	    c->seen, c->stored, c->gone, c->refused, c->unselected);
}

void
manifest_put_refused(struct buf *b, const struct msg *m, const char *reason)
{
	buf_addf(b, "refused\t%u\t%u\t", m->folder, m->uid);
	column_put_date(b, &m->date);
	buf_addf(b, "\t%" PRIu64 "\t", m->size);
	column_put_flags(b, m->flags);
	buf_addc(b, '\t');
	column_put_words(b, m->keywords);
	buf_addc(b, '\t');
	column_put_text(b, reason);
	buf_addc(b, '\n');
}

void
state_put_folder(struct buf *b, uint32_t number, uint32_t uidvalidity,
    const char *name)
{
	buf_addf(b, "folder\t%u\t%u\t", number, uidvalidity);
	column_put_text(b, name);
	buf_addc(b, '\n');
}

void
state_put_message(struct buf *b, const struct record *r)
{
	const struct mdate date = { r->epoch, r->zone,
		(r->bits & RECORD_DATED) != 0 };

	buf_addf(b, "%u\t", r->uid);
	hash_hex(b, &r->hash);
	buf_adds(b, (r->bits & RECORD_RAW) != 0 ? "\traw\t" : "\tcrlf\t");
	column_put_date(b, &date);
	buf_addc(b, '\t');
	column_put_flags(b, r->flags);
	buf_addc(b, '\t');
	column_put_words(b, r->keywords);
	buf_addc(b, '\n');
}

char *
manifest_comment(const char *kind, const char *id, uint32_t n)
{
	return xasprintf("mailproof1 %s id=%s n=%u", kind, id, n);
}

char *
manifest_file_comment(const char *id, uint32_t generation, const char *final)
{
	return xasprintf("mailproof1 file id=%s generation=%u final=%s", id,
	    generation, final);
}

static bool
take_id(void *into, char **c)
{
	struct manifest_final *m = into;

	return column_id(c[0], m->id, ID_DIGITS);
}

static bool
take_segments(void *into, char **c)
{
	struct manifest_final *m = into;

	return column_u32(c[0], &m->segments);
}

static bool
take_past(void *into, char **c)
{
	struct manifest_final *m = into;
	struct manifest_past *p;
	uint32_t number;

	m->past = xgrow(m->past, m->pasts, &m->past_cap, sizeof(*m->past));
	p = &m->past[m->pasts++];
	return column_u32(c[0], &number) && number == m->pasts &&
	    column_number(c[1], INT64_MAX, &p->offset) &&
	    column_number(c[2], INT64_MAX, &p->compressed) &&
	    column_number(c[3], INT64_MAX, &p->size) &&
	    column_hash(c[4], &p->manifest);
}

static bool
take_claim(void *into, char **c)
{
	struct manifest_final *m = into;
	struct manifest_claim *p;
	struct folder_claim *k;

	m->claim = xgrow(m->claim, m->claims, &m->claim_cap, sizeof(*m->claim));
	p = &m->claim[m->claims++];
	memset(p, 0, sizeof(*p));
	k = &p->claim;
	k->status_known = strcmp(c[4], "-") != 0;
	if (k->status_known && !column_number(c[4], UINT64_MAX, &k->status))
		return false;
	return column_u32(c[0], &p->folder) && p->folder == m->claims - 1 &&
	    column_u32(c[1], &k->uidnext) &&
	    column_number(c[2], UINT64_MAX, &k->highestmodseq) &&
	    column_number(c[3], UINT64_MAX, &k->exists) &&
	    column_number(c[5], UINT64_MAX, &k->seen) &&
	    column_number(c[6], UINT64_MAX, &k->stored) &&
	    column_number(c[7], UINT64_MAX, &k->gone) &&
	    column_number(c[8], UINT64_MAX, &k->refused) &&
	    column_number(c[9], UINT64_MAX, &k->unselected);
}

static bool
take_refused(void *into, char **c)
{
	struct manifest_final *m = into;
	struct archive_refusal *r;

	m->refusal = xgrow(m->refusal, m->refusals, &m->refusal_cap,
	    sizeof(*m->refusal));
	r = &m->refusal[m->refusals++];
	memset(r, 0, sizeof(*r));
	return column_u32(c[0], &r->msg.folder) && r->msg.folder < m->claims &&
	    column_u32(c[1], &r->msg.uid) &&
	    column_date(c[2], c[3], &r->msg.date) &&
	    column_number(c[4], UINT64_MAX, &r->msg.size) &&
	    column_flags(c[5], &r->msg.flags) &&
	    column_words(m->atoms, c[6], &r->msg.keywords) &&
	    column_text_given(c[7], &r->reason);
}

/* Only a delta's state has something to be held against. */
static bool
take_state(void *into, char **c)
{
	struct manifest_final *m = into;

	m->delta = strcmp(c[0], "delta") == 0;
	if (!m->delta &&
	    (strcmp(c[0], "full") != 0 || m->bases > 0 || m->removals > 0 ||
		m->changes > 0))
		return false;
	return column_number(c[1], UINT32_MAX, &m->totals.state) &&
	    column_hash(c[2], &m->state);
}

static bool
take_totals(void *into, char **c)
{
	struct manifest_final *m = into;
	struct archive_totals *t = &m->totals;

	return column_number(c[0], UINT32_MAX, &t->messages) &&
	    column_number(c[1], UINT32_MAX, &t->links) &&
	    column_number(c[2], UINT64_MAX, &t->refused) &&
	    column_number(c[3], UINT64_MAX, &t->octets) &&
	    column_number(c[4], UINT32_MAX, &t->unlettered);
}

static bool
take_seek(void *into, char **c)
{
	struct manifest_final *m = into;

	m->seek = strcmp(c[0], "1") == 0;
	return m->seek || strcmp(c[0], "0") == 0;
}

static const struct rule RULES[] = {
	{ "id", 1, 1, true, take_id },
	{ "segments", 1, 2, true, take_segments },
	{ "segment", 5, 3, false, take_past },
	{ "claim", 10, 4, false, take_claim },
	{ "base", 2, 5, false, manifest_take_base },
	{ "refused", 8, 6, false, take_refused },
	{ "x", 2, 7, false, manifest_take_removal },
	{ "f", 4, 8, false, manifest_take_change },
	{ "state", 3, 9, true, take_state },
	{ "totals", 5, 10, true, take_totals },
	{ "seek", 1, 11, true, take_seek },
};

struct parser *
manifest_final_new(struct manifest_final *r)
{
	return parser_new("final", RULES, sizeof(RULES) / sizeof(RULES[0]), r);
}

void
manifest_final_release(struct manifest_final *m)
{
	size_t i;

	for (i = 0; i < m->refusals; i++)
		free(m->refusal[i].reason);
	free(m->past);
	free(m->claim);
	free(m->refusal);
	free(m->base);
	free(m->removal);
	free(m->change);
	memset(m, 0, sizeof(*m));
}
