#ifndef SURVEY_REPORT_HTML_H
#define SURVEY_REPORT_HTML_H

#include "reports.h"

/* Parts of the page; they append. */
void report_html_fit(struct buf *b, const struct telling *t);
void report_html_tables(struct buf *b, const struct telling *t);

#endif
