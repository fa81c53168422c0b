#include "stores/archive/parser.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stores/archive/format.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

enum { COLUMNS_MAX = 20, RULES_MAX = 16, SHOWN_MAX = 40 };

struct parser {
	const char *kind;
	const struct rule *rules;
	size_t n;
	void *into;
	uint64_t lines; /* read */
	unsigned rank;  /* of the last line */
	uint32_t seen;  /* bit per rule */
	bool ended;
};

struct parser *
parser_new(const char *kind, const struct rule *rules, size_t n, void *into)
{
	struct parser *p;

	assert(n <= RULES_MAX);
	p = xcalloc(1, sizeof(*p));
	p->kind = kind;
	p->rules = rules;
	p->n = n;
	p->into = into;
	return p;
}

void
parser_free(struct parser *p)
{
	free(p);
}

static enum rc
bad(const struct parser *p, const char *why, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_DATA, "line %llu: %s",
	    (unsigned long long)p->lines, why);
}

static enum rc
first_line(const struct parser *p, char **column, size_t n, struct fault *f)
{
	uint64_t version;

	if (n < 2 || strcmp(column[0], "#mailproof") != 0 ||
	    !num_u64(column[1], strlen(column[1]), UINT32_MAX, &version))
		return bad(p, "this is no manifest", f);
	if (version != FORMAT_VERSION)
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "archive format version %llu: a newer mailproof is needed",
		    (unsigned long long)version);
	if (n != 3 || strcmp(column[2], p->kind) != 0)
		return bad(p, "a manifest of another kind", f);
	return RC_OK;
}

static enum rc
unknown(const struct parser *p, const char *name, struct fault *f)
{
	struct buf shown = BUF_INIT;
	enum rc rc;

	text_visible(&shown, name, strlen(name), SHOWN_MAX);
	rc =
	    fault_set(f, RC_STORE, CAUSE_DATA, "line %llu: unknown record '%s'",
		(unsigned long long)p->lines, buf_str(&shown));
	buf_release(&shown);
	return rc;
}

static enum rc
take(struct parser *p, size_t i, char **column, size_t n, struct fault *f)
{
	const struct rule *rule = &p->rules[i];
	const uint32_t bit = (uint32_t)1 << i;

	if (rule->rank < p->rank || (rule->once && (p->seen & bit) != 0))
		return bad(p, "a record out of place", f);
	if (n != rule->columns + 1)
		return bad(p, "wrong number of columns", f);
	if (!rule->take(p->into, column + 1))
		return fault_set(f, RC_STORE, CAUSE_DATA,
		    "line %llu: a '%s' record with a bad value",
		    (unsigned long long)p->lines, rule->name);
	p->rank = rule->rank;
	p->seen |= bit;
	return RC_OK;
}

static enum rc
end_line(struct parser *p, size_t columns, struct fault *f)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->rules[i].once && (p->seen >> i & 1) == 0)
			return fault_set(f, RC_STORE, CAUSE_DATA,
			    "there is no '%s' record", p->rules[i].name);
	p->ended = true;
	return columns == 1 ? RC_OK : bad(p, "wrong number of columns", f);
}

enum rc
parser_line(struct parser *p, char *line, size_t n, struct fault *f)
{
	char *column[COLUMNS_MAX + 1];
	size_t i, columns;

	p->lines++;
	if (p->ended)
		return bad(p, "something behind the end", f);
	if (memchr(line, '\0', n) != NULL)
		return bad(p, "a NUL", f);
	line[n] = '\0';
	columns = text_fields(line, column, COLUMNS_MAX);
	if (columns > COLUMNS_MAX)
		return bad(p, "wrong number of columns", f);
	if (p->lines == 1)
		return first_line(p, column, columns, f);
	if (strcmp(column[0], "end") == 0)
		return end_line(p, columns, f);
	for (i = 0; i < p->n; i++)
		if (strcmp(column[0], p->rules[i].name) == 0)
			return take(p, i, column, columns, f);
	return unknown(p, column[0], f);
}

enum rc
parser_end(const struct parser *p, struct fault *f)
{
	if (p->ended)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_DATA, "it has no end");
}

enum rc
parser_text(struct parser *p, char *text, size_t n, struct fault *f)
{
	char *end;
	enum rc rc;

	while (n > 0) {
		end = memchr(text, '\n', n);
		if (end == NULL)
			return fault_set(f, RC_STORE, CAUSE_DATA,
			    "its last line has no end");
		rc = parser_line(p, text, (size_t)(end - text), f);
		if (rc != RC_OK)
			return rc;
		n -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	return parser_end(p, f);
}
