#ifndef UTIL_TABLE_H
#define UTIL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE UINT32_MAX

struct table_slot {
	uint32_t hash;
	uint32_t id; /* index into the owner's array, plus 1; 0 is empty */
};

/*
 * Finds indices of an array that the caller owns by a hash of the things
 * in it: 8 octets a slot, open addressing, at most 70 % full.  Several ids
 * may have equal keys (a multiset): table_next goes on from the last hit.
 */
struct table {
	struct table_slot *slot;
	size_t cap;
	size_t used;
};

#define TABLE_INIT         \
	{                  \
		NULL, 0, 0 \
	}

/* True when the thing with this id is the one wanted. */
typedef bool table_is_fn(const void *arg, uint32_t id);

struct table_cursor {
	size_t at;
	uint32_t hash;
};

void table_add(struct table *t, uint64_t hash, uint32_t id);
/* The first match, or TABLE_NONE.  Ids of equal hash come in rising order,
 * however they were added. */
uint32_t table_first(const struct table *t, uint64_t hash, table_is_fn *is,
    const void *arg, struct table_cursor *c_r);
uint32_t table_next(const struct table *t, table_is_fn *is, const void *arg,
    struct table_cursor *c);
void table_release(struct table *t);

#endif
