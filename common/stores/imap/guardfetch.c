#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/guardpriv.h"
#include "util/num.h"

/*
 * The guard: FETCH.  Items are looked at one by one; a literal cuts the
 * line, and g->depth and g->kept are what must be known behind it.
 */

enum item {
	ITEM_OTHER,
	ITEM_UID,
	ITEM_SIZE,
	ITEM_FLAGS,
	ITEM_DATE,
	ITEM_MODSEQ,
	ITEM_BODY
};

/* The item's name, with its section and origin, is written behind what was
 * kept so far. */
static void
keep_name(struct guard *g, const struct piece *name)
{
	if (g->kept++ > 0)
		buf_addc(&g->hold, ' ');
	buf_add(&g->hold, name->at, (size_t)(name->end - name->at));
	buf_addc(&g->hold, ' ');
}

/* Where a quoted string ends (behind its quote); NULL: nowhere. */
static const char *
quoted_end(const struct piece *p)
{
	const char *q;

	for (q = p->at + 1; q < p->end; q++) {
		if (*q == '"')
			return q + 1;
		if (*q == '\\')
			q++;
	}
	return NULL;
}

/* "{12}" at p, which must be the end of the line. */
static bool
announced(const struct piece *p, uint64_t *size_r)
{
	return *p->at == '{' &&
	    piece_digits(&(struct piece){ p->at + 1, p->end }) + 2 ==
	    (size_t)(p->end - p->at) &&
	    guard_announces(p->at, (size_t)(p->end - p->at), size_r);
}

static enum guard_state
cut_by_literal(struct guard *g, const struct piece *p, bool keep, uint64_t max)
{
	uint64_t size;

	if (!announced(p, &size))
		return guard_refuse(g, "a literal without its length");
	if (!guard_expect(g, size, keep, max))
		return GUARD_REFUSED;
	g->place = PLACE_FETCH;
	return GUARD_LINE;
}

/* Over the rest of a value that is left out: to the end of its parentheses,
 * or of one string or atom where there are none.  GUARD_MORE: it is past. */
static enum guard_state
leave_out(struct guard *g, struct piece *p)
{
	const char *end;

	do {
		if (p->at == p->end)
			return guard_refuse(g, "FETCH ends inside an item");
		switch (*p->at) {
		case '(':
			if (++g->depth > GUARD_DEPTH_MAX)
				return guard_refuse(g,
				    "over %d parentheses "
				    "in one another",
				    (int)GUARD_DEPTH_MAX);
			p->at++;
			break;
		case ')':
			if (g->depth == 0)
				return GUARD_MORE;
			g->depth--;
			p->at++;
			break;
		case '"':
			end = quoted_end(p);
			if (end == NULL)
				return guard_refuse(g, "a string without end");
			p->at = end;
			break;
		case '{':
			return cut_by_literal(g, p, false, GUARD_STRING_MAX);
		case ' ':
			p->at++;
			break;
		default:
			while (
			    p->at < p->end && strchr(" ()\"{", *p->at) == NULL)
				p->at++;
			break;
		}
	} while (g->depth > 0);
	return GUARD_MORE;
}

/* `"17-Jul-1996 02:44:25 -0700"` with what each may be. */
static bool
is_date(const struct piece *p)
{
	static const char shape[] = "\"dD-AAA-DDDD DD:DD:DD sDDDD\"";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *s = p->at;
	bool good = (size_t)(p->end - s) >= sizeof(shape) - 1;
	size_t i;

	for (i = 0; good && i < sizeof(shape) - 1; i++)
		switch (shape[i]) {
		case 'd':
			good = s[i] == ' ' || isdigit((unsigned char)s[i]);
			break;
		case 'D':
			good = isdigit((unsigned char)s[i]);
			break;
		case 'A':
			good = isalpha((unsigned char)s[i]);
			break;
		case 's':
			good = s[i] == '+' || s[i] == '-';
			break;
		default:
			good = s[i] == shape[i];
			break;
		}
	if (!good || (s[1] <= '0' && s[2] == '0') || s[13] > '2' ||
	    s[16] > '5' || s[19] > '6')
		return false;
	for (i = 0; i < sizeof(months) - 1; i += 3)
		if (strncasecmp(months + i, s + 4, 3) == 0)
			return true;
	return false;
}

/* A quoted body is given as a literal: its bytes may be any. */
static enum guard_state
quoted_body(struct guard *g, struct piece *p)
{
	const char *end = quoted_end(p), *q;
	struct buf bytes = BUF_INIT;

	if (end == NULL)
		return guard_refuse(g, "a string without end");
	for (q = p->at + 1; q < end - 1; q++) {
		if (*q == '\\')
			q++;
		buf_addc(&bytes, *q);
	}
	buf_addf(&g->hold, "{%zu}\r\n", bytes.len);
	buf_add(&g->hold, bytes.data, bytes.len);
	buf_release(&bytes);
	p->at = end;
	return GUARD_MORE;
}

static enum guard_state
body(struct guard *g, const struct piece *name, struct piece *p)
{
	enum guard_state state;
	const char *brace;

	if (*p->at == '"') {
		keep_name(g, name);
		return quoted_body(g, p);
	}
	if (*p->at == '{') {
		keep_name(g, name);
		brace = p->at;
		state = cut_by_literal(g, p, true, g->body_max);
		if (state != GUARD_LINE)
			return state;
		buf_add(&g->hold, brace, (size_t)(p->end - brace));
		guard_release_line(g);
		return GUARD_LINE;
	}
	if (!piece_word(p, "NIL"))
		return guard_refuse(g, "a body that is no string");
	keep_name(g, name);
	buf_adds(&g->hold, "NIL");
	return GUARD_MORE;
}

/* A number that fits; otherwise the item is left out. */
static enum guard_state
number(struct guard *g, const struct piece *name, struct piece *p, uint64_t max)
{
	size_t n = piece_digits(p);
	uint64_t v;

	if (!num_u64(p->at, n, max, &v))
		return leave_out(g, p);
	keep_name(g, name);
	buf_addf(&g->hold, "%llu", (unsigned long long)v);
	p->at += n;
	return GUARD_MORE;
}

static enum guard_state
modseq(struct guard *g, const struct piece *name, struct piece *p)
{
	struct piece inside = { p->at + 1, p->end };
	size_t n = piece_digits(&inside);
	uint64_t v;

	if (*p->at != '(' || inside.at + n >= p->end || inside.at[n] != ')' ||
	    !num_u64(inside.at, n, INT64_MAX, &v) || v == 0)
		return leave_out(g, p);
	keep_name(g, name);
	buf_addf(&g->hold, "(%llu)", (unsigned long long)v);
	p->at = inside.at + n + 1;
	return GUARD_MORE;
}

static enum guard_state
flags(struct guard *g, const struct piece *name, struct piece *p)
{
	keep_name(g, name);
	if (!guard_flags(&g->hold, p))
		return guard_refuse(g, "FLAGS without a list");
	return GUARD_MORE;
}

static enum guard_state
date(struct guard *g, const struct piece *name, struct piece *p)
{
	const char *end;

	if (!is_date(p))
		return leave_out(g, p);
	end = quoted_end(p);
	keep_name(g, name);
	buf_add(&g->hold, p->at, (size_t)(end - p->at));
	p->at = end;
	return GUARD_MORE;
}

static enum guard_state
value(struct guard *g, enum item item, const struct piece *name,
    struct piece *p)
{
	switch (item) {
	case ITEM_UID:
		if (piece_digits(p) == 0 || p->at[0] == '0')
			return guard_refuse(g, "a UID that is no number");
		return number(g, name, p, UINT32_MAX);
	case ITEM_SIZE:
		return number(g, name, p, UINT32_MAX);
	case ITEM_FLAGS:
		return flags(g, name, p);
	case ITEM_DATE:
		return date(g, name, p);
	case ITEM_MODSEQ:
		return modseq(g, name, p);
	case ITEM_BODY:
		return body(g, name, p);
	case ITEM_OTHER:
		break;
	}
	if (*p->at == '~')
		return guard_refuse(g, "literal8, which was not asked for");
	return leave_out(g, p);
}

/* What we ask for between the brackets of BODY[..]. */
static bool
is_section(const char *p, size_t n)
{
	return n == 0 || (n == 6 && strncasecmp(p, "HEADER", n) == 0) ||
	    (n == 4 && strncasecmp(p, "TEXT", n) == 0);
}

/* "BODY[TEXT]<0>", "UID": the name, and what it is. */
static bool
item_name(struct piece *p, struct piece *name_r, enum item *item_r)
{
	static const struct {
		const char *name;
		enum item item;
	} table[] = {
		{ "UID", ITEM_UID },
		{ "RFC822.SIZE", ITEM_SIZE },
		{ "FLAGS", ITEM_FLAGS },
		{ "INTERNALDATE", ITEM_DATE },
		{ "MODSEQ", ITEM_MODSEQ },
		{ "RFC822", ITEM_BODY },
		{ "RFC822.HEADER", ITEM_BODY },
		{ "RFC822.TEXT", ITEM_BODY },
	};
	const char *start = p->at, *open, *close;
	size_t i, n;

	while (p->at < p->end && strchr(" ()[\"{", *p->at) == NULL)
		p->at++;
	n = (size_t)(p->at - start);
	*item_r = ITEM_OTHER;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].name) == n &&
		    strncasecmp(table[i].name, start, n) == 0)
			*item_r = table[i].item;
	if (n > 0 && p->at < p->end && *p->at == '[') {
		open = p->at;
		close = memchr(open, ']', (size_t)(p->end - open));
		if (close == NULL)
			return false;
		p->at = close + 1;
		if (piece_char(p, '<')) {
			p->at += piece_digits(p);
			if (!piece_char(p, '>'))
				return false;
		}
		*item_r = n == 4 && strncasecmp(start, "BODY", 4) == 0 &&
			is_section(open + 1, (size_t)(close - open - 1)) ?
		    ITEM_BODY :
		    ITEM_OTHER;
	}
	name_r->at = start;
	name_r->end = p->at;
	return n > 0;
}

enum guard_state
guard_fetch_more(struct guard *g, struct piece rest)
{
	enum guard_state state;
	struct piece name;
	enum item item;

	g->place = PLACE_START;
	if (g->depth > 0) {
		state = leave_out(g, &rest);
		if (state != GUARD_MORE)
			return state;
	}
	for (;;) {
		piece_blanks(&rest);
		if (piece_char(&rest, ')'))
			break;
		if (rest.at == rest.end || !item_name(&rest, &name, &item))
			return guard_refuse(g, "FETCH without its end");
		piece_blanks(&rest);
		if (rest.at == rest.end)
			return guard_refuse(g, "a FETCH item without value");
		state = value(g, item, &name, &rest);
		if (state != GUARD_MORE)
			return state;
	}
	if (g->kept > 0) {
		buf_addc(&g->hold, ')');
		guard_release_line(g);
	}
	buf_clear(&g->hold);
	return GUARD_LINE;
}

enum guard_state
guard_fetch(struct guard *g, const char *seq, size_t n, struct piece rest)
{
	buf_adds(&g->hold, "* ");
	buf_add(&g->hold, seq, n);
	buf_adds(&g->hold, " FETCH (");
	g->kept = 0;
	g->depth = 0;
	return guard_fetch_more(g, rest);
}
