#ifndef IMAP_GUARD_H
#define IMAP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Stands between the bytes of a server and libetpan's parser, and knows the
 * lines and literals of RFC 3501 (9, "response") well enough to give the
 * parser only what it is known to bear, written anew:
 *
 *   tagged     OK NO BAD: never without a text; the response code is kept
 *              when it is APPENDUID, COPYUID, READ-ONLY, READ-WRITE or
 *              TRYCREATE and well formed (the line itself: net_tagged_line)
 *   OK         when its code is UIDVALIDITY, UIDNEXT, UNSEEN or
 *              PERMANENTFLAGS, READ-ONLY or READ-WRITE
 *   FLAGS      without flags that are no atoms
 *   EXISTS RECENT EXPUNGE
 *   FETCH      UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ BODY[]
 *              BODY[HEADER] BODY[TEXT] RFC822 RFC822.HEADER RFC822.TEXT;
 *              other items, NIL or broken dates and sizes over 32 bits are
 *              taken out, with their literals; quoted bodies become
 *              literals
 *   +          without what stands behind it
 *
 * Any other untagged line, with its literals, and an empty one is dropped:
 * LIST, STATUS, SEARCH and so on are for session_raw.  BYE ends the
 * connection.  A line that is none of these shapes, literal8 (RFC 3516),
 * NUL, and whatever is beyond a cap is refused, and with it the connection.
 * Raw: lines pass as they are, under the caps, for a reader of our own.
 */
struct guard;

enum {
	GUARD_LINE_MAX = 1 << 20,     /* octets of a line */
	GUARD_STRING_MAX = 8 << 20,   /* of a literal that is no body */
	GUARD_DEPTH_MAX = 128,        /* nested parentheses */
	GUARD_ANSWER_MAX = 256 << 20, /* of lines and such literals for the
					 * parser, which keeps them until
					 * the tagged line comes */
};

enum guard_state {
	GUARD_MORE,    /* all was taken, the line goes on */
	GUARD_LINE,    /* a line ended */
	GUARD_HALT,    /* one after which the parser waits for nothing */
	GUARD_BYE,     /* the server says goodbye: guard_words */
	GUARD_REFUSED, /* for good: guard_complaint */
};

/* body_max: octets of a body's literal; libetpan counts in 32 bits. */
struct guard *guard_new(uint64_t body_max);
void guard_free(struct guard *g);
bool guard_raw(struct guard *g, bool raw); /* returns what it was */

/* Takes bytes that are not a literal's, at most up to the end of a line;
 * *used_r of n were taken. */
enum guard_state guard_feed(struct guard *g, const void *p, size_t n,
    size_t *used_r);
/* The octets of a literal that come next; 0: lines come.  *keep_r is false
 * when they are not for the parser. */
uint64_t guard_literal(const struct guard *g, bool *keep_r);
/* n octets of it have gone by. */
void guard_passed(struct guard *g, size_t n);
/* What was released for the parser: copies at most n octets, which go in
 * front of any literal; returns how many. */
size_t guard_take(struct guard *g, void *to, size_t n);
size_t guard_ready(const struct guard *g);

const char *guard_complaint(const struct guard *g);
/* As net_last_line, net_tagged_line and net_words. */
const char *guard_last_line(const struct guard *g);
const char *guard_tagged_line(const struct guard *g);
const char *guard_words(const struct guard *g);

/* True for the first line of an answer that is text to its end: "* OK",
 * "a1 NO", "+", in which "{3}" is no literal. */
bool guard_is_text(const char *line, size_t n);
/* True when a line (without CRLF) that is not such a text announces a
 * literal. */
bool guard_announces(const char *line, size_t n, uint64_t *size_r);

#endif
