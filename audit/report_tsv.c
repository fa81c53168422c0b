/*
 * The report for programs, and the list that mrestore takes.  TSV; the
 * first column is the record type; percent-encoded as a manifest is.
 *
 *   #mailproof 1 audit
 *   archive  id  account  created  final-hash segments segments-read
 *            generation (one line for each of a chain)
 *   salvaged id  lost         (of the damaged archive that it was made from)
 *   mailbox  generation messages state-hash (of a chain: the one that is
 *            asked about)
 *   target   location
 *   folder   name archive target identical line-ends relocated missing
 *            extra drift header
 *   source   name claimed listed stored gone refused left-out
 *   refused  folder uid reason
 *   missing | line-ends   (the columns of mail/listing.h)
 *   relocated  target-folder target-uid  (the columns of mail/listing.h)
 *   extra    (the same, folder and UID being the target's; no place)
 *   drift    folder uid what archive's target's
 *   verdict  word  messages  proved  missing
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "mail/listing.h"
#include "util/text.h"

static void
put(struct buf *b)
{
	(void)fwrite(b->data, 1, b->len, stdout);
	buf_clear(b);
}

static void
add(struct buf *b, const char *text)
{
	buf_addc(b, '\t');
	text_percent(b, text, strlen(text));
}

enum rc
audit_listing(struct audit *a, const struct gap *g, struct buf *b,
    struct fault *f)
{
	const struct item *i = &a->evidence.v[g->item];
	const struct archive_folder *from = audit_folder(a, i);
	struct msg m = audit_msg(a, i);
	struct facts facts;
	struct headline h;
	enum rc rc;

	rc = notes_get(&a->notes, g->note, &facts, &h, f);
	if (rc != RC_OK)
		return rc;
	m.size = facts.size;
	listing_format(b, &facts.hash, from->folder.name, from->uidvalidity, &m,
	    &h, &facts.at);
	headline_release(&h);
	return RC_OK;
}

static void
put_archive(const struct audit *a, uint32_t generation, struct buf *b)
{
	const struct archive_header *h = lineage_header(a->chain, generation);
	const struct archive_final *final = lineage_final(a->chain, generation);

	buf_addf(b, "archive\t%s", h->id);
	add(b, h->account);
	buf_addc(b, '\t');
	date_format_utc(b, h->created);
	buf_addc(b, '\t');
	hash_hex(b, &final->hash);
	buf_addf(b, "\t%" PRIu32 "\t%" PRIu64 "\t%" PRIu32 "\n",
	    final->totals.segments, audit_segments_read(a, generation),
	    generation);
	if (h->origin[0] != '\0')
		buf_addf(b, "salvaged\t%s\t%" PRIu64 "\n", h->origin,
		    archive_final_lost(final));
}

static void
put_heads(struct audit *a, struct buf *b)
{
	const uint32_t at = lineage_at(a->chain);
	const struct archive_final *final = lineage_final(a->chain, at);
	uint32_t g;

	buf_adds(b, "#mailproof\t1\taudit\n");
	for (g = 1; g <= lineage_last(a->chain); g++)
		put_archive(a, g, b);
	if (lineage_last(a->chain) > 1) {
		buf_addf(b, "mailbox\t%" PRIu32 "\t%" PRIu64 "\t", at,
		    final->totals.state);
		hash_hex(b, &final->state);
		buf_addc(b, '\n');
	}
	if (a->target != NULL) {
		buf_adds(b, "target");
		add(b, a->target->ops->info(a->target)->location);
		buf_addc(b, '\n');
	}
	put(b);
}

static void
put_sources(struct audit *a, struct buf *b)
{
	const struct archive_final *final =
	    lineage_final(a->chain, lineage_at(a->chain));
	const struct archive_folder *from;
	const struct folder_claim *c;
	size_t i;

	for (i = 0; i < lineage_folders(a->chain); i++) {
		from = lineage_folder(a->chain, (uint32_t)i);
		c = &from->claim;
		buf_adds(b, "source");
		add(b, from->folder.name);
		buf_addf(b,
		    "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
		    "\t%" PRIu64 "\t%" PRIu64 "\n",
		    c->exists, c->seen, c->stored, c->gone, c->refused,
		    c->unselected);
	}
	for (i = 0; i < final->refusals; i++) {
		from = lineage_folder(a->chain, final->refusal[i].msg.folder);
		buf_adds(b, "refused");
		add(b, from->folder.name);
		buf_addf(b, "\t%" PRIu32, final->refusal[i].msg.uid);
		add(b, final->refusal[i].reason);
		buf_addc(b, '\n');
	}
	put(b);
}

static void
put_places(struct audit *a, struct buf *b)
{
	const struct place *p;
	size_t i;

	for (i = 0; i < a->places; i++) {
		p = &a->place[a->shown[i]];
		buf_adds(b, "folder");
		add(b, p->name);
		buf_addf(b,
		    "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
		    "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
		    "\t%" PRIu64 "\n",
		    p->archived, p->exists, p->identical, p->line_ends,
		    p->relocated, p->missing, p->extra, p->drift, p->headers);
	}
	put(b);
}

static enum rc
put_gap(struct audit *a, const struct gap *g, struct buf *b, struct fault *f)
{
	const struct moved *to;
	enum rc rc;

	switch ((enum proof)a->evidence.v[g->item].proof) {
	case PROOF_IDENTICAL:
	case PROOF_HEADER:
		return RC_OK;
	case PROOF_MISSING:
		buf_adds(b, "missing\t");
		break;
	case PROOF_LINE_ENDS:
		buf_adds(b, "line-ends\t");
		break;
	case PROOF_RELOCATED:
		to = match_moved(&a->match, g->item);
		buf_adds(b, "relocated");
		add(b, a->place[to->place].name);
		buf_addf(b, "\t%" PRIu32 "\t", to->uid);
		break;
	}
	rc = audit_listing(a, g, b, f);
	put(b);
	return rc;
}

static enum rc
put_extra(struct audit *a, const struct extra *e, struct buf *b,
    struct fault *f)
{
	struct facts facts;
	struct headline h;
	struct msg m;
	enum rc rc;

	rc = notes_get(&a->notes, e->note, &facts, &h, f);
	if (rc != RC_OK)
		return rc;
	m = audit_found(a, &facts);
	buf_adds(b, "extra\t");
	listing_format(b, &facts.hash, a->place[e->place].name, 0, &m, &h,
	    &facts.at);
	headline_release(&h);
	put(b);
	return RC_OK;
}

static void
put_change(struct audit *a, const struct drift *d, const char *what,
    struct buf *b)
{
	const struct item *i = &a->evidence.v[d->item];

	buf_adds(b, "drift");
	add(b, audit_folder(a, i)->folder.name);
	buf_addf(b, "\t%" PRIu32 "\t%s\t", i->uid, what);
}

static void
put_keywords(const struct audit *a, uint32_t label, struct buf *b)
{
	const char *keywords = labels_keywords(a->labels, label);

	text_percent(b, keywords, strlen(keywords));
}

static void
put_drift(struct audit *a, const struct drift *d, struct buf *b)
{
	const struct item *was = &a->evidence.v[d->item];

	if (d->date) {
		put_change(a, d, "date", b);
		date_format_utc(b, was->epoch);
		buf_addc(b, '\t');
		date_format_utc(b, d->epoch);
		buf_addc(b, '\n');
	}
	if (d->flags) {
		put_change(a, d, "flags", b);
		flags_format(b, labels_flags(a->labels, was->label));
		buf_addc(b, '\t');
		flags_format(b, labels_flags(a->labels, d->label));
		buf_addc(b, '\n');
	}
	if (d->keywords) {
		put_change(a, d, "keywords", b);
		put_keywords(a, was->label, b);
		buf_addc(b, '\t');
		put_keywords(a, d->label, b);
		buf_addc(b, '\n');
	}
	put(b);
}

static enum rc
put_findings(struct audit *a, struct buf *b, struct fault *f)
{
	enum rc rc = RC_OK;
	size_t k;

	put_places(a, b);
	if (a->level == LEVEL_COUNT)
		return RC_OK;
	for (k = 0; k < a->match.gaps && rc == RC_OK; k++)
		rc = put_gap(a, &a->match.gap[k], b, f);
	for (k = 0; k < a->extra.n && rc == RC_OK; k++)
		rc = put_extra(a, &a->extra.v[k], b, f);
	for (k = 0; k < a->match.drifts; k++)
		put_drift(a, &a->match.drift[k], b);
	return rc;
}

enum rc
audit_print_tsv(struct audit *a, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc = RC_OK;

	put_heads(a, &b);
	put_sources(a, &b);
	if (a->target != NULL)
		rc = put_findings(a, &b, f);
	if (rc == RC_OK) {
		buf_adds(&b, "verdict\t");
		audit_verdict(a, &b);
		buf_addf(&b, "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
		    a->messages, a->outcome.done, a->outcome.missing);
		put(&b);
	}
	buf_release(&b);
	return rc;
}

enum rc
audit_print_missing(struct audit *a, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc = RC_OK;
	size_t k, i;

	listing_header(&b);
	put(&b);
	for (k = 0; k < a->match.gaps && rc == RC_OK; k++) {
		i = a->match.gap[k].item;
		if (a->evidence.v[i].proof != PROOF_MISSING)
			continue;
		rc = audit_listing(a, &a->match.gap[k], &b, f);
		put(&b);
	}
	buf_release(&b);
	return rc;
}
