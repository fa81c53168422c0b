#include <stddef.h>
#include <stdint.h>

#include "mail/utf8.h"
#include "util/buf.h"

/* Octets that a sequence with this first octet has, 0 for none. */
static size_t
length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xC2 && first <= 0xDF)
		return 2;
	if (first >= 0xE0 && first <= 0xEF)
		return 3;
	if (first >= 0xF0 && first <= 0xF4)
		return 4;
	return 0;
}

size_t
utf8_decode(const void *s, size_t n, uint32_t *r)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = s;
	uint32_t cp;
	size_t i, len;

	len = n > 0 ? length_of(p[0]) : 0;
	if (len == 0 || len > n)
		return 0;
	cp = len == 1 ? p[0] : p[0] & (0x7FU >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3FU);
	}
	if (cp < least[len] || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return 0;
	*r = cp;
	return len;
}

void
utf8_encode(struct buf *b, uint32_t cp)
{
	if (cp < 0x80) {
		buf_addc(b, (int)cp);
		return;
	}
	if (cp < 0x800) {
		buf_addc(b, (int)(0xC0 | cp >> 6));
	} else {
		if (cp < 0x10000) {
			buf_addc(b, (int)(0xE0 | cp >> 12));
		} else {
			buf_addc(b, (int)(0xF0 | cp >> 18));
			buf_addc(b, (int)(0x80 | (cp >> 12 & 0x3F)));
		}
		buf_addc(b, (int)(0x80 | (cp >> 6 & 0x3F)));
	}
	buf_addc(b, (int)(0x80 | (cp & 0x3F)));
}

size_t
utf8_cut(const void *s, size_t n, size_t max)
{
	const unsigned char *p = s;
	size_t back;

	if (n <= max)
		return n;
	for (back = 0; back < 3 && back < max; back++)
		if ((p[max - back] & 0xC0) != 0x80)
			break;
	return max - back;
}
