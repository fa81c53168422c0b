#ifndef IMAP_RANGES_H
#define IMAP_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stores/imap/session.h"
#include "util/buf.h"
#include "util/fault.h"

enum {
	RANGE_MESSAGES = 5000, /* in one of several commands */
	/* In the only one, which needs no sample and can be sent before the
	 * folder is selected: a wait or three less for each folder. */
	RANGE_ALONE = 20000,
};

/* The messages of one command; last 0: to the end of the folder. */
struct range {
	uint32_t first;
	uint32_t last;
	int tag; /* the caller's */
};

struct ranges {
	struct range *v;
	size_t n;
	size_t cap;
	bool by_seq;    /* sequence numbers, not UIDs */
	uint32_t alone; /* a folder of so many messages is one range */
};

/*
 * Cuts the selected folder, of so many messages, into ranges of UIDs from
 * first on, the last one open.  What is over r->alone is cut, for which a
 * sample of UIDs is asked for.  Where the sample does not ascend, as it
 * must, the ranges are sequence numbers.
 */
enum rc ranges_plan(struct ranges *r, struct session *s, uint32_t exists,
    uint32_t first, struct fault *f) CHECKED;
/* The same by sequence numbers. */
void ranges_by_seq(struct ranges *r, uint32_t exists);
/* UIDs as a sample of sequence numbers tells them (0: not told) into
 * ranges; false when they do not ascend. */
bool ranges_from_sample(struct ranges *r, uint32_t first, const uint32_t *uid,
    size_t n);
/* Appends "UID FETCH 7:99 " or "FETCH 1:* ". */
void range_format(const struct ranges *r, size_t i, struct buf *b);
void ranges_release(struct ranges *r);

#endif
