#ifndef PROBE_WORDS_H
#define PROBE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Cuts the bodies of structured fields (RFC 5322 3.2) into words. */
struct words {
	const char *p; /* what is left */
	size_t n;
};

enum word_kind {
	WORD_PLAIN,   /* runs of anything else */
	WORD_QUOTED,  /* without its quotes, its escapes as they are */
	WORD_COMMENT, /* without its outer parentheses */
	WORD_MARK,    /* one of "; , =" */
};

struct word {
	enum word_kind kind;
	const char *p; /* borrowed */
	size_t n;
};

/* The next word; false at the end.  marks: which of "; , =" stand alone. */
bool words_next(struct words *w, const char *marks, struct word *r);
/* ASCII, any case. */
bool word_is(const struct word *w, const char *s);
bool word_is_mark(const struct word *w, char c);

#endif
