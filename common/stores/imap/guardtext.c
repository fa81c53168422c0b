#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/guardpriv.h"
#include "util/num.h"

/* The guard: everything but FETCH. */

bool
piece_char(struct piece *p, char c)
{
	if (p->at == p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

void
piece_blanks(struct piece *p)
{
	while (piece_char(p, ' '))
		;
}

size_t
piece_digits(const struct piece *p)
{
	size_t n = 0;

	while (p->at + n < p->end && isdigit((unsigned char)p->at[n]))
		n++;
	return n;
}

bool
piece_word(struct piece *p, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(p->end - p->at) < n || strncasecmp(p->at, word, n) != 0)
		return false;
	if (p->at + n < p->end && strchr(" ()[]\r", p->at[n]) == NULL)
		return false;
	p->at += n;
	return true;
}

/* RFC 3501, 9: flag-keyword is an atom; flag-extension has a backslash in
 * front; flag-perm may be "\*". */
static bool
is_flag(const char *p, size_t n)
{
	size_t i = n > 0 && p[0] == '\\' ? 1 : 0;

	if (n == 2 && p[0] == '\\' && p[1] == '*')
		return true;
	if (n == i)
		return false;
	for (; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~' ||
		    strchr("(){%*\"\\]", p[i]) != NULL)
			return false;
	return true;
}

bool
guard_flags(struct buf *b, struct piece *p)
{
	const char *start;
	bool any = false;

	if (!piece_char(p, '('))
		return false;
	buf_addc(b, '(');
	for (;;) {
		piece_blanks(p);
		start = p->at;
		while (p->at < p->end && *p->at != ' ' && *p->at != ')')
			p->at++;
		if (is_flag(start, (size_t)(p->at - start))) {
			if (any)
				buf_addc(b, ' ');
			buf_add(b, start, (size_t)(p->at - start));
			any = true;
		}
		if (p->at == p->end)
			return false;
		if (piece_char(p, ')'))
			break;
	}
	buf_addc(b, ')');
	return true;
}

/* Digits that fit 32 bits, and are not 0 where that may not be. */
static bool
number(struct buf *b, struct piece *p, bool zero)
{
	size_t n = piece_digits(p);
	uint32_t v;

	if (!num_u32(p->at, n, &v) || (v == 0 && !zero))
		return false;
	p->at += n;
	buf_addf(b, "%lu", (unsigned long)v);
	return true;
}

/* "4:7,9" (RFC 4315): ranges of UIDs. */
static bool
uid_set(struct buf *b, struct piece *p)
{
	for (;;) {
		if (!number(b, p, false))
			return false;
		if (piece_char(p, ':')) {
			buf_addc(b, ':');
			if (!number(b, p, false))
				return false;
		}
		if (!piece_char(p, ','))
			return true;
		buf_addc(b, ',');
	}
}

enum shape { ALONE, NUMBER, FLAGS, APPENDUID, COPYUID };

static bool
code_value(struct buf *b, struct piece *p, enum shape shape)
{
	bool good = false;

	if (shape == ALONE)
		return p->at == p->end;
	if (!piece_char(p, ' '))
		return false;
	buf_addc(b, ' ');
	switch (shape) {
	case FLAGS:
		good = guard_flags(b, p);
		break;
	case NUMBER:
		good = number(b, p, false);
		break;
	case APPENDUID:
	case COPYUID:
		good = number(b, p, false) && piece_char(p, ' ');
		buf_addc(b, ' ');
		good = good && uid_set(b, p);
		if (good && shape == COPYUID) {
			buf_addc(b, ' ');
			good = piece_char(p, ' ') && uid_set(b, p);
		}
		break;
	case ALONE:
		break;
	}
	return good && p->at == p->end;
}

/* Appends "[UIDNEXT 7] " if libetpan may see this code. */
static bool
code(struct buf *b, struct piece p, bool tagged)
{
	static const struct {
		const char *name;
		enum shape shape;
		bool tagged, untagged;
	} table[] = {
		{ "UIDVALIDITY", NUMBER, false, true },
		{ "UIDNEXT", NUMBER, false, true },
		{ "UNSEEN", NUMBER, false, true },
		{ "PERMANENTFLAGS", FLAGS, false, true },
		{ "READ-ONLY", ALONE, true, true },
		{ "READ-WRITE", ALONE, true, true },
		{ "TRYCREATE", ALONE, true, false },
		{ "APPENDUID", APPENDUID, true, false },
		{ "COPYUID", COPYUID, true, false },
	};
	size_t i, start = b->len;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!(tagged ? table[i].tagged : table[i].untagged) ||
		    !piece_word(&p, table[i].name))
			continue;
		buf_addf(b, "[%s", table[i].name);
		if (code_value(b, &p, table[i].shape)) {
			buf_adds(b, "] ");
			return true;
		}
		break;
	}
	b->len = start;
	return false;
}

/* Where the bracket ends: flags may hold one themselves, but the last in
 * parentheses is no flag's. */
static const char *
code_end(const struct piece *p)
{
	const char *q, *paren;

	q = memchr(p->at, ']', (size_t)(p->end - p->at));
	paren = memchr(p->at, '(', (size_t)(p->end - p->at));
	if (q == NULL || paren == NULL || paren > q)
		return q;
	paren = memchr(paren, ')', (size_t)(p->end - paren));
	if (paren == NULL)
		return q;
	return memchr(paren, ']', (size_t)(p->end - paren));
}

/* What stands behind OK, NO, BAD.  True when it held a code of worth. */
static bool
status_text(struct guard *g, struct piece p, bool tagged)
{
	struct piece inside;
	const char *close;
	bool worth = false;
	size_t start;

	piece_blanks(&p);
	if (piece_char(&p, '[')) {
		close = code_end(&p);
		inside.at = p.at;
		inside.end = close != NULL ? close : p.end;
		worth = code(&g->hold, inside, tagged);
		p.at = close != NULL ? close + 1 : p.end;
		piece_blanks(&p);
	}
	start = g->hold.len;
	for (; p.at < p.end; p.at++)
		buf_addc(&g->hold, *p.at < ' ' || *p.at > '~' ? '?' : *p.at);
	/* An empty text ends the parser; a bracket would be a code. */
	if (g->hold.len == start)
		buf_adds(&g->hold, "(no text)");
	else if (g->hold.data[start] == '[')
		g->hold.data[start] = '(';
	return worth;
}

static enum guard_state
tagged_line(struct guard *g, const struct piece *line)
{
	static const char *const words[] = { "OK", "NO", "BAD" };
	struct piece p = *line;
	size_t i, n;

	n = piece_digits(&p);
	p.at += n;
	if (n == 0 || n > 9 || !piece_char(&p, ' '))
		return guard_refuse(g, "a line that answers nothing");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!piece_word(&p, words[i]))
			continue;
		buf_add(&g->hold, line->at, n);
		buf_addf(&g->hold, " %s ", words[i]);
		(void)status_text(g, p, true);
		guard_release_line(g);
		return GUARD_HALT;
	}
	return guard_refuse(g, "a line that answers nothing");
}

/* "* 12 EXISTS" and the like. */
static enum guard_state
numbered(struct guard *g, const struct piece *line, struct piece p)
{
	static const char *const words[] = { "EXISTS", "RECENT", "EXPUNGE" };
	const char *start = p.at;
	size_t i, n = piece_digits(&p);
	uint32_t v;

	if (!num_u32(start, n, &v))
		return guard_refuse(g, "a number over 32 bits");
	p.at += n;
	piece_blanks(&p);
	if (v > 0 && piece_word(&p, "FETCH")) {
		piece_blanks(&p);
		if (!piece_char(&p, '('))
			return guard_refuse(g, "FETCH without a list");
		return guard_fetch(g, start, n, p);
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!piece_word(&p, words[i]) || (i == 2 && v == 0))
			continue;
		buf_addf(&g->hold, "* %lu %s", (unsigned long)v, words[i]);
		guard_release_line(g);
		return GUARD_LINE;
	}
	return guard_drop(g, line);
}

static enum guard_state
untagged(struct guard *g, const struct piece *line, struct piece p)
{
	if (p.at < p.end && isdigit((unsigned char)*p.at))
		return numbered(g, line, p);
	if (piece_word(&p, "BYE"))
		return GUARD_BYE;
	if (piece_word(&p, "OK")) {
		buf_adds(&g->hold, "* OK ");
		if (status_text(g, p, false))
			guard_release_line(g);
		buf_clear(&g->hold);
		return GUARD_LINE;
	}
	/* Texts to their ends, whatever they end in. */
	if (guard_is_text(line->at, (size_t)(line->end - line->at)))
		return GUARD_LINE;
	if (piece_word(&p, "FLAGS")) {
		buf_adds(&g->hold, "* FLAGS ");
		piece_blanks(&p);
		if (!guard_flags(&g->hold, &p))
			return guard_refuse(g, "FLAGS without a list");
		guard_release_line(g);
		return GUARD_LINE;
	}
	return guard_drop(g, line);
}

enum guard_state
guard_start(struct guard *g, const struct piece *line)
{
	struct piece p = *line;

	buf_clear(&g->hold);
	/* Exchange puts empty lines between answers. */
	if (p.at == p.end)
		return GUARD_LINE;
	if (piece_char(&p, '+')) {
		buf_adds(&g->hold, "+ go ahead");
		guard_release_line(g);
		return GUARD_HALT;
	}
	if (!piece_char(&p, '*'))
		return tagged_line(g, line);
	if (!piece_char(&p, ' '))
		return guard_refuse(g, "a line that is no answer");
	return untagged(g, line, p);
}
