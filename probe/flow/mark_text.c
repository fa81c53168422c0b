#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "mark_text.h"

enum { LINE_MAX_QUOTED = 72 }; /* RFC 2045 6.7: 76 at most, with the "=" */

/*
 * What is altered on the way, a line each: octets of the upper half, a dot at
 * the start (RFC 5321 4.5.2), "From " (mbox files), blanks at the end (relays
 * of old), a tab, a line longer than a screen and shorter than 998.
 */
void
mark_text(const char *token, struct buf *out)
{
	int i;

	buf_adds(out,
	    "This message tests whether mail arrives (mprobe flow).\r\n"
	    "It is removed when it is found; it may be deleted.\r\n\r\n");
	buf_addf(out, "mark %s\r\n", token);
	buf_adds(out,
	    "8-bit: gr\xc3\xbc\xc3\x9f dich, "
	    "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0, "
	    "\xe9\x83\xb5\xe4\xbb\xb6, \xf0\x9f\x93\xa7\r\n"
	    ".a dot\r\n"
	    "From here\r\n"
	    "blanks at the end  \r\n"
	    "a\ttab, = and =3D\r\n");
	for (i = 0; i < 60; i++)
		buf_adds(out, "long line ");
	buf_adds(out, "ends\r\n");
}

static void
quote_octet(struct buf *out, unsigned char c)
{
	buf_addf(out, "=%02X", c);
}

/* Is it as it stands?  last: nothing follows in its line.  first: some relays
 * trip over a dot or "From " there. */
static bool
stands_for_itself(unsigned char c, bool first, bool last)
{
	if (c == ' ' || c == '\t')
		return !last;
	if (first && (c == '.' || c == 'F'))
		return false;
	return c > ' ' && c < 0x7f && c != '=';
}

void
mark_text_quote(const void *p, size_t n, struct buf *out)
{
	const unsigned char *s = p;
	size_t i, column = 0;
	bool last;

	for (i = 0; i < n; i++) {
		if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n') {
			buf_adds(out, "\r\n");
			column = 0;
			i++;
			continue;
		}
		if (column >= LINE_MAX_QUOTED) {
			buf_adds(out, "=\r\n");
			column = 0;
		}
		last = i + 1 >= n || s[i + 1] == '\r';
		if (stands_for_itself(s[i], column == 0, last)) {
			buf_addc(out, s[i]);
			column++;
		} else {
			quote_octet(out, s[i]);
			column += 3;
		}
	}
}

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Octets of a soft line break at s, which starts with "="; 0: it is none. */
static size_t
soft_break(const unsigned char *s, size_t n)
{
	size_t i = 1;

	while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r'))
		i++;
	return i == n ? n : s[i] == '\n' ? i + 1 : 0;
}

void
mark_text_unquote(const void *p, size_t n, struct buf *out)
{
	const unsigned char *s = p;
	size_t i = 0, skip;

	while (i < n) {
		if (s[i] != '=') {
			buf_addc(out, s[i++]);
			continue;
		}
		skip = soft_break(s + i, n - i);
		if (skip > 0) {
			i += skip;
		} else if (n - i > 2 && hex_digit(s[i + 1]) >= 0 &&
		    hex_digit(s[i + 2]) >= 0) {
			buf_addc(out,
			    hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
			i += 3;
		} else {
			buf_addc(out, s[i++]);
		}
	}
}

static int
base64_digit(unsigned char c)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(alphabet, c);

	return at == NULL ? -1 : (int)(at - alphabet);
}

void
mark_text_unbase64(const void *p, size_t n, struct buf *out)
{
	const unsigned char *s = p;
	uint32_t bits = 0;
	int have = 0, digit;
	size_t i;

	for (i = 0; i < n && s[i] != '='; i++) {
		digit = base64_digit(s[i]);
		if (digit < 0)
			continue;
		bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_addc(out, (int)(bits >> have & 0xff));
		}
	}
}
