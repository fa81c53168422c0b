#ifndef IMAP_UIDSET_H
#define IMAP_UIDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

struct uidrun {
	uint32_t first;
	uint32_t last;
};

/* UIDs as runs, ascending, apart: what a mailbox holds is few runs. */
struct uidset {
	struct uidrun *v;
	size_t n;
	size_t cap;
	uint64_t count; /* UIDs in all runs */
};

#define UIDSET_INIT           \
	{                     \
		NULL, 0, 0, 0 \
	}

/* False when it was in already. */
bool uidset_add(struct uidset *s, uint32_t uid);
bool uidset_has(const struct uidset *s, uint32_t uid);
/* Appends an RFC 3501 sequence set: "1:3,7". */
void uidset_format(const struct uidset *s, struct buf *b);
void uidset_clear(struct uidset *s);
void uidset_release(struct uidset *s);

/* The UIDs of a response code "[APPENDUID 38505 3955,3957:3958] .." (RFC
 * 4315), in the order told, when they are exactly n; else false. */
bool uidset_appended(const char *text, uint32_t *uidvalidity_r, uint32_t *uid_r,
    size_t n);

#endif
