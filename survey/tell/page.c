#include "page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"
#include "words.h"

enum { OUTPUT_MAX = 1 << 20, SIDES_MAX = 1024 };

static void
load_row(struct page_row *r, const struct fleet_account *a)
{
	struct fault ignored;
	struct buf text = BUF_INIT;

	r->account = a;
	r->known = a->status != -1 &&
	    file_slurp(a->output, OUTPUT_MAX, &text, &ignored) == RC_OK &&
	    totals_read(&text, &r->totals, &ignored) == RC_OK;
	buf_release(&text);
}

int64_t
page_side_by_side(const int64_t *ms, size_t n, unsigned at_once)
{
	int64_t *busy = xcalloc(at_once, sizeof(*busy)), all = 0;
	unsigned i, next;
	size_t k;

	for (k = 0; k < n; k++) {
		if (ms[k] < 0)
			continue;
		for (i = next = 0; i < at_once; i++)
			if (busy[i] < busy[next])
				next = i;
		busy[next] += ms[k];
		if (busy[next] > all)
			all = busy[next];
	}
	free(busy);
	return all;
}

static void
add_times(struct page *p)
{
	int64_t *ms = xcalloc(p->n + 1, sizeof(*ms));
	size_t i, k;

	for (i = 0; i < TASKS; i++) {
		for (k = 0; k < p->n; k++) {
			ms[k] = p->row[k].known ? p->row[k].totals.ms[i] : -1;
			p->timed[i] += ms[k] >= 0;
		}
		p->ms[i] = p->timed[i] == 0 ?
		    -1 :
		    page_side_by_side(ms, p->n, p->at_once);
	}
	free(ms);
}

void
page_load(struct page *p, const struct fleet_account *v, size_t n,
    unsigned at_once)
{
	const struct totals *t;
	size_t i;

	memset(p, 0, sizeof(*p));
	p->row = xcalloc(n + 1, sizeof(*p->row));
	p->n = n;
	p->at_once = at_once == 0 || at_once > SIDES_MAX ? 1 : at_once;
	for (i = 0; i < n; i++) {
		load_row(&p->row[i], &v[i]);
		if (!p->row[i].known) {
			p->unknown++;
			continue;
		}
		t = &p->row[i].totals;
		p->messages += t->messages;
		p->bytes += t->bytes;
		p->folders += t->folders;
		p->refused += t->refused;
		p->verdict[t->verdict]++;
	}
	add_times(p);
}

void
page_release(struct page *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		totals_release(&p->row[i].totals);
	free(p->row);
	memset(p, 0, sizeof(*p));
}

static void
put_all(const struct page *p, struct rows *r)
{
	static const char *const columns[] = { "accounts", "not_surveyed",
		"messages", "bytes", "folders", "refused", "fit", "warnings",
		"not_fit", "without_target", "at_once", "backup_ms",
		"restore_ms", "audit_ms", NULL };
	size_t i;

	rows_table(r, "all", columns);
	rows_number(r, p->n);
	rows_number(r, p->unknown);
	rows_number(r, p->messages);
	rows_number(r, p->bytes);
	rows_number(r, p->folders);
	rows_number(r, p->refused);
	rows_number(r, p->verdict[FIT_WELL]);
	rows_number(r, p->verdict[FIT_CHANGES]);
	rows_number(r, p->verdict[FIT_NOT]);
	rows_number(r, p->verdict[FIT_UNKNOWN]);
	rows_number(r, p->at_once);
	for (i = 0; i < TASKS; i++)
		rows_signed(r, p->ms[i]);
	rows_done(r);
}

static void
put_row(const struct page_row *w, struct rows *r)
{
	const struct totals *t = &w->totals;
	size_t i;

	rows_text(r, w->account->name);
	rows_signed(r, w->account->status);
	rows_text(r, w->account->words);
	rows_text(r, w->account->reason);
	rows_flag(r, w->known);
	rows_number(r, t->messages);
	rows_number(r, t->bytes);
	rows_number(r, t->folders);
	rows_text(r, w->known ? fit_verdict_word(t->verdict) : NULL);
	rows_number(r, t->problems);
	rows_number(r, t->warnings);
	rows_number(r, t->refused);
	rows_text(r, t->worst);
	for (i = 0; i < TASKS; i++)
		rows_signed(r, w->known ? t->ms[i] : -1);
	rows_text(r, t->source);
	rows_text(r, t->target);
	rows_done(r);
}

static void
page_rows(const struct page *p, bool json, struct buf *out)
{
	static const char *const columns[] = { "name", "status", "words",
		"reason", "surveyed", "messages", "bytes", "folders", "verdict",
		"problems", "warnings", "refused", "worst", "backup_ms",
		"restore_ms", "audit_ms", "source", "target", NULL };
	struct rows r;
	size_t i;

	rows_begin(&r, json, "company", out);
	put_all(p, &r);
	rows_table(&r, "account", columns);
	for (i = 0; i < p->n; i++)
		put_row(&p->row[i], &r);
	rows_end(&r);
}

static void
add_row(const struct page_row *w, struct buf *b)
{
	struct buf n = BUF_INIT;

	if (!w->known) {
		buf_addf(b, "%10s %9s  ", "-", "-");
		words_text(b, w->account->name);
		buf_adds(b, ": NOT SURVEYED: ");
		words_text(b,
		    w->account->words == NULL ? "not run" : w->account->words);
		if (w->account->reason != NULL) {
			buf_adds(b, ": ");
			words_text(b, w->account->reason);
		}
		buf_addc(b, '\n');
		return;
	}
	words_number(&n, w->totals.messages);
	buf_addf(b, "%10s", buf_str(&n));
	buf_clear(&n);
	text_bytes(&n, w->totals.bytes);
	buf_addf(b, " %9s  ", buf_str(&n));
	words_text(b, w->account->name);
	buf_addf(b, ": %s", fit_verdict_word(w->totals.verdict));
	if (w->totals.worst[0] != '\0') {
		buf_adds(b, ": ");
		words_text(b, w->totals.worst);
		if (w->totals.problems > 1)
			buf_addf(b, " (and %" PRIu64 " more)",
			    w->totals.problems - 1);
	}
	buf_addc(b, '\n');
	buf_release(&n);
}

static void
page_text(const struct page *p, struct buf *b)
{
	size_t i;

	buf_addf(b, "accounts    %zu, %zu of them not surveyed\nmessages    ",
	    p->n, p->unknown);
	words_number(b, p->messages);
	buf_adds(b, ", ");
	text_bytes(b, p->bytes);
	buf_adds(b, ", in ");
	words_number(b, p->folders);
	buf_addf(b,
	    " folders\nfit         %zu; %zu with warnings; %zu do not; %zu "
	    "have no target that was looked at\n",
	    p->verdict[FIT_WELL], p->verdict[FIT_CHANGES], p->verdict[FIT_NOT],
	    p->verdict[FIT_UNKNOWN]);
	for (i = 0; i < TASKS; i++) {
		buf_addf(b, "%-12s", task_name((enum task)i));
		words_time(b, p->ms[i]);
		buf_addf(b, " with -P %u, of %zu accounts\n", p->at_once,
		    p->timed[i]);
	}
	buf_addf(b, "\n%10s %9s  account\n", "messages", "octets");
	for (i = 0; i < p->n; i++)
		add_row(&p->row[i], b);
}

void
page_report(const struct page *p, enum report_format f, struct buf *out)
{
	switch (f) {
	case REPORT_TEXT:
		page_text(p, out);
		break;
	case REPORT_TSV:
	case REPORT_JSON:
		page_rows(p, f == REPORT_JSON, out);
		break;
	case REPORT_HTML:
		page_html(p, out);
		break;
	case REPORT_FORMATS:
		break;
	}
}
