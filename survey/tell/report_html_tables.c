/* The tables of the page. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "html.h"
#include "mail/flags.h"
#include "report_html.h"
#include "util/text.h"
#include "words.h"

#define COLUMNS(name, ...) \
	static const char *const name[] = { __VA_ARGS__, NULL }

enum { FINDINGS_MAX = 500, LARGEST_SHOWN = 25, TYPES_SHOWN = 50 };

static void
add_level(struct buf *b, enum fit_level level)
{
	buf_addf(b, "<td class=\"%s\">%s</td>", fit_level_word(level),
	    fit_level_word(level));
}

static void
add_finding(struct buf *b, const struct finding *f)
{
	html_row(b);
	add_level(b, f->level);
	html_cell(b, f->name);
	buf_adds(b, "<td class=\"n\">");
	if (f->sampled > 0)
		buf_adds(b, "about ");
	if (f->messages > 0)
		words_number(b, f->messages);
	buf_adds(b, "</td><td>");
	html_foreign(b, f->why);
	if (f->sampled > 0)
		buf_addf(b, " <small>(%" PRIu64 " of those read)</small>",
		    f->sampled);
	if (strncmp(f->way, "--", 2) == 0) {
		buf_adds(b, "<br/><code>");
		html_text(b, f->way);
		buf_adds(b, "</code>");
	} else if (f->way[0] != '\0') {
		buf_adds(b, "<br/>&#8594; ");
		html_foreign(b, f->way);
	}
	buf_adds(b, "</td>");
	html_row_end(b);
}

static void
add_quota(struct buf *b, const char *which, const struct side *s)
{
	const struct quota *q;
	size_t i;

	for (i = 0; i < s->quotas; i++) {
		q = &s->quota[i];
		html_row(b);
		html_cell(b, which);
		html_cell(b, q->root);
		html_cell(b, q->resource);
		if (strcmp(q->resource, "STORAGE") == 0) {
			html_cell_bytes(b, q->usage);
			html_cell_bytes(b, q->limit);
		} else {
			html_cell_number(b, q->usage);
			html_cell_number(b, q->limit);
		}
		html_row_end(b);
	}
}

static void
add_quotas(struct buf *b, const struct survey *s)
{
	COLUMNS(columns, "side", "root", "resource", "#used", "#limit");

	if (s->source.quotas + s->target.quotas == 0)
		return;
	html_table(b, "Quota", columns);
	add_quota(b, "source", &s->source);
	add_quota(b, "target", &s->target);
	html_table_end(b);
}

static void
add_task(struct buf *b, const struct outlook *o, size_t columns)
{
	size_t k;

	html_row(b);
	html_cell(b, task_name(o->task));
	for (k = 0; k < columns; k++) {
		buf_adds(b, "<td class=\"n\">");
		if (k < o->n)
			words_time(b,
			    o->v[k].usual_ms >= 0 ? o->v[k].usual_ms :
						    o->v[k].ms);
		buf_adds(b, "</td>");
	}
	buf_adds(b, o->guessed ? "<td>guessed: " : "<td>");
	html_text(b, o->basis);
	if (o->runs > 0)
		buf_addf(b,
		    "%s%u earlier run%s took %.2f times what was foreseen",
		    o->basis[0] == '\0' ? "" : "; ", o->runs,
		    o->runs == 1 ? "" : "s", o->ratio);
	buf_adds(b, "</td>");
	html_row_end(b);
}

/* All tasks are told for the same numbers of connections. */
static void
add_times(struct buf *b, const struct survey *s)
{
	const char *columns[ESTIMATES_MAX + 3] = { "task" };
	char head[ESTIMATES_MAX][16];
	const struct outlook *most = &s->outlook[0];
	size_t i, n = 1;

	for (i = 1; i < TASKS; i++)
		if (s->outlook[i].n > most->n)
			most = &s->outlook[i];
	if (most->n == 0)
		return;
	for (i = 0; i < most->n; i++) {
		(void)snprintf(head[i], sizeof(head[i]), "#-j %u",
		    most->v[i].connections);
		columns[n++] = head[i];
	}
	columns[n++] = "rests on";
	columns[n] = NULL;
	buf_adds(b, "<h2>How long it will take</h2>\n");
	html_table(b, NULL, columns);
	for (i = 0; i < TASKS; i++)
		if (s->outlook[i].n > 0)
			add_task(b, &s->outlook[i], most->n);
	html_table_end(b);
}

void
report_html_fit(struct buf *b, const struct telling *t)
{
	const struct fit *f = t->fit;
	size_t i;
	COLUMNS(columns, "level", "what", "#messages", "why, and the way out");

	buf_adds(b, "<h2>Will it fit?</h2>\n");
	if (f->n == 0)
		buf_adds(b, "<p>Nothing is known against it.</p>\n");
	else
		html_table(b, NULL, columns);
	for (i = 0; i < f->n && i < FINDINGS_MAX; i++) {
		if (i == 0 || f->v[i].kind != f->v[i - 1].kind)
			buf_addf(b,
			    "<tr class=\"group\"><th colspan=\"4\" "
			    "scope=\"rowgroup\">%s</th></tr>\n",
			    fit_kind_title(f->v[i].kind));
		add_finding(b, &f->v[i]);
	}
	if (f->n > 0)
		html_table_end(b);
	if (f->n > FINDINGS_MAX)
		buf_addf(b, "<p>And %zu more: --format tsv has all.</p>\n",
		    f->n - FINDINGS_MAX);
	if (f->rules.n > 0) {
		buf_adds(b,
		    "<h3>What to give mrestore, so that all folders "
		    "fit</h3>\n<pre>");
		for (i = 0; i < f->n; i++)
			if (f->v[i].kind == FIT_FOLDER &&
			    f->v[i].level == FIT_PROBLEM &&
			    (i == 0 ||
				strcmp(f->v[i].way, f->v[i - 1].way) != 0)) {
				html_text(b, f->v[i].way);
				buf_addc(b, '\n');
			}
		buf_adds(b, "</pre>\n");
	}
	add_quotas(b, t->s);
	add_times(b, t->s);
}

static void
add_folders(struct buf *b, const struct survey *s)
{
	const struct box *x;
	size_t i;
	COLUMNS(columns, "folder", "#messages", "#octets", "#parts attached",
	    "#octets attached", "use");

	html_table(b, "Folders", columns);
	for (i = 0; i < s->boxes; i++) {
		x = &s->box[i];
		html_row(b);
		html_cell(b, x->folder.name);
		html_cell_number(b, box_messages(s, x));
		html_cell_bytes(b, x->sums.bytes);
		html_cell_number(b, x->sums.attachments);
		html_cell_bytes(b, x->sums.attachment_bytes);
		html_cell(b,
		    x->failed          ? "not read to its end" :
			!x->selectable ? "holds no mail" :
					 x->folder.special);
		html_row_end(b);
	}
	html_table_end(b);
}

static void
add_message(struct buf *b, const struct survey *s, const struct example *e,
    const char *what)
{
	struct buf text = BUF_INIT;

	html_row(b);
	if (what != NULL)
		html_cell(b, what);
	html_cell_bytes(b, e->size);
	words_day(&text, &e->date);
	html_cell(b, buf_str(&text));
	buf_clear(&text);
	buf_addf(&text, "%s/%" PRIu32, s->box[e->box].folder.name, e->uid);
	html_cell(b, buf_str(&text));
	html_cell(b, e->subject);
	html_row_end(b);
	buf_release(&text);
}

static void
add_messages(struct buf *b, const struct survey *s)
{
	size_t i, k, n = 0;
	COLUMNS(largest, "#size", "date", "folder/UID", "subject");
	COLUMNS(ugly, "kind", "#size", "date", "folder/UID", "subject");

	html_table(b, "The largest messages", largest);
	for (i = 0; i < s->largests && i < LARGEST_SHOWN; i++)
		add_message(b, s, &s->largest[i], NULL);
	html_table_end(b);
	for (i = 0; i < UGLY_KINDS; i++)
		n += s->ugly[i].n;
	if (n == 0)
		return;
	html_table(b, "Examples of what may trouble", ugly);
	for (i = 0; i < UGLY_KINDS; i++)
		for (k = 0; k < s->ugly[i].n; k++)
			add_message(b, s, &s->ugly[i].v[k],
			    ugly_phrase((enum ugly)i));
	html_table_end(b);
}

static void
add_ugly(struct buf *b, const struct survey *s)
{
	const struct sums *all = &s->total;
	size_t i;
	COLUMNS(columns, "messages", "#number", "#octets", "#looked at");

	html_table(b, "Mail that may trouble", columns);
	for (i = 0; i < UGLY_KINDS; i++) {
		if (all->ugly[i].messages == 0)
			continue;
		html_row(b);
		html_cell(b, ugly_phrase((enum ugly)i));
		html_cell_number(b, all->ugly[i].messages);
		html_cell_bytes(b, all->ugly[i].bytes);
		html_cell_number(b,
		    i < UGLY_OF_BODIES ? all->messages : all->sample.messages);
		html_row_end(b);
	}
	html_table_end(b);
}

static void
add_types_and_flags(struct buf *b, const struct sums *all)
{
	struct buf name = BUF_INIT;
	size_t i;
	COLUMNS(type, "type", "#parts", "#octets");
	COLUMNS(flag, "flag or keyword", "#messages");

	html_table(b, "Attachments", type);
	for (i = 0; i < all->types && i < TYPES_SHOWN; i++) {
		html_row(b);
		html_cell(b, all->type[i].type);
		html_cell_number(b, all->type[i].parts);
		html_cell_bytes(b, all->type[i].bytes);
		html_row_end(b);
	}
	html_table_end(b);
	html_table(b, "Flags and keywords", flag);
	for (i = 0; i < sizeof(all->flag) / sizeof(all->flag[0]); i++) {
		buf_clear(&name);
		flags_format(&name, 1U << i);
		html_row(b);
		html_cell(b, buf_str(&name));
		html_cell_number(b, all->flag[i]);
		html_row_end(b);
	}
	for (i = 0; i < all->keywords; i++) {
		html_row(b);
		html_cell(b, all->keyword[i].name);
		html_cell_number(b, all->keyword[i].messages);
		html_row_end(b);
	}
	html_table_end(b);
	buf_release(&name);
}

static void
add_quirk(struct buf *b, const struct quirk *q)
{
	struct strs lines;
	size_t i;

	quirk_tell(q, &lines);
	buf_adds(b, "<p>Known of ");
	html_text(b, q->name);
	buf_adds(b, ":</p>\n");
	for (i = 0; i < lines.n; i++) {
		buf_adds(b, i == 0 ? "<ul>\n<li>" : "<li>");
		html_foreign(b, lines.v[i]);
		buf_adds(b, "</li>\n");
	}
	if (lines.n > 0)
		buf_adds(b, "</ul>\n");
	strs_release(&lines);
}

static void
add_server(struct buf *b, const char *label, const struct side *s,
    const struct quirk *q)
{
	size_t i;

	if (s->kind == NULL)
		return;
	buf_addf(b, "<h3>The %s</h3>\n", label);
	if (q != NULL)
		add_quirk(b, q);
	if (s->capability.n > 0) {
		buf_adds(b, "<p class=\"soft\">Capabilities:");
		for (i = 0; i < s->capability.n; i++) {
			buf_addc(b, ' ');
			html_text(b, s->capability.v[i]);
		}
		buf_adds(b, "</p>\n");
	}
}

void
report_html_tables(struct buf *b, const struct telling *t)
{
	buf_adds(b, "<h2>In numbers</h2>\n");
	add_folders(b, t->s);
	if (t->s->depth != DEPTH_NONE) {
		add_ugly(b, t->s);
		add_messages(b, t->s);
		add_types_and_flags(b, &t->s->total);
	}
	buf_adds(b, "<h2>The servers</h2>\n");
	add_server(b, "source", &t->s->source, t->source);
	add_server(b, "target", &t->s->target, t->target);
}
