#ifndef IMAP_LEX_H
#define IMAP_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/* Reads a line as session_line_fn gets it, token by token; a function that
 * returns false has moved nothing. */
struct lex {
	const char *at;
	const char *end;
};

void lex_start(struct lex *l, const char *text, size_t n);
bool lex_char(struct lex *l, char c);
/* The word, any case, if it ends there (blank, bracket or end). */
bool lex_word(struct lex *l, const char *word);
/* A quoted string, a literal ("{3}" CRLF "abc") or an atom, decoded;
 * *nil_r: it was the atom NIL. */
bool lex_string(struct lex *l, struct buf *r, bool *nil_r);
/* Over one value of any shape, parentheses included. */
bool lex_skip(struct lex *l);

#endif
