#ifndef SURVEY_REPORTS_H
#define SURVEY_REPORTS_H

#include "survey/facts/facts.h"
#include "survey/fit/fit.h"
#include "survey/fit/quirks.h"
#include "util/buf.h"
#include "util/fault.h"

/* What is told of a mailbox; all borrowed. */
struct telling {
	const struct survey *s;
	const struct fit *fit;
	const struct quirk *source; /* NULL: nothing is known of it */
	const struct quirk *target;
};

enum report_format {
	REPORT_TEXT,
	REPORT_TSV,
	REPORT_JSON,
	REPORT_HTML,
	REPORT_FORMATS,
};

/* "text", "tsv", ...; also what a file's name ends with but for .txt. */
const char *report_format_word(enum report_format f);
const char *report_format_suffix(enum report_format f);
enum rc report_format_parse(const char *word, enum report_format *r,
    struct fault *f) CHECKED;

/* Appends the whole report.  The text of mail and servers in it does nothing to
 * a terminal or a browser. */
void report_mailbox(const struct telling *t, enum report_format f,
    struct buf *out);

/* Each of them. */
void report_text(const struct telling *t, struct buf *b);
void report_rows(const struct telling *t, bool json, struct buf *out);
void report_html(const struct telling *t, struct buf *b);

/* What the work will take with so many connections, of those estimated the
 * nearest that are not more, in ms; -1: that is not known. */
int64_t report_time(const struct survey *s, enum task task,
    unsigned connections);

#endif
