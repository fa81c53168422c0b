#include "stores/imap/token.h"

#include <string.h>
#include <strings.h>

#include "util/num.h"

enum { NUMBER_DIGITS = 20 };

void
tokens_init(struct tokens *t, const char *text, size_t n)
{
	t->p = text;
	t->end = text + n;
}

static const char *
after_blanks(const struct tokens *t)
{
	const char *p = t->p;

	while (p < t->end && (*p == ' ' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

bool
token_end(const struct tokens *t)
{
	return after_blanks(t) == t->end;
}

bool
token_byte(struct tokens *t, char c)
{
	const char *p = after_blanks(t);

	if (p == t->end || *p != c)
		return false;
	t->p = p + 1;
	return true;
}

static bool
ends_atom(char c)
{
	return (c >= 0 && c <= ' ') || c == '(' || c == ')' || c == '"' ||
	    c == 0x7f;
}

bool
token_atom(struct tokens *t, const char **p_r, size_t *n_r)
{
	const char *start = after_blanks(t);
	const char *p = start;

	while (p < t->end && !ends_atom(*p))
		p++;
	if (p == start)
		return false;
	*p_r = start;
	*n_r = (size_t)(p - start);
	t->p = p;
	return true;
}

bool
token_word(struct tokens *t, const char *word)
{
	struct tokens ahead = *t;
	const char *p;
	size_t n;

	if (!token_atom(&ahead, &p, &n) || n != strlen(word) ||
	    strncasecmp(p, word, n) != 0)
		return false;
	*t = ahead;
	return true;
}

bool
token_u64(struct tokens *t, uint64_t *r)
{
	const char *start = after_blanks(t);
	const char *p = start;

	while (
	    p < t->end && *p >= '0' && *p <= '9' && p - start < NUMBER_DIGITS)
		p++;
	if (!num_u64(start, (size_t)(p - start), UINT64_MAX, r))
		return false;
	t->p = p;
	return true;
}

bool
token_u32(struct tokens *t, uint32_t *r)
{
	struct tokens ahead = *t;
	uint64_t v;

	if (!token_u64(&ahead, &v) || v > UINT32_MAX)
		return false;
	*r = (uint32_t)v;
	*t = ahead;
	return true;
}

/* p is at the opening quote. */
static bool
quoted(struct tokens *t, const char *p, struct buf *scratch, const char **p_r,
    size_t *n_r)
{
	const char *start = ++p;
	bool escaped = false;

	buf_clear(scratch);
	for (; p < t->end && *p != '"'; p++) {
		if (*p != '\\' || p + 1 == t->end)
			continue;
		escaped = true;
		buf_add(scratch, start, (size_t)(p - start));
		start = ++p;
	}
	if (p >= t->end)
		return false;
	if (escaped) {
		buf_add(scratch, start, (size_t)(p - start));
		*n_r = scratch->len;
		*p_r = buf_str(scratch);
	} else {
		*p_r = start;
		*n_r = (size_t)(p - start);
	}
	t->p = p + 1;
	return true;
}

/* {12} or {12+}, a line end, 12 octets (RFC 3501 section 4.3); p is at the
 * brace. */
static bool
literal(struct tokens *t, const char *p, const char **p_r, size_t *n_r)
{
	struct tokens ahead = { p + 1, t->end };
	uint64_t n;

	if (p + 1 == t->end || p[1] < '0' || p[1] > '9' ||
	    !token_u64(&ahead, &n))
		return false;
	if (ahead.p < ahead.end && *ahead.p == '+')
		ahead.p++;
	if (ahead.end - ahead.p < 3 || memcmp(ahead.p, "}\r\n", 3) != 0)
		return false;
	ahead.p += 3;
	if (n > (uint64_t)(ahead.end - ahead.p))
		return false;
	*p_r = ahead.p;
	*n_r = (size_t)n;
	t->p = ahead.p + n;
	return true;
}

bool
token_string(struct tokens *t, struct buf *scratch, const char **p_r,
    size_t *n_r, bool *nil_r)
{
	const char *p = after_blanks(t);

	if (nil_r != NULL)
		*nil_r = false;
	if (p == t->end)
		return false;
	if (*p == '"')
		return quoted(t, p, scratch, p_r, n_r);
	if (*p == '{')
		return literal(t, p, p_r, n_r);
	/* literal8 (RFC 3516) */
	if (*p == '~' && p + 1 < t->end && p[1] == '{')
		return literal(t, p + 1, p_r, n_r);
	if (!token_atom(t, p_r, n_r))
		return false;
	if (nil_r != NULL && *n_r == 3 && strncasecmp(*p_r, "NIL", 3) == 0) {
		*nil_r = true;
		*p_r = NULL;
		*n_r = 0;
	}
	return true;
}

bool
token_skip(struct tokens *t)
{
	struct tokens ahead = *t;
	struct buf scratch = BUF_INIT;
	const char *p;
	size_t n, depth = 0;
	bool ok = true;

	do {
		if (token_byte(&ahead, '('))
			depth++;
		else if (depth > 0 && token_byte(&ahead, ')'))
			depth--;
		else
			ok = token_string(&ahead, &scratch, &p, &n, NULL);
	} while (ok && depth > 0);
	buf_release(&scratch);
	if (ok)
		*t = ahead;
	return ok;
}

bool
token_untagged_number(const char *text, size_t n, const char *word, uint32_t *r)
{
	struct tokens t;
	uint32_t v;

	tokens_init(&t, text, n);
	if (!token_byte(&t, '*') || !token_u32(&t, &v) || !token_word(&t, word))
		return false;
	*r = v;
	return true;
}
