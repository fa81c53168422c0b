#ifndef SURVEY_REPORT_TEXT_H
#define SURVEY_REPORT_TEXT_H

#include "reports.h"

/* The parts of the report for people; all append. */

void report_field(struct buf *b, const char *label);
void report_quotas(struct buf *b, const char *label, const struct side *s);
/* What comes behind the first screen and the findings. */
void report_lists(struct buf *b, const struct telling *t);

#endif
