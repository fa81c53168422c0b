#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "mail/rfc2047.h"
#include "mail/utf8.h"
#include "util/buf.h"
#include "util/text.h"

enum {
	CHARSET_MAX = 40,   /* octets of a charset's name */
	CONVERT_STEP = 256, /* octets converted at a time */
};

/* An encoded word: =?charset?encoding?text?= */
struct word {
	char charset[CHARSET_MAX + 1];
	bool base64;
	const char *text;
	size_t text_len;
	size_t len; /* all of it */
};

/* Encoded words that follow each other in one charset: a character may be
 * cut between them, so they are converted as one. */
struct run {
	char charset[CHARSET_MAX + 1];
	struct buf bytes;
	const char *raw; /* where the first word starts */
	size_t raw_len;  /* NULL, 0: no run is open */
};

static void
put_char(struct buf *out, uint32_t cp)
{
	if (cp == '\t' || cp == '\n' || cp == '\r')
		cp = ' ';
	else if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
		cp = UTF8_REPLACEMENT;
	utf8_encode(out, cp);
}

static void
put_utf8(struct buf *out, const void *s, size_t n)
{
	const char *p = s;
	uint32_t cp;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = utf8_decode(p + i, n - i, &cp);
		if (len == 0) {
			cp = UTF8_REPLACEMENT;
			len = 1;
		}
		put_char(out, cp);
	}
}

static void
put_latin1(struct buf *out, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		put_char(out, (unsigned char)s[i]);
}

/* Names that stand for a larger charset in real mail. */
static const char *
charset_really(const char *name)
{
	static const char *const aliases[][2] = {
		{ "us-ascii", "UTF-8" },
		{ "ascii", "UTF-8" },
		{ "utf8", "UTF-8" },
		{ "iso-8859-1", "WINDOWS-1252" },
		{ "gb2312", "GB18030" },
		{ "gbk", "GB18030" },
		{ "shift_jis", "CP932" },
		{ "ks_c_5601-1987", "CP949" },
		{ "euc-kr", "CP949" },
	};
	size_t i;

	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcasecmp(name, aliases[i][0]) == 0)
			return aliases[i][1];
	return name;
}

/* Converts all of in; each byte that cannot be becomes U+FFFD. */
static void
convert(iconv_t cd, struct buf *in, struct buf *out)
{
	char *from = buf_str(in), *to;
	char step[CONVERT_STEP];
	size_t left = in->len, room, was;

	while (left > 0) {
		to = step;
		room = sizeof(step);
		was = left;
		if (iconv(cd, &from, &left, &to, &room) != (size_t)-1)
			left = 0;
		put_utf8(out, step, sizeof(step) - room);
		/* Full steps go on; no progress at all is a bad byte. */
		if (left == was && room == sizeof(step)) {
			put_char(out, UTF8_REPLACEMENT);
			from++;
			left--;
		}
	}
	to = step;
	room = sizeof(step);
	if (iconv(cd, NULL, NULL, &to, &room) != (size_t)-1)
		put_utf8(out, step, sizeof(step) - room);
}

static void
run_end(struct run *run, struct buf *out)
{
	const char *charset = charset_really(run->charset);
	iconv_t cd;

	if (run->raw == NULL)
		return;
	if (strcasecmp(charset, "UTF-8") == 0) {
		put_utf8(out, buf_str(&run->bytes), run->bytes.len);
	} else {
		/* GNU C names its error value (iconv_t)-1. */
		cd = iconv_open("UTF-8", charset);
		if ((intptr_t)cd == -1) {
			put_utf8(out, run->raw, run->raw_len);
		} else {
			convert(cd, &run->bytes, out);
			(void)iconv_close(cd);
		}
	}
	buf_clear(&run->bytes);
	run->raw = NULL;
	run->raw_len = 0;
}

static bool
is_charset(const char *s, size_t n)
{
	/* No "/": it would tell iconv_open more than a charset. */
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_.:+()";
	size_t i;

	for (i = 0; i < n; i++)
		if (memchr(allowed, s[i], sizeof(allowed) - 1) == NULL)
			return false;
	return n > 0 && n <= CHARSET_MAX;
}

/* The octets up to a "?", which must come; -1 for none. */
static bool
up_to_mark(const char *s, size_t n, size_t *r)
{
	const char *mark = n > 0 ? memchr(s, '?', n) : NULL;

	if (mark == NULL)
		return false;
	*r = (size_t)(mark - s);
	return true;
}

static bool
word_parse(const char *s, size_t n, struct word *r)
{
	const char *star;
	size_t charset, name, text, at;

	if (n < 2 || s[0] != '=' || s[1] != '?' ||
	    !up_to_mark(s + 2, n - 2, &charset))
		return false;
	at = 2 + charset + 1;
	/* RFC 2231 section 5: a language may follow. */
	star = memchr(s + 2, '*', charset);
	name = star != NULL ? (size_t)(star - (s + 2)) : charset;
	if (!is_charset(s + 2, name) || n - at < 2 || s[at + 1] != '?' ||
	    strchr("BbQq", s[at]) == NULL || s[at] == '\0')
		return false;
	memcpy(r->charset, s + 2, name);
	r->charset[name] = '\0';
	r->base64 = s[at] == 'B' || s[at] == 'b';
	at += 2;
	if (!up_to_mark(s + at, n - at, &text))
		return false;
	r->text = s + at;
	r->text_len = text;
	at += text + 1;
	if (at >= n || s[at] != '=')
		return false;
	r->len = at + 1;
	return true;
}

static void
decode_base64(struct buf *b, const char *s, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at;
	uint32_t value = 0;
	unsigned bits = 0;
	size_t i;

	for (i = 0; i < n && s[i] != '='; i++) {
		at = memchr(alphabet, s[i], sizeof(alphabet) - 1);
		if (at == NULL)
			continue;
		value = (value << 6 | (uint32_t)(at - alphabet)) & 0xFFFF;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		buf_addc(b, (int)(value >> bits & 0xFF));
	}
}

static void
decode_q(struct buf *b, const char *s, size_t n)
{
	unsigned char byte;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '_') {
			buf_addc(b, ' ');
		} else if (s[i] == '=' && n - i > 2 &&
		    text_unhex(s + i + 1, 2, &byte, 1)) {
			buf_addc(b, byte);
			i += 2;
		} else {
			buf_addc(b, (unsigned char)s[i]);
		}
	}
}

/* Adds a word that starts at s to the open run, or opens one. */
static void
run_add(struct run *run, const char *s, const struct word *w, struct buf *out)
{
	if (run->raw != NULL && strcasecmp(run->charset, w->charset) != 0)
		run_end(run, out);
	if (run->raw == NULL) {
		memcpy(run->charset, w->charset, sizeof(run->charset));
		run->raw = s;
	}
	run->raw_len = (size_t)(s + w->len - run->raw);
	if (w->base64)
		decode_base64(&run->bytes, w->text, w->text_len);
	else
		decode_q(&run->bytes, w->text, w->text_len);
}

/* Octets of plain text at s: up to what may be an encoded word. */
static size_t
plain_length(const char *s, size_t n)
{
	const char *p = memmem(s + 1, n - 1, "=?", 2);

	return p != NULL ? (size_t)(p - s) : n;
}

static bool
all_blank(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (memchr(" \t\r\n", s[i], 4) == NULL)
			return false;
	return true;
}

void
rfc2047_decode(struct buf *out, const void *s, size_t n, size_t max)
{
	struct run run = { .bytes = BUF_INIT };
	bool utf8 = text_is_utf8(s, n);
	size_t start = out->len, i, len;
	const char *p = s;
	struct word w;

	for (i = 0; i < n && out->len - start <= max; i += len) {
		if (word_parse(p + i, n - i, &w)) {
			run_add(&run, p + i, &w, out);
			len = w.len;
			continue;
		}
		len = plain_length(p + i, n - i);
		/* Blanks between two encoded words are not meant. */
		if (run.raw != NULL && all_blank(p + i, len) &&
		    word_parse(p + i + len, n - i - len, &w))
			continue;
		run_end(&run, out);
		if (utf8)
			put_utf8(out, p + i, len);
		else
			put_latin1(out, p + i, len);
	}
	run_end(&run, out);
	buf_release(&run.bytes);
	if (out->len - start > max)
		out->len =
		    start + utf8_cut(out->data + start, out->len - start, max);
}
