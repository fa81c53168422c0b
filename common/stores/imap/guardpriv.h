#ifndef IMAP_GUARDPRIV_H
#define IMAP_GUARDPRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stores/imap/guard.h"
#include "util/buf.h"
#include "util/fault.h"

/* Shared by guard.c, guardtext.c and guardfetch.c only. */

enum { GUARD_COMPLAINT_MAX = 400, GUARD_SHOWN_MAX = 200 };

/* What the next line is: the start of an answer, or the rest of one after
 * a literal. */
enum guard_place { PLACE_START, PLACE_RAW, PLACE_DROP, PLACE_FETCH };

struct guard {
	uint64_t body_max;
	bool raw;
	bool refused;
	enum guard_place place;
	struct buf line;  /* collected, its end has not come */
	struct buf hold;  /* written anew, not yet fit to be released */
	struct buf out;   /* released, */
	size_t taken;     /* of which this much was taken */
	uint64_t literal; /* octets still to come */
	bool keep;        /* they are for the parser */
	uint64_t answer;  /* octets since the last tagged line */
	unsigned depth;   /* of a FETCH item that is left out */
	unsigned kept;    /* items of this FETCH */
	struct buf last;
	struct buf tagged;
	struct buf words;
	char complaint[GUARD_COMPLAINT_MAX];
};

/* A line without its end. */
struct piece {
	const char *at;
	const char *end;
};

/* Refuses for good; returns GUARD_REFUSED. */
enum guard_state guard_refuse(struct guard *g, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
/* The line is fit: hold goes to out, with CRLF. */
void guard_release_line(struct guard *g);
/* A literal follows; false when it is too long (and refused). */
bool guard_expect(struct guard *g, uint64_t size, bool keep, uint64_t max);
/* Leaves this answer out, literals included. */
enum guard_state guard_drop(struct guard *g, const struct piece *line);

/* The first line of an answer to the parser. */
enum guard_state guard_start(struct guard *g, const struct piece *line);
/* "* 12 FETCH (" and what follows; rest is behind the parenthesis. */
enum guard_state guard_fetch(struct guard *g, const char *seq, size_t n,
    struct piece rest);
/* The rest of one after a literal. */
enum guard_state guard_fetch_more(struct guard *g, struct piece rest);

/* "(\Seen $Junk)", from its parenthesis on, moved past: appends it without
 * what is no flag; false when it does not end. */
bool guard_flags(struct buf *b, struct piece *p);
/* The word comes next, any case, ended by a blank, bracket or the end. */
bool piece_word(struct piece *p, const char *word);
void piece_blanks(struct piece *p);
bool piece_char(struct piece *p, char c);
size_t piece_digits(const struct piece *p);

#endif
