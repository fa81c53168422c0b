#ifndef AUDIT_MATCH_H
#define AUDIT_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "order.h"
#include "side.h"

/* A proved message whose date, flags or keywords are not the archive's; the
 * others are as the target has them. */
struct drift {
	int64_t epoch;
	uint32_t item; /* index into the archive's items */
	uint32_t label;
	bool date;
	bool flags;
	bool keywords;
};

/* A message of the archive that was not found as it is: what it takes to
 * report it, and to look for it in another form. */
struct gap {
	uint64_t note;
	unsigned char canon[16];
	uint32_t item;
};

/* Where a relocated item was found. */
struct moved {
	uint32_t item;
	uint32_t place;
	uint32_t uid;
};

/*
 * Matching is one-to-one, as multisets: n copies in the archive need n
 * copies at the target.  A place is a target folder; every item of the
 * archive belongs to one (its folder, mapped).  Each message of the target is
 * held against the archive as it comes; what stands for none waits until all
 * have been, and is then held against the gaps.
 */
struct match {
	struct items *archive;
	const struct labels *labels;
	const uint32_t *place; /* of each archive folder; see NOWHERE */
	struct order by_key;
	struct order by_canon; /* of the gaps */
	struct gap *gap;       /* in the order of the items */
	size_t gaps;
	struct moved *moved;
	size_t moves;
	size_t moved_cap;
	struct drift *drift;
	size_t drifts;
	size_t drifts_cap;
};

#define MATCH_NOWHERE UINT32_MAX

/* Orders the archive's items; all arguments are borrowed. */
void match_init(struct match *m, struct items *archive,
    const struct labels *labels, const uint32_t *place);
void match_release(struct match *m);

/*
 * Takes the item of one place (MATCH_NOWHERE: of any) that has the key of
 * what was found, and its eol.  Of equal ones, the one that is most alike in
 * date, flags and keywords, so that no drift is reported where there is
 * none.  False: there is none left.
 */
bool match_key(struct match *m, uint32_t place, enum proof proof,
    const struct facts *found);

/* Makes a gap of every item that is missing. */
void match_find_gaps(struct match *m);
/* Orders the gaps by canon, which the caller has filled in. */
void match_order_gaps(struct match *m);
/* As match_key, of the gaps by canon. */
bool match_canon(struct match *m, uint32_t place, enum proof proof,
    const struct facts *found);

/* When all is matched: brings what was noted into the archive's order. */
void match_end(struct match *m);
/* After match_end, of a relocated item. */
const struct moved *match_moved(const struct match *m, uint32_t item);

#endif
