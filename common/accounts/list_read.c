#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "accounts/list_priv.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/text.h"

enum {
	LINE_MAX_OCTETS = 64 * 1024,
	SHOWN_MAX = 40, /* octets of a bad column's name */
	COLUMNS_MAX = 64,
};

static const char *const column_words[] = {
	[COLUMN_NAME] = "name",
	[COLUMN_SOURCE] = "source",
	[COLUMN_SOURCE_SECRET] = "source_secret",
	[COLUMN_TARGET] = "target",
	[COLUMN_TARGET_SECRET] = "target_secret",
	[COLUMN_ADDRESS] = "address",
	[COLUMN_SUBMIT] = "submit",
	[COLUMN_SUBMIT_SECRET] = "submit_secret",
};

/* How the lines are cut, known from the first one that says anything. */
struct reading {
	struct account_list *list;
	bool begun;
	bool useless; /* the header is wrong: its lines cannot be told */
	bool imapsync;
	char delimiter; /* TAB: no quotes */
	enum column column[COLUMNS_MAX];
	size_t columns;
};

struct line {
	size_t number;
	const unsigned char *p;
	size_t n;
};

static void
bad(struct reading *r, const struct line *line, const char *text)
{
	account_list_fault(r->list, line->number, CAUSE_CONFIG, "%s", text);
}

static void
cut_tabs(const struct line *line, struct strs *fields)
{
	const unsigned char *p = line->p, *end = p + line->n, *tab;

	while ((tab = memchr(p, '\t', (size_t)(end - p))) != NULL) {
		strs_addn(fields, (const char *)p, (size_t)(tab - p));
		p = tab + 1;
	}
	strs_addn(fields, (const char *)p, (size_t)(end - p));
}

static bool
cut(const struct line *line, char delimiter, struct strs *fields)
{
	if (delimiter != '\t')
		return account_csv_fields(line->p, line->n, delimiter, fields);
	cut_tabs(line, fields);
	return true;
}

/* COLUMNS when there is none of that name. */
static enum column
column_of(const char *word)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		if (strcasecmp(word, column_words[i]) == 0)
			break;
	return (enum column)i;
}

/* A header is a line that names one column of ours at least. */
static bool
is_header(const struct line *line, char delimiter)
{
	struct strs fields = STRS_INIT;
	bool known = false;
	size_t i;

	(void)cut(line, delimiter, &fields);
	for (i = 0; i < fields.n; i++)
		known = known || column_of(fields.v[i]) < COLUMNS;
	strs_release(&fields);
	return known;
}

static void
take_column(struct reading *r, const struct line *line, const char *word)
{
	enum column c = column_of(word);
	struct buf shown = BUF_INIT;
	size_t i;

	text_visible(&shown, word, strlen(word), SHOWN_MAX);
	if (c == COLUMNS) {
		account_list_fault(r->list, line->number, CAUSE_CONFIG,
		    "unknown column '%s': there are name, source, "
		    "source_secret, target, target_secret, address, submit "
		    "and submit_secret",
		    buf_str(&shown));
		r->useless = true;
	}
	for (i = 0; i < r->columns && c < COLUMNS; i++) {
		if (r->column[i] != c)
			continue;
		account_list_fault(r->list, line->number, CAUSE_CONFIG,
		    "column '%s' stands there twice", buf_str(&shown));
		r->useless = true;
	}
	r->column[r->columns++] = c;
	if (c == COLUMN_SOURCE)
		r->list->has[ACCOUNT_SOURCE] = true;
	if (c == COLUMN_TARGET)
		r->list->has[ACCOUNT_TARGET] = true;
	if (c == COLUMN_SUBMIT)
		r->list->has[ACCOUNT_SUBMIT] = true;
	buf_release(&shown);
}

static void
read_header(struct reading *r, const struct line *line)
{
	struct strs fields = STRS_INIT;
	size_t i;

	if (!cut(line, r->delimiter, &fields) || fields.n > COLUMNS_MAX) {
		bad(r, line,
		    fields.n > COLUMNS_MAX ? "too many columns" :
					     "bad quote in the header");
		r->useless = true;
	} else {
		for (i = 0; i < fields.n; i++)
			take_column(r, line, fields.v[i]);
		if (!r->list->has[ACCOUNT_SOURCE] &&
		    !r->list->has[ACCOUNT_TARGET] &&
		    !r->list->has[ACCOUNT_SUBMIT]) {
			bad(r, line,
			    "neither a source nor a target nor a submit "
			    "column");
			r->useless = true;
		}
	}
	strs_release(&fields);
}

/* Whatever separates the first line decides for all. */
static void
begin(struct reading *r, const struct line *line, size_t octets)
{
	static const char delimiters[] = "\t,;";
	const char *d;

	r->begun = true;
	for (d = delimiters; *d != '\0'; d++) {
		if (!is_header(line, *d))
			continue;
		r->delimiter = *d;
		read_header(r, line);
		return;
	}
	r->imapsync = account_imapsync_is(line->p, line->n);
	if (r->imapsync) {
		r->list->vault = sodium_malloc(octets + 1);
		if (r->list->vault == NULL)
			r->useless = true;
		r->list->has[ACCOUNT_SOURCE] = r->list->has[ACCOUNT_TARGET] =
		    true;
	} else {
		r->useless = true;
	}
	if (r->useless)
		bad(r, line,
		    r->imapsync ? "no memory to keep passwords in" :
				  "no header that names columns (name, source, "
				  "source_secret, target, target_secret)");
}

static void
read_row(struct reading *r, const struct line *line)
{
	struct strs fields = STRS_INIT;
	struct account *a;
	size_t i, full = 0;

	if (!cut(line, r->delimiter, &fields)) {
		bad(r, line,
		    "bad quote: a field in quotes ends on its line, and a "
		    "quote in it is written twice");
		goto out;
	}
	for (i = 0; i < fields.n; i++)
		full += *fields.v[i] != '\0';
	/* What a spreadsheet leaves behind. */
	if (full == 0)
		goto out;
	if (fields.n != r->columns) {
		account_list_fault(r->list, line->number, CAUSE_CONFIG,
		    "%zu columns where the header names %zu", fields.n,
		    r->columns);
		goto out;
	}
	a = account_list_add(r->list, line->number);
	for (i = 0; i < fields.n; i++)
		account_fill(r->list, a, r->column[i], fields.v[i]);
	account_name_by_user(a);
out:
	strs_release(&fields);
}

/* Nothing can mean a control byte; passwords of imapsync's lines may be in
 * any encoding. */
static bool
check_octets(struct reading *r, const struct line *line)
{
	bool passwords = r->imapsync ||
	    (!r->begun && account_imapsync_is(line->p, line->n) &&
		!is_header(line, ';'));
	size_t i;

	if (line->n > LINE_MAX_OCTETS) {
		bad(r, line, "longer than 65536 octets");
		return false;
	}
	for (i = 0; i < line->n; i++) {
		if ((line->p[i] >= 0x20 || line->p[i] == '\t') &&
		    line->p[i] != 0x7f)
			continue;
		bad(r, line, "control byte");
		return false;
	}
	if (!passwords && !text_is_utf8(line->p, line->n)) {
		bad(r, line, "not UTF-8");
		return false;
	}
	return true;
}

static void
read_line(struct reading *r, struct line *line, size_t octets)
{
	size_t blanks = 0;

	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	while (blanks < line->n &&
	    (line->p[blanks] == ' ' || line->p[blanks] == '\t'))
		blanks++;
	if (blanks == line->n || line->p[0] == '#')
		return;
	if (!check_octets(r, line))
		return;
	if (!r->begun)
		begin(r, line, octets);
	else if (r->useless)
		return;
	else if (!r->imapsync)
		read_row(r, line);
	if (!r->imapsync || r->useless)
		return;
	account_imapsync_line(r->list, line->number, line->p, line->n);
	if (r->list->n > 0)
		account_name_by_user(&r->list->v[r->list->n - 1]);
}

/* Octets of a byte order mark; a list in UTF-16 is refused as a whole. */
static bool
pass_mark(struct account_list *l, const struct buf *text, size_t *at_r)
{
	const unsigned char *p = text->data;

	*at_r = 0;
	if (text->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		*at_r = 3;
	if (text->len < 2 ||
	    (memcmp(p, "\xff\xfe", 2) != 0 && memcmp(p, "\xfe\xff", 2) != 0))
		return true;
	account_list_fault(l, 0, CAUSE_CONFIG, "is UTF-16: save it as UTF-8");
	return false;
}

void
account_list_parse(struct account_list *l, const struct buf *text)
{
	struct reading r = { .list = l, .delimiter = '\t' };
	struct line line = { .number = 0 };
	const unsigned char *p, *end, *to;
	size_t at;

	if (!pass_mark(l, text, &at))
		return;
	p = text->len == 0 ? NULL : text->data + at;
	end = text->len == 0 ? NULL : text->data + text->len;
	while (p != end) {
		to = memchr(p, '\n', (size_t)(end - p));
		line.number++;
		line.p = p;
		line.n = (size_t)((to == NULL ? end : to) - p);
		p = to == NULL ? end : to + 1;
		read_line(&r, &line, text->len);
	}
	if (l->n == 0 && l->faults == 0)
		account_list_fault(l, 0, CAUSE_CONFIG, "names no account");
}
