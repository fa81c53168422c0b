/* The report as one page: what matters first, then plots, then tables. */
#include <stdio.h>
#include <string.h>

#include "html.h"
#include "plot.h"
#include "report_html.h"
#include "reports.h"
#include "util/text.h"
#include "words.h"

enum {
	YEARS_MAX = 60, /* with those in between that have no mail */
	FOLDERS_MAX = 15,
	TYPES_SHOWN = 12,
};

static const char *
verdict_class(const struct fit *f)
{
	static const char *const name[] = { "unknown", "fits", "warnings",
		"not" };

	return name[f->verdict];
}

static void
add_side(struct buf *b, const char *label, const struct side *s,
    const struct quirk *q)
{
	if (s->kind == NULL)
		return;
	buf_addf(b, "<p>%s <code>", label);
	html_foreign(b, s->location);
	buf_adds(b, "</code> <span class=\"soft\">");
	html_foreign(b, s->software);
	if (q != NULL) {
		buf_adds(b, ", known as ");
		html_text(b, q->name);
	}
	if (s->plaintext)
		buf_adds(b, ", without TLS");
	if (s->tls != NULL && s->tls[0] != '\0') {
		buf_adds(b, ", ");
		html_foreign(b, s->tls);
	}
	if (s->round_trip_us >= 0)
		buf_addf(b, ", round trip %.1f ms",
		    (double)s->round_trip_us / 1000);
	buf_adds(b, "</span></p>\n");
	if (s->failed != NULL) {
		buf_adds(b, "<p class=\"problem\">Not whole: ");
		html_foreign(b, s->failed);
		buf_adds(b, "</p>\n");
	}
}

static void
add_verdict(struct buf *b, const struct fit *f)
{
	buf_addf(b, "<div class=\"verdict %s\"><b>", verdict_class(f));
	html_text(b, fit_verdict_word(f->verdict));
	buf_addf(b,
	    "</b><span>%zu problem%s, %zu warning%s, %zu note%s</span>"
	    "</div>\n",
	    f->count[FIT_PROBLEM], f->count[FIT_PROBLEM] == 1 ? "" : "s",
	    f->count[FIT_WARNING], f->count[FIT_WARNING] == 1 ? "" : "s",
	    f->count[FIT_NOTE], f->count[FIT_NOTE] == 1 ? "" : "s");
}

static void
card(struct buf *b, const char *label, struct buf *value, const char *small)
{
	buf_adds(b, "<div class=\"card\"><dt>");
	html_text(b, label);
	buf_adds(b, "</dt><dd>");
	html_text(b, buf_str(value));
	if (small != NULL) {
		buf_adds(b, "<small>");
		html_text(b, small);
		buf_adds(b, "</small>");
	}
	buf_adds(b, "</dd></div>\n");
	buf_clear(value);
}

static void
add_claims(struct buf *b, const struct survey *s)
{
	struct buf v = BUF_INIT;
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s->boxes; i++)
		n += s->box[i].claimed;
	words_number(&v, n);
	card(b, "messages", &v, "by what folders claim");
	buf_release(&v);
}

static void
add_mail(struct buf *b, const struct survey *s)
{
	const struct sums *all = &s->total;
	struct buf v = BUF_INIT, small = BUF_INIT;

	words_number(&v, all->messages);
	buf_addf(&small, "in %zu folders", s->boxes);
	card(b, "messages", &v, buf_str(&small));
	text_bytes(&v, all->bytes);
	card(b, "octets", &v, NULL);
	words_number(&v, all->attachments);
	buf_clear(&small);
	text_bytes(&small, all->attachment_bytes);
	buf_adds(&small, " in ");
	words_number(&small, all->with_attachments);
	buf_adds(&small, " messages");
	card(b, "attachments", &v, buf_str(&small));
	if (s->largests > 0) {
		text_bytes(&v, s->largest[0].size);
		card(b, "largest message", &v,
		    s->box[s->largest[0].box].folder.name);
	}
	words_number(&v, s->copies.spare);
	buf_clear(&small);
	text_bytes(&small, s->copies.bytes);
	buf_adds(&small,
	    s->copies.by_content ? ", same content" : ", same header and size");
	card(b, "copies of others", &v, buf_str(&small));
	buf_release(&small);
	buf_release(&v);
}

static void
add_times(struct buf *b, const struct survey *s)
{
	struct buf v = BUF_INIT, small = BUF_INIT;
	const struct outlook *o;
	size_t i;

	for (i = 0; i < TASKS; i++) {
		o = &s->outlook[i];
		if (o->n == 0)
			continue;
		/* What can be relied on stands in front. */
		words_time(&v, report_time(s, o->task, 1));
		buf_clear(&small);
		words_time(&small, report_time(s, o->task, UINT32_MAX));
		buf_addf(&small, " with -j %u%s", o->v[o->n - 1].connections,
		    o->guessed ? "; guessed" : "");
		card(b, task_name(o->task), &v, buf_str(&small));
	}
	buf_release(&small);
	buf_release(&v);
}

static void
add_years(struct buf *b, const struct sums *all, const char *id, bool octets)
{
	struct plot p = { .id = id,
		.title = octets ? "Octets by year" : "Messages by year",
		.octets = octets,
		.noun = "messages",
		.second = octets };
	const struct year *y = all->year;
	size_t i, n = all->years;
	char label[16];
	int at;

	for (i = 0; i < n; i++) {
		/* A gap is seen, but for that before a wrong date. */
		for (at = i > 0 ? y[i - 1].year + 1 : y[i].year;
		     i > 0 && y[i - 1].year > 0 && at < y[i].year &&
		     y[i].year - y[i - 1].year < YEARS_MAX / 4;
		     at++) {
			(void)snprintf(label, sizeof(label), "%d", at);
			plot_add(&p, label, 0, 0);
		}
		(void)snprintf(label, sizeof(label), "%d", y[i].year);
		plot_add(&p, y[i].year == 0 ? "none" : label,
		    octets ? y[i].bytes : y[i].messages, 0);
	}
	plot_columns(b, &p);
	plot_release(&p);
}

static void
add_sizes(struct buf *b, const struct sums *all, const char *id, bool octets)
{
	struct plot p = { .id = id,
		.title = octets ? "Octets by size of message" :
				  "Messages by size (below)",
		.octets = octets,
		.noun = "messages",
		.second = octets };
	size_t i, last = 0;
	struct buf label = BUF_INIT;
	const char *s;

	for (i = 0; i < SIZE_CLASSES; i++)
		if (all->size[i].messages > 0)
			last = i;
	for (i = 0; i <= last; i++) {
		buf_clear(&label);
		words_size_class(&label, i);
		s = buf_str(&label);
		plot_add(&p, strncmp(s, "below ", 6) == 0 ? s + 6 : s,
		    octets ? all->size[i].bytes : all->size[i].messages, 0);
	}
	plot_columns(b, &p);
	plot_release(&p);
	buf_release(&label);
}

static void
add_plots(struct buf *b, const struct survey *s)
{
	struct plot folders = { .id = "folders",
		.title = "Octets by folder",
		.octets = true,
		.beside_noun = "messages" };
	struct plot types = { .id = "types",
		.title = "Attachments by type",
		.octets = true,
		.beside_noun = "parts",
		.second = true };
	size_t i;

	buf_adds(b, "<h2>The mail</h2>\n<div class=\"plots\">\n");
	add_years(b, &s->total, "years-n", false);
	add_years(b, &s->total, "years-b", true);
	add_sizes(b, &s->total, "sizes-n", false);
	add_sizes(b, &s->total, "sizes-b", true);
	for (i = 0; i < s->boxes; i++)
		if (s->box[i].sums.messages > 0)
			plot_add(&folders, s->box[i].folder.name,
			    s->box[i].sums.bytes, s->box[i].sums.messages);
	if (folders.n > 0)
		plot_bars(b, &folders, FOLDERS_MAX);
	for (i = 0; i < s->total.types; i++)
		plot_add(&types, s->total.type[i].type, s->total.type[i].bytes,
		    s->total.type[i].parts);
	if (types.n > 0)
		plot_bars(b, &types, TYPES_SHOWN);
	plot_release(&folders);
	plot_release(&types);
	buf_adds(b, "</div>\n");
}

void
report_html(const struct telling *t, struct buf *b)
{
	const struct survey *s = t->s;
	struct buf text = BUF_INIT;

	buf_adds(&text, "Survey of ");
	words_text(&text, s->source.location);
	html_begin(b, buf_str(&text));
	buf_clear(&text);
	buf_adds(b, "<p class=\"soft\">");
	date_format_utc(b, s->began);
	buf_adds(b, ", in ");
	words_time(b, s->us / 1000);
	buf_adds(b, "; ");
	words_depth(b, s);
	buf_adds(b, ".</p>\n");
	add_side(b, "Source", &s->source, t->source);
	add_side(b, "Target", &s->target, t->target);
	add_verdict(b, t->fit);
	buf_adds(b, "<dl class=\"cards\">\n");
	if (s->depth != DEPTH_NONE) {
		add_mail(b, s);
		add_times(b, s);
	} else {
		add_claims(b, s);
	}
	buf_adds(b, "</dl>\n");
	report_html_fit(b, t);
	if (s->depth != DEPTH_NONE)
		add_plots(b, s);
	report_html_tables(b, t);
	html_end(b);
	buf_release(&text);
}
