#include "totals.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

static const char head[] =
    "#mailproof\t1\ttotals\n"
    "#totals\tmessages\tbytes\tfolders\tverdict\tproblems\twarnings\t"
    "refused\tbackup_ms\trestore_ms\taudit_ms\tbodies_read\tsource\ttarget\t"
    "worst\n";

enum {
	C_TABLE,
	C_MESSAGES,
	C_BYTES,
	C_FOLDERS,
	C_VERDICT,
	C_PROBLEMS,
	C_WARNINGS,
	C_REFUSED,
	C_MS,
	C_BODIES = C_MS + TASKS,
	C_SOURCE,
	C_TARGET,
	C_WORST,
	COLUMNS,
};

/* Words of a column, where the report's own have blanks. */
static const char *const verdicts[] = { "unknown", "fits", "warnings", "not" };

void
totals_of(const struct telling *t, unsigned connections, struct totals *r)
{
	const struct survey *s = t->s;
	const struct finding *f;
	struct buf worst = BUF_INIT;
	size_t i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < s->boxes; i++)
		r->messages += box_messages(s, &s->box[i]);
	r->bytes = s->total.bytes;
	r->folders = s->boxes;
	r->verdict = t->fit->verdict;
	r->problems = t->fit->count[FIT_PROBLEM];
	r->warnings = t->fit->count[FIT_WARNING];
	r->bodies_read = s->total.sample.messages;
	for (i = 0; i < t->fit->n; i++) {
		f = &t->fit->v[i];
		if (f->level != FIT_PROBLEM)
			continue;
		if (f->kind == FIT_TOO_BIG || f->kind == FIT_REFUSED)
			r->refused += f->messages;
		if (worst.len == 0)
			buf_addf(&worst, "%s%s%s", f->name,
			    f->name[0] == '\0' ? "" : ": ", f->why);
	}
	for (i = 0; i < TASKS; i++)
		r->ms[i] = report_time(s, (enum task)i, connections);
	r->worst = buf_steal(&worst);
	r->source =
	    xstrdup(s->source.location == NULL ? "" : s->source.location);
	r->target =
	    xstrdup(s->target.kind == NULL || s->target.location == NULL ?
		    "" :
		    s->target.location);
}

static void
add_text(struct buf *b, const char *text)
{
	buf_addc(b, '\t');
	text_percent(b, text, strlen(text));
}

void
totals_write(const struct totals *t, struct buf *b)
{
	size_t i;

	buf_adds(b, head);
	buf_addf(b,
	    "totals\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\t%" PRIu64
	    "\t%" PRIu64 "\t%" PRIu64,
	    t->messages, t->bytes, t->folders, verdicts[t->verdict],
	    t->problems, t->warnings, t->refused);
	for (i = 0; i < TASKS; i++)
		buf_addf(b, "\t%" PRId64, t->ms[i]);
	buf_addf(b, "\t%" PRIu64, t->bodies_read);
	add_text(b, t->source);
	add_text(b, t->target);
	add_text(b, t->worst);
	buf_addc(b, '\n');
}

static bool
read_numbers(char **field, struct totals *r)
{
	const struct {
		size_t column;
		uint64_t *to;
	} rows[] = {
		{ C_MESSAGES, &r->messages },
		{ C_BYTES, &r->bytes },
		{ C_FOLDERS, &r->folders },
		{ C_PROBLEMS, &r->problems },
		{ C_WARNINGS, &r->warnings },
		{ C_REFUSED, &r->refused },
		{ C_BODIES, &r->bodies_read },
	};
	const char *s;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = field[rows[i].column];
		if (!num_u64(s, strlen(s), INT64_MAX, rows[i].to))
			return false;
	}
	for (i = 0; i < TASKS; i++)
		if (!num_i64(field[C_MS + i], strlen(field[C_MS + i]),
			&r->ms[i]) ||
		    r->ms[i] < -1)
			return false;
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(verdicts[i], field[C_VERDICT]) == 0) {
			r->verdict = (enum fit_verdict)i;
			return true;
		}
	return false;
}

static bool
read_text(const char *field, char **to)
{
	struct buf b = BUF_INIT;
	const bool good = text_unpercent(&b, field, strlen(field));

	*to = buf_steal(&b);
	return good;
}

static bool
read_line(char *line, struct totals *r)
{
	char *field[COLUMNS];

	return text_fields(line, field, COLUMNS) == COLUMNS &&
	    strcmp(field[C_TABLE], "totals") == 0 && read_numbers(field, r) &&
	    read_text(field[C_SOURCE], &r->source) &&
	    read_text(field[C_TARGET], &r->target) &&
	    read_text(field[C_WORST], &r->worst);
}

enum rc
totals_read(const struct buf *text, struct totals *r, struct fault *f)
{
	const size_t n = strlen(head);
	struct buf copy = BUF_INIT;
	bool good = false;
	char *line, *end;

	memset(r, 0, sizeof(*r));
	buf_add(&copy, text->data, text->len);
	line = buf_str(&copy);
	if (copy.len > n && memcmp(line, head, n) == 0) {
		line += n;
		end = memchr(line, '\n', copy.len - n);
		if (end != NULL &&
		    memchr(line, '\0', (size_t)(end - line)) == NULL) {
			*end = '\0';
			good = read_line(line, r);
		}
	}
	buf_release(&copy);
	if (good)
		return RC_OK;
	totals_release(r);
	return fault_set(f, RC_STORE, CAUSE_DATA, "holds no totals");
}

void
totals_release(struct totals *t)
{
	free(t->source);
	free(t->target);
	free(t->worst);
	memset(t, 0, sizeof(*t));
}
