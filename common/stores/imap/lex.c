#include "stores/imap/lex.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "util/num.h"

enum { LEX_DEPTH_MAX = 32 };

void
lex_start(struct lex *l, const char *text, size_t n)
{
	l->at = text;
	l->end = text + n;
}

bool
lex_char(struct lex *l, char c)
{
	if (l->at == l->end || *l->at != c)
		return false;
	l->at++;
	return true;
}

static bool
ends_atom(char c)
{
	return c == ' ' || c == '(' || c == ')' || c == '"' || c == '\r' ||
	    c == '\n';
}

static size_t
atom_len(const struct lex *l)
{
	const char *p = l->at;

	while (p < l->end && !ends_atom(*p))
		p++;
	return (size_t)(p - l->at);
}

bool
lex_word(struct lex *l, const char *word)
{
	size_t n = atom_len(l);

	if (n != strlen(word) || strncasecmp(l->at, word, n) != 0)
		return false;
	l->at += n;
	return true;
}

static bool
quoted(struct lex *l, struct buf *r)
{
	const char *p = l->at + 1;

	for (; p < l->end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < l->end)
			p++;
		buf_addc(r, *p);
	}
	if (p == l->end)
		return false;
	l->at = p + 1;
	return true;
}

static bool
literal(struct lex *l, struct buf *r)
{
	const char *close, *data;
	uint64_t n;

	close = memchr(l->at, '}', (size_t)(l->end - l->at));
	if (close == NULL || l->end - close < 3 || close[1] != '\r' ||
	    close[2] != '\n')
		return false;
	data = close + 3;
	if (!num_u64(l->at + 1, (size_t)(close - l->at - 1),
		(uint64_t)(l->end - data), &n))
		return false;
	buf_add(r, data, (size_t)n);
	l->at = data + n;
	return true;
}

bool
lex_string(struct lex *l, struct buf *r, bool *nil_r)
{
	size_t n;

	*nil_r = false;
	buf_clear(r);
	if (l->at == l->end)
		return false;
	if (*l->at == '"')
		return quoted(l, r);
	if (*l->at == '{')
		return literal(l, r);
	n = atom_len(l);
	if (n == 0)
		return false;
	*nil_r = n == 3 && strncasecmp(l->at, "NIL", 3) == 0;
	buf_add(r, l->at, n);
	l->at += n;
	return true;
}

static bool
skip(struct lex *l, unsigned depth)
{
	struct buf scratch = BUF_INIT;
	bool nil, done;

	if (!lex_char(l, '(')) {
		done = lex_string(l, &scratch, &nil);
		buf_release(&scratch);
		return done;
	}
	if (depth == LEX_DEPTH_MAX)
		return false;
	while (!lex_char(l, ')')) {
		if (lex_char(l, ' '))
			continue;
		if (!skip(l, depth + 1))
			return false;
	}
	return true;
}

bool
lex_skip(struct lex *l)
{
	struct lex was = *l;

	if (skip(l, 0))
		return true;
	*l = was;
	return false;
}
