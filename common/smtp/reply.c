#include "smtp/reply.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

void
smtp_reply_release(struct smtp_reply *r)
{
	strs_release(&r->line);
	memset(r, 0, sizeof(*r));
}

void
smtp_reply_add(struct buf *b, const struct smtp_reply *r)
{
	size_t i;

	buf_addf(b, "%d", r->code);
	if (r->enhanced[0] != '\0')
		buf_addf(b, " %s", r->enhanced);
	for (i = 0; i < r->line.n; i++)
		if (r->line.v[i][0] != '\0')
			buf_addf(b, " %s", r->line.v[i]);
}

void
reply_reader_release(struct reply_reader *r)
{
	buf_release(&r->line);
}

static size_t
digits(const char *s)
{
	size_t n = 0;

	while (isdigit((unsigned char)s[n]))
		n++;
	return n;
}

/* Octets of "5.7.8", which has the class of the code and is a word of its
 * own (RFC 2034 section 4); 0 for anything else. */
static size_t
enhanced_length(const char *s, int code)
{
	size_t n = 2, part, parts;

	if (strchr("245", s[0]) == NULL || s[0] != '0' + code / 100 ||
	    s[1] != '.')
		return 0;
	for (parts = 0; parts < 2; parts++) {
		part = digits(s + n);
		if (part == 0 || part > 3)
			return 0;
		n += part;
		if (parts == 0 && s[n++] != '.')
			return 0;
	}
	return s[n] == ' ' || s[n] == '\0' ? n : 0;
}

static enum reply_step
bad(struct reply_reader *r, const char *why)
{
	r->why = why;
	return REPLY_BAD;
}

/* One line, without its end. */
static enum reply_step
take_line(struct reply_reader *r, const char *s, size_t n)
{
	struct smtp_reply *to = r->reply;
	const char *text;
	size_t cut;
	int code;

	if (n < 3 || digits(s) < 3 || s[0] < '2' || s[0] > '5' ||
	    (n > 3 && s[3] != ' ' && s[3] != '-'))
		return bad(r, "what is no answer of SMTP");
	if (strlen(s) != n)
		return bad(r, "an answer with a NUL");
	code = (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
	if (to->line.n > 0 && code != to->code)
		return bad(r, "an answer with two codes");
	if (to->line.n == REPLY_LINES_MAX)
		return bad(r, "an answer of more than 256 lines");
	to->code = code;
	text = n > 3 ? s + 4 : s + 3;
	cut = enhanced_length(text, code);
	if (cut > 0 && to->enhanced[0] == '\0' && cut < sizeof(to->enhanced)) {
		memcpy(to->enhanced, text, cut);
		to->enhanced[cut] = '\0';
	}
	text += cut;
	strs_add(&to->line, text + strspn(text, " "));
	return n > 3 && s[3] == '-' ? REPLY_MORE : REPLY_WHOLE;
}

static enum reply_step
end_line(struct reply_reader *r)
{
	struct buf *b = &r->line;
	enum reply_step step;

	if (b->len > 0 && b->data[b->len - 1] == '\r')
		b->len--;
	step = take_line(r, buf_str(b), b->len);
	buf_clear(b);
	return step;
}

enum reply_step
reply_feed(struct reply_reader *r, const void *p, size_t n, size_t *used_r)
{
	const unsigned char *at = p, *lf;
	enum reply_step step = REPLY_MORE;
	size_t part;

	*used_r = 0;
	while (*used_r < n && step == REPLY_MORE) {
		lf = memchr(at + *used_r, '\n', n - *used_r);
		part = lf == NULL ? n - *used_r : (size_t)(lf - (at + *used_r));
		if (r->line.len + part > REPLY_LINE_MAX)
			return bad(r, "a line of more than 4096 octets");
		if (r->octets + part > REPLY_MAX)
			return bad(r, "an answer of more than 65536 octets");
		buf_add(&r->line, at + *used_r, part);
		r->octets += part;
		*used_r += part + (lf != NULL);
		if (lf != NULL)
			step = end_line(r);
	}
	return step;
}
