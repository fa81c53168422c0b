#ifndef SURVEY_TOTALS_H
#define SURVEY_TOTALS_H

#include <stdint.h>

#include "reports.h"
#include "util/buf.h"
#include "util/fault.h"

/* What one mailbox adds to the page of all: a table of one line (--totals).
 * Strings are owned. */
struct totals {
	uint64_t messages;
	uint64_t bytes;
	uint64_t folders;
	enum fit_verdict verdict;
	uint64_t problems;
	uint64_t warnings;
	uint64_t refused;  /* messages too big or refused, as foreseen */
	int64_t ms[TASKS]; /* by enum task; -1: not known */
	uint64_t bodies_read;
	char *source;
	char *target; /* "": none */
	char *worst;  /* the first problem; "": none */
};

/* connections: what the times are for. */
void totals_of(const struct telling *t, unsigned connections, struct totals *r);
void totals_write(const struct totals *t, struct buf *b);
/* Reads what totals_write wrote; CAUSE_DATA. */
enum rc totals_read(const struct buf *text, struct totals *r, struct fault *f)
    CHECKED;
void totals_release(struct totals *t);

#endif
