#include "stores/imap/guard.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stores/imap/guardpriv.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

struct guard *
guard_new(uint64_t body_max)
{
	struct guard *g = xcalloc(1, sizeof(*g));

	g->body_max = body_max;
	return g;
}

void
guard_free(struct guard *g)
{
	if (g == NULL)
		return;
	/* Challenges passed through these. */
	buf_wipe(&g->line);
	buf_wipe(&g->hold);
	buf_wipe(&g->out);
	buf_wipe(&g->last);
	buf_release(&g->tagged);
	buf_release(&g->words);
	free(g);
}

bool
guard_raw(struct guard *g, bool raw)
{
	bool was = g->raw;

	g->raw = raw;
	return was;
}

static void
keep_text(struct buf *b, const char *p, size_t n)
{
	buf_clear(b);
	buf_add(b, p, n);
	(void)buf_str(b);
}

static const char *
text_of(const struct buf *b)
{
	return b->data != NULL && b->len > 0 ? (const char *)b->data : "";
}

const char *
guard_last_line(const struct guard *g)
{
	return text_of(&g->last);
}

const char *
guard_tagged_line(const struct guard *g)
{
	return text_of(&g->tagged);
}

const char *
guard_words(const struct guard *g)
{
	return text_of(&g->words);
}

const char *
guard_complaint(const struct guard *g)
{
	return g->complaint;
}

enum guard_state
guard_refuse(struct guard *g, const char *fmt, ...)
{
	struct buf shown = BUF_INIT;
	char what[160];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	text_visible(&shown, g->last.data, g->last.len, GUARD_SHOWN_MAX);
	(void)snprintf(g->complaint, sizeof(g->complaint),
	    "the server's answer is refused: %s: %s", what, buf_str(&shown));
	buf_release(&shown);
	g->refused = true;
	return GUARD_REFUSED;
}

void
guard_release_line(struct guard *g)
{
	buf_add(&g->out, g->hold.data, g->hold.len);
	buf_adds(&g->out, "\r\n");
	buf_clear(&g->hold);
}

bool
guard_expect(struct guard *g, uint64_t size, bool keep, uint64_t max)
{
	if (size > max) {
		(void)guard_refuse(g,
		    "a literal of %llu octets, and %llu are "
		    "allowed",
		    (unsigned long long)size, (unsigned long long)max);
		return false;
	}
	g->literal = size;
	g->keep = keep;
	return true;
}

/* A tag (RFC 3501, 9) and a blank: what stands behind them, else NULL. */
static const char *
behind_tag(const char *line, size_t n)
{
	size_t i;

	for (i = 0; i < n && line[i] != ' '; i++)
		if (!isalnum((unsigned char)line[i]))
			return NULL;
	return i > 0 && i < n ? line + i + 1 : NULL;
}

static bool
is_tagged(const char *line, size_t n)
{
	const char *p = behind_tag(line, n);
	struct piece rest = { p, line + n };

	return p != NULL &&
	    (piece_word(&rest, "OK") || piece_word(&rest, "NO") ||
		piece_word(&rest, "BAD"));
}

bool
guard_is_text(const char *line, size_t n)
{
	struct piece rest = { line + 2, line + n };

	if (n > 0 && line[0] == '+')
		return true;
	if (n > 2 && line[0] == '*' && line[1] == ' ')
		return piece_word(&rest, "OK") || piece_word(&rest, "NO") ||
		    piece_word(&rest, "BAD") || piece_word(&rest, "BYE") ||
		    piece_word(&rest, "PREAUTH");
	return is_tagged(line, n);
}

bool
guard_announces(const char *line, size_t n, uint64_t *size_r)
{
	size_t i;

	if (n < 3 || line[n - 1] != '}')
		return false;
	for (i = n - 1; i > 0 && isdigit((unsigned char)line[i - 1]); i--)
		;
	return i > 0 && i < n - 1 && line[i - 1] == '{' &&
	    num_u64(line + i, n - 1 - i, UINT64_MAX, size_r);
}

/* Takes note of what is asked for later. */
static void
note(struct guard *g, const char *line, size_t n)
{
	struct piece rest;
	bool ends;

	keep_text(&g->last, line, n);
	if (g->place != PLACE_START || !guard_is_text(line, n))
		return;
	if (line[0] == '+')
		return;
	if (line[0] != '*') {
		keep_text(&g->tagged, line, n);
		g->answer = 0;
		return;
	}
	rest.at = line + 2;
	rest.end = line + n;
	/* A NO that is no answer may say why there is none. */
	ends = piece_word(&rest, "BYE") || piece_word(&rest, "NO") ||
	    piece_word(&rest, "BAD");
	if (ends || memmem(line, n, "[ALERT]", 7) != NULL) {
		(void)(ends || piece_word(&rest, "OK"));
		piece_blanks(&rest);
		keep_text(&g->words, rest.at, (size_t)(rest.end - rest.at));
	}
}

static enum guard_state
raw_line(struct guard *g, const struct piece *line)
{
	size_t n = (size_t)(line->end - line->at);
	bool start = g->place == PLACE_START;
	bool text = start && guard_is_text(line->at, n);
	uint64_t size;

	buf_add(&g->hold, line->at, n);
	guard_release_line(g);
	g->place = PLACE_START;
	if (text)
		return is_tagged(line->at, n) || line->at[0] == '+' ?
		    GUARD_HALT :
		    GUARD_LINE;
	if (guard_announces(line->at, n, &size)) {
		if (!guard_expect(g, size, true, GUARD_STRING_MAX))
			return GUARD_REFUSED;
		g->place = PLACE_RAW;
	}
	return GUARD_LINE;
}

enum guard_state
guard_drop(struct guard *g, const struct piece *line)
{
	uint64_t size;

	buf_clear(&g->hold);
	g->place = PLACE_START;
	if (guard_announces(line->at, (size_t)(line->end - line->at), &size)) {
		if (!guard_expect(g, size, false, GUARD_STRING_MAX))
			return GUARD_REFUSED;
		g->place = PLACE_DROP;
	}
	return GUARD_LINE;
}

static enum guard_state
whole_line(struct guard *g, const char *p, size_t n)
{
	struct piece line;

	if (n > 0 && p[n - 1] == '\r')
		n--;
	line.at = p;
	line.end = p + n;
	note(g, p, n);
	g->answer += n + 2;
	if (memchr(p, '\0', n) != NULL)
		return guard_refuse(g, "a NUL in a line");
	if (!g->raw && g->answer > GUARD_ANSWER_MAX)
		return guard_refuse(g, "over %d octets in one answer",
		    (int)GUARD_ANSWER_MAX);
	switch (g->place) {
	case PLACE_START:
		return g->raw ? raw_line(g, &line) : guard_start(g, &line);
	case PLACE_RAW:
		return raw_line(g, &line);
	case PLACE_DROP:
		return guard_drop(g, &line);
	case PLACE_FETCH:
		return guard_fetch_more(g, line);
	}
	return GUARD_LINE;
}

enum guard_state
guard_feed(struct guard *g, const void *p, size_t n, size_t *used_r)
{
	const char *lf = n > 0 ? memchr(p, '\n', n) : NULL;
	size_t used = lf != NULL ? (size_t)(lf - (const char *)p) : n;
	enum guard_state state;

	*used_r = lf != NULL ? used + 1 : used;
	if (g->refused)
		return GUARD_REFUSED;
	if (g->line.len + used > GUARD_LINE_MAX) {
		keep_text(&g->last, p,
		    used < GUARD_SHOWN_MAX ? used : GUARD_SHOWN_MAX);
		return guard_refuse(g, "a line of over %d octets",
		    (int)GUARD_LINE_MAX);
	}
	/* A line that came in one piece need not be copied. */
	if (lf != NULL && g->line.len == 0)
		return whole_line(g, p, used);
	buf_add(&g->line, p, used);
	if (lf == NULL)
		return GUARD_MORE;
	state = whole_line(g, (const char *)g->line.data, g->line.len);
	buf_clear(&g->line);
	return state;
}

uint64_t
guard_literal(const struct guard *g, bool *keep_r)
{
	*keep_r = g->keep;
	return g->literal;
}

void
guard_passed(struct guard *g, size_t n)
{
	if (n > g->literal)
		n = (size_t)g->literal;
	g->literal -= n;
}

size_t
guard_ready(const struct guard *g)
{
	return g->out.len - g->taken;
}

size_t
guard_take(struct guard *g, void *to, size_t n)
{
	if (n > guard_ready(g))
		n = guard_ready(g);
	if (n == 0)
		return 0;
	memcpy(to, g->out.data + g->taken, n);
	g->taken += n;
	if (g->taken == g->out.len) {
		buf_clear(&g->out);
		g->taken = 0;
	}
	return n;
}
