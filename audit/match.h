#ifndef AUDIT_MATCH_H
#define AUDIT_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "side.h"
#include "util/table.h"

/* A proved message whose date, flags or keywords are not the archive's. */
struct drift {
	size_t item; /* index into the archive's items */
	bool date;
	bool flags;
	bool keywords;
	struct msg found; /* as the target has it */
};

/*
 * Matching is one-to-one, as multisets: n copies in the archive need n
 * copies at the target.  A place is a target folder; every item of the
 * archive belongs to one (its folder, mapped).
 */
struct match {
	struct items *archive;
	const uint32_t *place; /* of each archive folder; see NOWHERE */
	struct table by_hash;
	struct table by_canon;
	struct drift *drift;
	size_t drifts;
	size_t drifts_cap;
};

#define MATCH_NOWHERE UINT32_MAX

/* Indexes the archive's items; both arguments are borrowed. */
void match_init(struct match *m, struct items *archive, const uint32_t *place);
void match_release(struct match *m);

/*
 * Matches what was read in one place, identical bytes first, then line
 * ends.  The target's items that stand for none are moved to the front of
 * found, which is cut to them.
 */
void match_place(struct match *m, uint32_t place, struct items *found);
/* The same by header and size, which proves nothing. */
void match_headers(struct match *m, uint32_t place, struct items *found);
/* Matches what is left over with what is missing anywhere: relocated. */
void match_elsewhere(struct match *m, struct items *left);
/* Brings the drifts into the archive's order. */
void match_sort_drift(struct match *m);

#endif
