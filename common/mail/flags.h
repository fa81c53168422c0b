#ifndef MAIL_FLAGS_H
#define MAIL_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"
#include "util/strs.h"

/* System flags of RFC 3501; \Recent is the server's alone and never kept. */
enum {
	FLAG_SEEN = 1 << 0,
	FLAG_ANSWERED = 1 << 1,
	FLAG_FLAGGED = 1 << 2,
	FLAG_DELETED = 1 << 3,
	FLAG_DRAFT = 1 << 4,
	FLAG_ALL = (1 << 5) - 1,
};

/* The bit for "\Seen" and so on, any case; 0 if it is none of the five. */
unsigned flag_parse(const char *s, size_t n);
/* Appends "\Seen \Flagged" (no parentheses). */
void flags_format(struct buf *b, unsigned flags);

/* Maildir's letters after ":2,": D F R S T (sorted); 'P' is ignored. */
void flags_to_letters(struct buf *b, unsigned flags);
unsigned flags_from_letters(const char *s, size_t n);

/*
 * Keywords are kept as one canonical string: sorted by bytes, unique,
 * separated by one blank, "" for none; compared by case as told.
 */
struct atoms; /* keeps each distinct string once */

struct atoms *atoms_new(void);
void atoms_free(struct atoms *a);
/* A pointer that is equal for equal strings, borrowed until atoms_free. */
const char *atoms_get(struct atoms *a, const char *s, size_t n);

/* Canonical form of a list of keywords; borrowed as atoms_get. */
const char *keywords_canonical(struct atoms *a, struct strs *list);
/* Splits a canonical string; the caller releases *r. */
void keywords_split(const char *canonical, struct strs *r);

#endif
