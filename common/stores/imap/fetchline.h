#ifndef IMAP_FETCHLINE_H
#define IMAP_FETCHLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/date.h"
#include "util/buf.h"
#include "util/strs.h"

enum {
	FETCHED_UID = 1 << 0,
	FETCHED_FLAGS = 1 << 1,
	FETCHED_DATE = 1 << 2,
	FETCHED_SIZE = 1 << 3,
	FETCHED_HEADER = 1 << 4,
	FETCHED_STRUCTURE = 1 << 5,
};

/* The metadata that one FETCH answer told; only what has its bit set. */
struct fetchline {
	uint32_t seq;
	unsigned has; /* FETCHED_* */
	uint32_t uid;
	unsigned flags;       /* FLAG_* */
	struct strs keywords; /* \Recent is left out */
	struct mdate date;
	uint64_t size;
	const char *header; /* in the line; NULL for NIL */
	size_t header_len;
	const char *structure; /* in the line, for bodyline_parse */
	size_t structure_len;
};

#define FETCHLINE_INIT                \
	{                             \
		.keywords = STRS_INIT \
	}

/*
 * "* 12 FETCH (UID 7 FLAGS (..) ..)", literals in line.  Items in any
 * order, unknown ones skipped, a date that is NIL or cannot be read is an
 * unknown date; after a broken item the rest is not told.  False when the
 * line is no FETCH.  scratch may hold bytes that *r points to.
 */
bool fetchline_parse(const char *text, size_t n, struct buf *scratch,
    struct fetchline *r);
void fetchline_release(struct fetchline *f);

#endif
