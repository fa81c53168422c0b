#include <string.h>
#include <strings.h>

#include "words.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static void
skip(struct words *w, size_t n)
{
	w->p += n;
	w->n -= n;
}

/* Up to the quote that ends it, or the end. */
static void
quoted(struct words *w, struct word *r)
{
	size_t i = 1;

	while (i < w->n && w->p[i] != '"')
		i += w->p[i] == '\\' && i + 1 < w->n ? 2 : 1;
	*r = (struct word){ WORD_QUOTED, w->p + 1, i - 1 };
	skip(w, i < w->n ? i + 1 : i);
}

/* Comments nest. */
static void
comment(struct words *w, struct word *r)
{
	size_t i = 1, depth = 1;

	while (i < w->n) {
		if (w->p[i] == '\\' && i + 1 < w->n)
			i++;
		else if (w->p[i] == '(')
			depth++;
		else if (w->p[i] == ')' && --depth == 0)
			break;
		i++;
	}
	*r = (struct word){ WORD_COMMENT, w->p + 1, i - 1 };
	skip(w, i < w->n ? i + 1 : i);
}

bool
words_next(struct words *w, const char *marks, struct word *r)
{
	size_t i = 0;

	while (w->n > 0 && is_blank(*w->p))
		skip(w, 1);
	if (w->n == 0)
		return false;
	if (*w->p == '"') {
		quoted(w, r);
		return true;
	}
	if (*w->p == '(') {
		comment(w, r);
		return true;
	}
	if (is_one_of(*w->p, marks)) {
		*r = (struct word){ WORD_MARK, w->p, 1 };
		skip(w, 1);
		return true;
	}
	while (i < w->n && !is_blank(w->p[i]) && !is_one_of(w->p[i], "(\"") &&
	    !is_one_of(w->p[i], marks))
		i++;
	*r = (struct word){ WORD_PLAIN, w->p, i };
	skip(w, i);
	return true;
}

bool
word_is(const struct word *w, const char *s)
{
	return w->kind == WORD_PLAIN && w->n == strlen(s) &&
	    strncasecmp(w->p, s, w->n) == 0;
}

bool
word_is_mark(const struct word *w, char c)
{
	return w->kind == WORD_MARK && *w->p == c;
}
