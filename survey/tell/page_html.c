/* The page of a whole company, for a browser. */
#include <inttypes.h>
#include <string.h>

#include "html.h"
#include "page.h"
#include "plot.h"
#include "util/text.h"
#include "words.h"

enum { ACCOUNTS_SHOWN = 20 };

static void
card(struct buf *b, const char *label, const char *value, const char *small)
{
	buf_adds(b, "<div class=\"card\"><dt>");
	html_text(b, label);
	buf_adds(b, "</dt><dd>");
	html_text(b, value);
	buf_adds(b, "<small>");
	html_text(b, small);
	buf_adds(b, "</small></dd></div>\n");
}

static void
add_cards(const struct page *p, struct buf *b)
{
	struct buf v = BUF_INIT, small = BUF_INIT;
	size_t i;

	buf_adds(b, "<dl class=\"cards\">\n");
	words_number(&v, p->n);
	buf_addf(&small, "%zu not surveyed", p->unknown);
	card(b, "accounts", buf_str(&v), buf_str(&small));
	buf_clear(&v);
	buf_clear(&small);
	words_number(&v, p->messages);
	words_number(&small, p->folders);
	buf_adds(&small, " folders");
	card(b, "messages", buf_str(&v), buf_str(&small));
	buf_clear(&v);
	text_bytes(&v, p->bytes);
	card(b, "octets", buf_str(&v), "");
	for (i = 0; i < TASKS; i++) {
		buf_clear(&v);
		buf_clear(&small);
		words_time(&v, p->ms[i]);
		buf_addf(&small, "with -P %u, of %zu accounts", p->at_once,
		    p->timed[i]);
		card(b, task_name((enum task)i), buf_str(&v), buf_str(&small));
	}
	buf_adds(b, "</dl>\n");
	buf_release(&small);
	buf_release(&v);
}

static void
add_verdict(const struct page *p, struct buf *b)
{
	const bool bad = p->verdict[FIT_NOT] + p->unknown > 0;
	const size_t fit = p->verdict[FIT_WELL] + p->verdict[FIT_CHANGES];
	const char *class = bad          ? "not" :
	    p->verdict[FIT_CHANGES] > 0  ? "warnings" :
	    p->verdict[FIT_WELL] == p->n ? "fits" :
					   "unknown";

	buf_addf(b, "<div class=\"verdict %s\"><b>", class);
	if (fit + p->verdict[FIT_NOT] == 0)
		buf_adds(b, "no target was looked at");
	else
		buf_addf(b, "%zu of %zu fit", fit, p->n);
	buf_addf(b,
	    "</b><span>%zu with warnings, %zu do not fit, %zu without a "
	    "target, %zu not surveyed</span></div>\n",
	    p->verdict[FIT_CHANGES], p->verdict[FIT_NOT],
	    p->verdict[FIT_UNKNOWN], p->unknown);
}

/* The link is to a file beside this one. */
static void
add_name(const struct page_row *w, struct buf *b)
{
	const char *file = strrchr(w->account->made, '/');

	buf_adds(b, "<td>");
	if (w->known && file != NULL) {
		buf_adds(b, "<a href=\"./");
		for (file++; *file != '\0'; file++)
			if (strchr("-._@+", *file) != NULL ||
			    (*file >= '0' && *file <= '9') ||
			    (*file >= 'a' && *file <= 'z') ||
			    (*file >= 'A' && *file <= 'Z'))
				buf_addc(b, *file);
			else
				buf_addf(b, "%%%02X", (unsigned char)*file);
		buf_adds(b, "\">");
	}
	html_foreign(b, w->account->name);
	buf_adds(b, w->known ? "</a></td>" : "</td>");
}

static void
add_row(const struct page_row *w, struct buf *b)
{
	static const char *const class[] = { "", "", "warning", "problem" };
	const struct totals *t = &w->totals;

	html_row(b);
	add_name(w, b);
	if (!w->known) {
		buf_adds(b,
		    "<td class=\"n\"></td><td class=\"n\"></td>"
		    "<td class=\"problem\">not surveyed</td>"
		    "<td class=\"n\"></td>");
		html_cell(b,
		    w->account->reason != NULL ? w->account->reason :
						 w->account->words);
		html_row_end(b);
		return;
	}
	html_cell_number(b, t->messages);
	html_cell_bytes(b, t->bytes);
	buf_addf(b, "<td class=\"%s\">%s</td><td class=\"n\">",
	    class[t->verdict], fit_verdict_word(t->verdict));
	words_time(b, t->ms[TASK_BACKUP]);
	buf_adds(b, "</td><td>");
	html_foreign(b, t->worst);
	if (t->problems > 1)
		buf_addf(b, " <small>and %" PRIu64 " more</small>",
		    t->problems - 1);
	buf_adds(b, "</td>");
	html_row_end(b);
}

void
page_html(const struct page *p, struct buf *b)
{
	static const char *const columns[] = { "account", "#messages",
		"#octets", "verdict", "#backup", "why", NULL };
	struct plot plot = { .id = "accounts",
		.title = "Octets by account",
		.octets = true,
		.beside_noun = "messages" };
	size_t i;

	html_begin(b, "Survey of all accounts");
	add_verdict(p, b);
	add_cards(p, b);
	for (i = 0; i < p->n; i++)
		if (p->row[i].known)
			plot_add(&plot, p->row[i].account->name,
			    p->row[i].totals.bytes, p->row[i].totals.messages);
	if (plot.n > 0)
		plot_bars(b, &plot, ACCOUNTS_SHOWN);
	plot_release(&plot);
	html_table(b, "Accounts", columns);
	for (i = 0; i < p->n; i++)
		add_row(&p->row[i], b);
	html_table_end(b);
	html_end(b);
}
