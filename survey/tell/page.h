#ifndef SURVEY_PAGE_H
#define SURVEY_PAGE_H

#include <stddef.h>

#include "program/fleet.h"
#include "reports.h"
#include "totals.h"
#include "util/buf.h"

/* The page of a whole company: what all mailboxes come to together. */
struct page_row {
	const struct fleet_account *account; /* borrowed */
	bool known;                          /* its totals could be read */
	struct totals totals;
};

struct page {
	struct page_row *row;
	size_t n;
	unsigned at_once; /* -P */
	/* over the rows that are known */
	uint64_t messages;
	uint64_t bytes;
	uint64_t folders;
	uint64_t refused;
	size_t verdict[FIT_NOT + 1]; /* accounts */
	size_t unknown;              /* accounts without totals */
	/* With at_once at work side by side, in the order of the list: from
	 * the start of the first to the end of the last; of accounts whose
	 * time is known. */
	int64_t ms[TASKS];
	size_t timed[TASKS];
};

/* Reads what the accounts' processes wrote.  v is borrowed by p. */
void page_load(struct page *p, const struct fleet_account *v, size_t n,
    unsigned at_once);
void page_report(const struct page *p, enum report_format f, struct buf *out);
void page_html(const struct page *p, struct buf *b);
void page_release(struct page *p);

/* For ms of so many tasks at_once side by side, each begun as soon as another
 * one has ended; -1 is left out. */
int64_t page_side_by_side(const int64_t *ms, size_t n, unsigned at_once);

#endif
