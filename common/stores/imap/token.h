#ifndef IMAP_TOKEN_H
#define IMAP_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/*
 * Tokens of one untagged line, as session_line_fn gets it, for lines that
 * careless servers write and large accounts bring by the million: blanks
 * between tokens do not matter, strings are not copied.  What does not fit
 * makes a function return false and stay where it was.
 */
struct tokens {
	const char *p;
	const char *end;
};

void tokens_init(struct tokens *t, const char *text, size_t n);
bool token_end(const struct tokens *t);
/* One byte, after blanks. */
bool token_byte(struct tokens *t, char c);
/* A whole atom that reads word, in any case. */
bool token_word(struct tokens *t, const char *word);
/* Bytes up to a blank, parenthesis, quote or control byte; at least one. */
bool token_atom(struct tokens *t, const char **p_r, size_t *n_r);
bool token_u64(struct tokens *t, uint64_t *r);
bool token_u32(struct tokens *t, uint32_t *r);
/*
 * An atom, quoted string or literal; *p_r is NULL for NIL (when nil_r is
 * NULL, NIL is a string as any other).  The bytes lie in the line or, where
 * escapes had to be taken off, in scratch (cleared by this call).
 */
bool token_string(struct tokens *t, struct buf *scratch, const char **p_r,
    size_t *n_r, bool *nil_r);
/* Anything: an atom, a string, or a list, however deep. */
bool token_skip(struct tokens *t);

/* "* 12 EXISTS": true and 12 when the line is that with this word. */
bool token_untagged_number(const char *text, size_t n, const char *word,
    uint32_t *r);

#endif
