/*
 * The report for people.  What matters stands on the first screen; then what
 * will not fit, folder by folder, and lists.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report_text.h"
#include "reports.h"
#include "util/text.h"
#include "words.h"

enum { SHOWN_MAX = 20 }; /* of a list; the tables have them all */

void
report_field(struct buf *b, const char *label)
{
	buf_addf(b, "%-12s", label);
}

static void
add_side(struct buf *b, const char *label, const struct side *s,
    const struct quirk *q)
{
	report_field(b, label);
	words_text(b, s->location);
	if (s->software != NULL && s->software[0] != '\0') {
		buf_adds(b, " (");
		words_text(b, s->software);
		buf_addc(b, ')');
	}
	if (q != NULL)
		buf_addf(b, ", known as %s", q->name);
	buf_addc(b, '\n');
	if (s->round_trip_us >= 0 && strcmp(s->kind, "imap") == 0) {
		report_field(b, "");
		buf_addf(b, "round trip %.1f ms, login %.1f ms%s%s\n",
		    (double)s->round_trip_us / 1000, (double)s->open_us / 1000,
		    s->plaintext ? ", NO TLS" : "",
		    s->tls == NULL || s->tls[0] == '\0' ? "" : ", TLS");
	}
	if (s->failed != NULL) {
		report_field(b, "");
		buf_adds(b, "NOT WHOLE: ");
		words_text(b, s->failed);
		buf_addc(b, '\n');
	}
}

static void
add_claims(struct buf *b, const struct survey *s)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s->boxes; i++)
		n += s->box[i].claimed;
	report_field(b, "messages");
	words_number(b, n);
	buf_addf(b, " by what %zu folders claim\n", s->boxes);
}

static void
add_mail(struct buf *b, const struct survey *s)
{
	const struct sums *all = &s->total;
	size_t i = 0;

	if (s->depth == DEPTH_NONE) {
		add_claims(b, s);
		return;
	}
	report_field(b, "messages");
	words_number(b, all->messages);
	buf_adds(b, ", ");
	text_bytes(b, all->bytes);
	buf_addf(b, ", in %zu folder%s", s->boxes, s->boxes == 1 ? "" : "s");
	if (all->left_out > 0) {
		buf_adds(b, "; left out by date: ");
		words_number(b, all->left_out);
	}
	buf_addc(b, '\n');
	if (all->years > 0 && all->year[0].year == 0 && all->years > 1)
		i = 1;
	if (all->years > 0 && all->year[i].year != 0) {
		report_field(b, "years");
		buf_addf(b, "%d", all->year[i].year);
		if (i + 1 < all->years)
			buf_addf(b, " to %d", all->year[all->years - 1].year);
		buf_addc(b, '\n');
	}
	if (s->largests > 0) {
		report_field(b, "largest");
		text_bytes(b, s->largest[0].size);
		buf_adds(b, " in ");
		words_text(b, s->box[s->largest[0].box].folder.name);
		buf_adds(b, ": ");
		words_text(b, s->largest[0].subject);
		buf_addc(b, '\n');
	}
	report_field(b, "attachments");
	words_number(b, all->attachments);
	buf_adds(b, " in ");
	words_number(b, all->with_attachments);
	buf_adds(b, " messages, ");
	text_bytes(b, all->attachment_bytes);
	buf_addc(b, '\n');
	report_field(b, "copies");
	words_number(b, s->copies.spare);
	buf_adds(b, " messages are copies of others, ");
	text_bytes(b, s->copies.bytes);
	buf_adds(b, s->copies.by_content ? "\n" : " (by header and size)\n");
}

static void
add_times(struct buf *b, const struct survey *s)
{
	const struct outlook *o;
	const struct estimate *e;
	size_t i, k;

	for (i = 0; i < TASKS; i++) {
		o = &s->outlook[i];
		if (o->n == 0)
			continue;
		report_field(b, task_name(o->task));
		for (k = 0; k < o->n; k++) {
			e = &o->v[k];
			buf_adds(b, k > 0 ? ", " : "");
			words_time(b, e->usual_ms >= 0 ? e->usual_ms : e->ms);
			buf_addf(b, " with -j %u", e->connections);
		}
		if (o->runs > 0)
			buf_addf(b, " (x %.2f by %u earlier run%s)", o->ratio,
			    o->runs, o->runs == 1 ? "" : "s");
		buf_addc(b, '\n');
		if (o->basis[0] != '\0')
			buf_addf(b, "%-12s%s%s\n", "",
			    o->guessed ? "guessed: " : "", o->basis);
	}
}

static void
add_verdict(struct buf *b, const struct fit *f)
{
	struct buf word = BUF_INIT;
	const char *s;

	buf_adds(&word, fit_verdict_word(f->verdict));
	report_field(b, "verdict");
	for (s = buf_str(&word); *s != '\0'; s++)
		buf_addc(b,
		    f->verdict == FIT_NOT && *s >= 'a' && *s <= 'z' ?
			*s - 'a' + 'A' :
			*s);
	buf_addf(b, ": %zu problem%s, %zu warning%s, %zu note%s\n",
	    f->count[FIT_PROBLEM], f->count[FIT_PROBLEM] == 1 ? "" : "s",
	    f->count[FIT_WARNING], f->count[FIT_WARNING] == 1 ? "" : "s",
	    f->count[FIT_NOTE], f->count[FIT_NOTE] == 1 ? "" : "s");
	buf_release(&word);
}

/* One line for each kind that has any: how many are as bad as the worst. */
static void
add_overview(struct buf *b, const struct fit *f)
{
	size_t count[FIT_KINDS] = { 0 }, i;
	enum fit_level worst[FIT_KINDS] = { FIT_NOTE };

	for (i = 0; i < f->n; i++) {
		const enum fit_kind k = f->v[i].kind;

		if (f->v[i].level > worst[k]) {
			worst[k] = f->v[i].level;
			count[k] = 0;
		}
		count[k] += f->v[i].level == worst[k];
	}
	for (i = 0; i < FIT_KINDS; i++)
		if (count[i] > 0)
			buf_addf(b, "            %-8s %6zu  %s\n",
			    fit_level_word(worst[i]), count[i],
			    fit_kind_title((enum fit_kind)i));
}

static void
add_finding(struct buf *b, const struct finding *f)
{
	buf_addf(b, "  %-8s ", fit_level_word(f->level));
	if (f->name[0] != '\0') {
		words_text(b, f->name);
		buf_adds(b, ": ");
	}
	if (f->sampled > 0)
		buf_adds(b, "about ");
	if (f->kind == FIT_REFUSED || f->kind == FIT_CHANGED ||
	    f->kind == FIT_FLAG) {
		words_number(b, f->messages);
		buf_adds(b, f->kind == FIT_FLAG ? " messages: " : " ");
	}
	words_text(b, f->why);
	if (f->sampled > 0)
		buf_addf(b, " (%" PRIu64 " of those read)", f->sampled);
	if (f->kind == FIT_FOLDER || f->kind == FIT_CLASH) {
		buf_adds(b, " (");
		words_number(b, f->messages);
		buf_adds(b, f->messages == 1 ? " message)" : " messages)");
	}
	buf_addc(b, '\n');
	if (f->way[0] != '\0') {
		buf_adds(b, "           -> ");
		words_text(b, f->way);
		buf_addc(b, '\n');
	}
}

static void
add_findings(struct buf *b, const struct fit *f)
{
	size_t i, shown = 0, left = 0;

	for (i = 0; i < f->n; i++) {
		if (i == 0 || f->v[i].kind != f->v[i - 1].kind) {
			buf_addf(b, "\n%s:\n", fit_kind_title(f->v[i].kind));
			shown = left = 0;
		}
		/* A problem is told, however many there are. */
		if (shown++ < SHOWN_MAX || f->v[i].level == FIT_PROBLEM)
			add_finding(b, &f->v[i]);
		else
			left++;
		if (left > 0 &&
		    (i + 1 == f->n || f->v[i].kind != f->v[i + 1].kind))
			buf_addf(b, "  and %zu more (--format tsv)\n", left);
	}
}

void
report_text(const struct telling *t, struct buf *b)
{
	const struct survey *s = t->s;

	add_side(b, "mailbox", &s->source, t->source);
	if (s->target.kind != NULL)
		add_side(b, "target", &s->target, t->target);
	report_field(b, "surveyed");
	date_format_utc(b, s->began);
	buf_adds(b, ", in ");
	words_time(b, s->us / 1000);
	buf_adds(b, "; ");
	words_depth(b, s);
	buf_addc(b, '\n');
	add_mail(b, s);
	report_quotas(b, "quota here", &s->source);
	report_quotas(b, "quota there", &s->target);
	add_times(b, s);
	add_verdict(b, t->fit);
	add_overview(b, t->fit);
	add_findings(b, t->fit);
	report_lists(b, t);
}
