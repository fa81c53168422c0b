#include "rows.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "util/text.h"

void
rows_begin(struct rows *r, bool json, const char *what, struct buf *out)
{
	memset(r, 0, sizeof(*r));
	r->json = json;
	r->out = out;
	if (json)
		buf_addf(out, "{\n\"mailproof\": 1,\n\"report\": \"%s\"", what);
	else
		buf_addf(out, "#mailproof\t1\t%s\n", what);
}

static void
end_table(struct rows *r)
{
	if (r->json && r->tables > 0)
		buf_adds(r->out, r->n > 0 ? "\n]" : "]");
}

void
rows_end(struct rows *r)
{
	end_table(r);
	if (r->json)
		buf_adds(r->out, "\n}\n");
}

void
rows_table(struct rows *r, const char *name, const char *const *columns)
{
	end_table(r);
	r->table = name;
	r->column = columns;
	r->tables++;
	r->n = r->at = 0;
	if (r->json) {
		buf_addf(r->out, ",\n\"%s\": [", name);
		return;
	}
	buf_addf(r->out, "#%s", name);
	for (; *columns != NULL; columns++)
		buf_addf(r->out, "\t%s", *columns);
	buf_addc(r->out, '\n');
}

/* What comes before a value. */
static void
lead(struct rows *r)
{
	assert(r->column[r->at] != NULL);
	if (!r->json) {
		if (r->at == 0)
			buf_adds(r->out, r->table);
		buf_addc(r->out, '\t');
	} else {
		if (r->at == 0)
			buf_adds(r->out, r->n > 0 ? ",\n{" : "\n{");
		else
			buf_adds(r->out, ", ");
		buf_addf(r->out, "\"%s\": ", r->column[r->at]);
	}
	r->at++;
}

void
rows_text(struct rows *r, const char *text)
{
	lead(r);
	if (text == NULL)
		buf_adds(r->out, r->json ? "null" : "");
	else if (r->json)
		text_json(r->out, text, strlen(text));
	else
		text_percent(r->out, text, strlen(text));
}

void
rows_number(struct rows *r, uint64_t n)
{
	lead(r);
	buf_addf(r->out, "%" PRIu64, n);
}

void
rows_signed(struct rows *r, int64_t n)
{
	lead(r);
	buf_addf(r->out, "%" PRId64, n);
}

void
rows_flag(struct rows *r, bool is)
{
	lead(r);
	if (r->json)
		buf_adds(r->out, is ? "true" : "false");
	else
		buf_adds(r->out, is ? "1" : "0");
}

/* The decimal point is a point in any locale: programs set none. */
void
rows_ratio(struct rows *r, double x)
{
	lead(r);
	buf_addf(r->out, "%.3f", x);
}

void
rows_done(struct rows *r)
{
	assert(r->column[r->at] == NULL);
	buf_adds(r->out, r->json ? "}" : "\n");
	r->at = 0;
	r->n++;
}
