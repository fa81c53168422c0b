#include "util/text.h"

#include <stdint.h>
#include <string.h>

static const char lower_hex[] = "0123456789abcdef";
static const char upper_hex[] = "0123456789ABCDEF";

/* Octets of the UTF-8 character at p, 0 when there is none (RFC 3629). */
static size_t
utf8_len(const unsigned char *p, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t i, len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;
	/* Overlong forms, surrogates, beyond U+10FFFF. */
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < len; i++) {
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	}
	return len;
}

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
text_is_utf8(const void *s, size_t n)
{
	const unsigned char *p = s;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = utf8_len(p + i, n - i);
		if (len == 0)
			return false;
	}
	return true;
}

void
text_percent(struct buf *b, const void *s, size_t n)
{
	const unsigned char *p = s;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = utf8_len(p + i, n - i);
		if (len > 0 && !is_control(p[i]) && p[i] != '%') {
			buf_add(b, p + i, len);
			continue;
		}
		len = 1;
		buf_addc(b, '%');
		buf_addc(b, upper_hex[p[i] >> 4]);
		buf_addc(b, upper_hex[p[i] & 15]);
	}
}

bool
text_unpercent(struct buf *b, const char *s, size_t n)
{
	const size_t before = b->len;
	int high, low;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] != '%') {
			buf_addc(b, s[i]);
			continue;
		}
		high = n - i > 2 ? hex_value(s[i + 1]) : -1;
		low = n - i > 2 ? hex_value(s[i + 2]) : -1;
		if (high < 0 || low < 0) {
			b->len = before;
			return false;
		}
		buf_addc(b, high << 4 | low);
		i += 2;
	}
	return true;
}

/* Writes the visible form of the character at p to out (4 octets at most);
 * *len_r: octets taken.  Returns the octets written. */
static size_t
visible_one(const unsigned char *p, size_t n, char *out, size_t *len_r)
{
	size_t len;

	len = utf8_len(p, n);
	if (len == 0 || is_control(p[0]) ||
	    (len == 2 && p[0] == 0xc2 && p[1] < 0xa0)) {
		/* A C1 control shows as its two octets, one at a time: the
		 * second is no UTF-8 by itself and ends here, too. */
		out[0] = '\\';
		out[1] = 'x';
		out[2] = lower_hex[p[0] >> 4];
		out[3] = lower_hex[p[0] & 15];
		*len_r = 1;
		return 4;
	}
	memcpy(out, p, len);
	*len_r = len;
	return len;
}

void
text_visible(struct buf *b, const void *s, size_t n, size_t max)
{
	const unsigned char *p = s;
	size_t i, len, out_len, used = 0;
	char out[4];

	for (i = 0; i < n; i += len) {
		out_len = visible_one(p + i, n - i, out, &len);
		if (out_len > max - used) {
			buf_adds(b, "...");
			return;
		}
		buf_add(b, out, out_len);
		used += out_len;
	}
}

/* The short escape of RFC 8259 section 7, 0 when there is none. */
static char
json_short(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

void
text_json(struct buf *b, const void *s, size_t n)
{
	const unsigned char *p = s;
	size_t i, len;

	buf_addc(b, '"');
	for (i = 0; i < n; i += len) {
		len = utf8_len(p + i, n - i);
		if (len == 0) {
			buf_adds(b, "\xef\xbf\xbd");
			len = 1;
		} else if (json_short(p[i]) != 0) {
			buf_addc(b, '\\');
			buf_addc(b, json_short(p[i]));
		} else if (is_control(p[i])) {
			buf_addf(b, "\\u%04x", p[i]);
		} else {
			buf_add(b, p + i, len);
		}
	}
	buf_addc(b, '"');
}

void
text_hex(struct buf *b, const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		buf_addc(b, lower_hex[p[i] >> 4]);
		buf_addc(b, lower_hex[p[i] & 15]);
	}
}

bool
text_unhex(const char *s, size_t n, unsigned char *out, size_t n_out)
{
	int high, low;
	size_t i;

	if (n_out > SIZE_MAX / 2 || n != 2 * n_out)
		return false;
	for (i = 0; i < n_out; i++) {
		high = hex_value(s[2 * i]);
		low = hex_value(s[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

size_t
text_fields(char *s, char **field, size_t max)
{
	size_t n = 0;
	char *tab;

	for (;;) {
		if (n == max)
			return max + 1;
		field[n++] = s;
		tab = strchr(s, '\t');
		if (tab == NULL)
			return n;
		*tab = '\0';
		s = tab + 1;
	}
}

void
text_bytes(struct buf *b, unsigned long long octets)
{
	static const char *const unit[] = { "kB", "MB", "GB", "TB", "PB",
		"EB" };
	const size_t n_unit = sizeof(unit) / sizeof(unit[0]);
	unsigned long long one = 1000, part, shown;
	size_t i;

	if (octets < 1000) {
		buf_addf(b, "%llu B", octets);
		return;
	}
	for (i = 0;; i++, one *= 1000) {
		/* kB and MB with one decimal, from GB on two; rounded, so
		 * that 999960 is 1.0 MB and not 1000.0 kB. */
		part = i < 2 ? 10 : 100;
		shown = octets / (one / part);
		if (octets % (one / part) >= (one / part + 1) / 2)
			shown++;
		if (shown < 1000 * part || i + 1 == n_unit)
			break;
	}
	buf_addf(b, i < 2 ? "%llu.%01llu %s" : "%llu.%02llu %s", shown / part,
	    shown % part, unit[i]);
}

void
text_count(struct buf *b, unsigned long long n, const char *noun)
{
	buf_addf(b, "%llu %s%s", n, noun, n == 1 ? "" : "s");
}
