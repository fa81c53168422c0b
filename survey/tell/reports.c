#include "reports.h"

#include <string.h>

static const struct {
	const char *word;
	const char *suffix;
} formats[REPORT_FORMATS] = {
	[REPORT_TEXT] = { "text", "txt" },
	[REPORT_TSV] = { "tsv", "tsv" },
	[REPORT_JSON] = { "json", "json" },
	[REPORT_HTML] = { "html", "html" },
};

const char *
report_format_word(enum report_format f)
{
	return formats[f].word;
}

const char *
report_format_suffix(enum report_format f)
{
	return formats[f].suffix;
}

enum rc
report_format_parse(const char *word, enum report_format *r, struct fault *f)
{
	size_t i;

	for (i = 0; i < REPORT_FORMATS; i++)
		if (strcmp(word, formats[i].word) == 0) {
			*r = (enum report_format)i;
			return RC_OK;
		}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--format %s: give text, tsv, json or html", word);
}

void
report_mailbox(const struct telling *t, enum report_format f, struct buf *out)
{
	switch (f) {
	case REPORT_TEXT:
		report_text(t, out);
		break;
	case REPORT_TSV:
		report_rows(t, false, out);
		break;
	case REPORT_JSON:
		report_rows(t, true, out);
		break;
	case REPORT_HTML:
		report_html(t, out);
		break;
	case REPORT_FORMATS:
		break;
	}
}

int64_t
report_time(const struct survey *s, enum task task, unsigned connections)
{
	const struct outlook *o = &s->outlook[task];
	int64_t ms = -1;
	size_t i;

	for (i = 0; i < o->n; i++)
		if (ms < 0 || o->v[i].connections <= connections)
			ms = o->v[i].usual_ms >= 0 ? o->v[i].usual_ms :
						     o->v[i].ms;
	return ms;
}
