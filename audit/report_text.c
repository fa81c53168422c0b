/* The report for people, on standard output. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "util/text.h"

/* Of a class that does not decide the verdict, so many are shown; the TSV
 * report has them all. */
enum { SHOWN_MAX = 20 };

/* The column of what agrees is called after how it was looked at. */
static const char *const agreeing[] = { "identical", "header", "count" };

static void
print_place(const struct place *p)
{
	printf("%9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64
	       " %9" PRIu64 " %7" PRIu64 " %7" PRIu64,
	    p->archived, p->exists, p->identical + p->headers, p->line_ends,
	    p->relocated, p->missing, p->extra, p->drift);
	audit_show("  ", p->name);
}

static void
print_places(struct audit *a)
{
	const struct store_info *info = a->target->ops->info(a->target);
	const struct place *p;
	struct place total;
	size_t i;

	audit_show("\ntarget      ", info->location);
	if (info->tls[0] != '\0')
		audit_show("tls         ", info->tls);
	if (info->plaintext)
		printf("tls         none: read over a plaintext line\n");
	printf("\n%9s %9s %9s %9s %9s %9s %7s %7s  %s\n", "archive", "target",
	    agreeing[a->level], "line-ends", "relocated", "missing", "extra",
	    "drift", "folder");
	for (i = 0; i < a->places; i++) {
		p = &a->place[a->shown[i]];
		if (p->expected || p->exists > 0)
			print_place(p);
	}
	audit_totals(a, &total);
	total.name = (char[]){ "(all)" };
	print_place(&total);
}

/* What a note tells of a message; where: its folder. */
static enum rc
print_message(struct audit *a, uint64_t note, const struct msg *m,
    const char *where, struct fault *f)
{
	struct buf b = BUF_INIT;
	struct facts facts;
	struct headline h;
	enum rc rc;

	rc = notes_get(&a->notes, note, &facts, &h, f);
	if (rc != RC_OK)
		return rc;
	buf_addf(&b, "%s UID %" PRIu32 ", ", where, m->uid);
	if (m->date.known)
		date_format_utc(&b, m->date.epoch);
	else
		buf_adds(&b, "no date");
	buf_addf(&b, ", %" PRIu64 " octets", facts.size);
	audit_show("  ", buf_str(&b));
	audit_show("    From:       ", h.from);
	audit_show("    Subject:    ", h.subject);
	audit_show("    Message-ID: ", h.message_id);
	buf_clear(&b);
	hash_hex(&b, &facts.hash);
	audit_show("    BLAKE2b:    ", buf_str(&b));
	headline_release(&h);
	buf_release(&b);
	return RC_OK;
}

static const char *
folder_name(const struct audit *a, const struct item *i)
{
	return audit_folder(a, i)->folder.name;
}

static void
print_where(const struct audit *a, const struct listing_place *at)
{
	struct buf b = BUF_INIT;

	if (at->generation > 0)
		buf_addf(&b, "%s, ", lineage_name(a->chain, at->generation));
	buf_addf(&b, "segment %" PRIu32 ", offset %" PRIu64, at->segment,
	    at->offset);
	audit_show("    archive:    ", buf_str(&b));
	buf_release(&b);
}

static enum rc
print_gap(struct audit *a, const struct gap *g, struct fault *f)
{
	const struct item *i = &a->evidence.v[g->item];
	const struct msg m = audit_msg(a, i);
	const struct moved *to;
	struct facts facts;
	enum rc rc;

	rc = print_message(a, g->note, &m, folder_name(a, i), f);
	if (rc == RC_OK)
		rc = notes_facts(&a->notes, g->note, &facts, f);
	if (rc != RC_OK)
		return rc;
	if (i->proof == PROOF_MISSING)
		print_where(a, &facts.at);
	if (i->proof == PROOF_RELOCATED) {
		to = match_moved(&a->match, g->item);
		audit_show("    now in:     ", a->place[to->place].name);
		printf("    now UID:    %" PRIu32 "\n", to->uid);
	}
	return RC_OK;
}

static enum rc
print_class(struct audit *a, enum proof proof, const char *title, size_t max,
    struct fault *f)
{
	const struct gap *g;
	size_t k, shown = 0;
	enum rc rc;

	for (k = 0; k < a->match.gaps; k++) {
		g = &a->match.gap[k];
		if (a->evidence.v[g->item].proof != proof || shown++ >= max)
			continue;
		if (shown == 1)
			printf("\n%s:\n", title);
		rc = print_gap(a, g, f);
		if (rc != RC_OK)
			return rc;
	}
	if (shown > max)
		printf("  and %zu more (--format tsv lists all)\n",
		    shown - max);
	return RC_OK;
}

static enum rc
print_extra(struct audit *a, struct fault *f)
{
	const struct extra *e;
	struct facts facts;
	struct msg m;
	enum rc rc;
	size_t k;

	for (k = 0; k < a->extra.n && k < SHOWN_MAX; k++) {
		e = &a->extra.v[k];
		if (k == 0)
			printf("\nat the target only:\n");
		rc = notes_facts(&a->notes, e->note, &facts, f);
		if (rc != RC_OK)
			return rc;
		m = audit_found(a, &facts);
		rc = print_message(a, e->note, &m, a->place[e->place].name, f);
		if (rc != RC_OK)
			return rc;
	}
	if (a->extra.n > SHOWN_MAX)
		printf("  and %zu more (--format tsv lists all)\n",
		    a->extra.n - SHOWN_MAX);
	return RC_OK;
}

static void
add_state(const struct audit *a, struct buf *b, const struct drift *d,
    int64_t epoch, uint32_t label)
{
	const char *keywords = labels_keywords(a->labels, label);
	const unsigned flags = labels_flags(a->labels, label);

	if (d->date)
		date_format_utc(b, epoch);
	if (d->flags || d->keywords) {
		buf_adds(b, d->date ? " (" : "(");
		flags_format(b, flags);
		if (flags != 0 && keywords[0] != '\0')
			buf_addc(b, ' ');
		buf_adds(b, keywords);
		buf_addc(b, ')');
	}
}

static void
print_drift(const struct audit *a)
{
	struct buf b = BUF_INIT;
	const struct item *i;
	size_t k;

	for (k = 0; k < a->match.drifts && k < SHOWN_MAX; k++) {
		const struct drift *d = &a->match.drift[k];

		if (k == 0)
			printf("\ndate, flags or keywords differ:\n");
		i = &a->evidence.v[d->item];
		buf_clear(&b);
		buf_addf(&b, "%s UID %" PRIu32 ": ", folder_name(a, i), i->uid);
		add_state(a, &b, d, i->epoch, i->label);
		buf_adds(&b, " -> ");
		add_state(a, &b, d, d->epoch, d->label);
		audit_show("  ", buf_str(&b));
	}
	if (a->match.drifts > SHOWN_MAX)
		printf("  and %zu more (--format tsv lists all)\n",
		    a->match.drifts - SHOWN_MAX);
	buf_release(&b);
}

static enum rc
print_findings(struct audit *a, struct fault *f)
{
	enum rc rc;

	print_places(a);
	if (a->level == LEVEL_COUNT)
		return RC_OK;
	rc =
	    print_class(a, PROOF_MISSING, "missing at the target", SIZE_MAX, f);
	if (rc == RC_OK)
		rc = print_class(a, PROOF_RELOCATED, "in another folder",
		    SHOWN_MAX, f);
	if (rc == RC_OK)
		rc = print_class(a, PROOF_LINE_ENDS,
		    "equal but for line "
		    "ends",
		    SHOWN_MAX, f);
	if (rc == RC_OK)
		rc = print_extra(a, f);
	if (rc == RC_OK)
		print_drift(a);
	return rc;
}

enum rc
audit_print_text(struct audit *a, struct fault *f)
{
	enum rc rc = RC_OK;

	audit_print_head(a);
	if (a->target != NULL)
		rc = print_findings(a, f);
	if (rc == RC_OK)
		audit_print_verdict(a);
	return rc;
}
