#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mail/mutf7.h"
#include "mail/utf8.h"
#include "util/buf.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* Bits on their way between octets and base64. */
struct bits {
	uint32_t value;
	unsigned count;
};

static void
base64_put(struct buf *out, struct bits *bits, uint32_t unit)
{
	bits->value = bits->value << 16 | unit;
	bits->count += 16;
	while (bits->count >= 6) {
		bits->count -= 6;
		buf_addc(out, alphabet[bits->value >> bits->count & 0x3F]);
	}
	bits->value &= (1U << bits->count) - 1;
}

static void
base64_put_char(struct buf *out, struct bits *bits, uint32_t cp)
{
	if (cp >= 0x10000) {
		base64_put(out, bits, 0xD800 | (cp - 0x10000) >> 10);
		base64_put(out, bits, 0xDC00 | ((cp - 0x10000) & 0x3FF));
	} else {
		base64_put(out, bits, cp);
	}
}

/* Ends a run of base64. */
static void
base64_end(struct buf *out, struct bits *bits)
{
	if (bits->count > 0)
		buf_addc(out,
		    alphabet[bits->value << (6 - bits->count) & 0x3F]);
	bits->value = 0;
	bits->count = 0;
	buf_addc(out, '-');
}

static bool
stands_for_itself(uint32_t cp)
{
	return cp >= 0x20 && cp < 0x7F;
}

void
mutf7_encode(struct buf *out, const char *utf8, size_t n)
{
	struct bits bits = { 0, 0 };
	bool run = false;
	uint32_t cp;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = utf8_decode(utf8 + i, n - i, &cp);
		if (len == 0) {
			cp = UTF8_REPLACEMENT;
			len = 1;
		}
		if (stands_for_itself(cp)) {
			if (run)
				base64_end(out, &bits);
			run = false;
			buf_addc(out, (int)cp);
			if (cp == '&')
				buf_addc(out, '-');
		} else {
			if (!run)
				buf_addc(out, '&');
			run = true;
			base64_put_char(out, &bits, cp);
		}
	}
	if (run)
		base64_end(out, &bits);
}

/* Adds one UTF-16 unit; *high is a high surrogate that waits, or 0. */
static bool
unit_add(struct buf *out, uint32_t unit, uint32_t *high)
{
	bool is_high = unit >= 0xD800 && unit <= 0xDBFF;
	bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;

	if ((*high != 0) != is_low)
		return false;
	if (is_high) {
		*high = unit;
		return true;
	}
	if (is_low)
		unit = 0x10000 + ((*high & 0x3FF) << 10 | (unit & 0x3FF));
	*high = 0;
	utf8_encode(out, unit);
	return true;
}

/* Decodes what stands between '&' and '-'. */
static bool
base64_decode(struct buf *out, const char *s, size_t n)
{
	struct bits bits = { 0, 0 };
	uint32_t high = 0;
	const char *at;
	size_t i;

	for (i = 0; i < n; i++) {
		at = memchr(alphabet, s[i], sizeof(alphabet) - 1);
		if (at == NULL)
			return false;
		bits.value = bits.value << 6 | (uint32_t)(at - alphabet);
		bits.count += 6;
		if (bits.count < 16)
			continue;
		bits.count -= 16;
		if (!unit_add(out, bits.value >> bits.count, &high))
			return false;
		bits.value &= (1U << bits.count) - 1;
	}
	return high == 0 && bits.count < 6 && bits.value == 0;
}

static bool
decode(struct buf *out, const char *s, size_t n)
{
	const char *end;
	size_t i, len;

	for (i = 0; i < n; i++) {
		if ((unsigned char)s[i] >= 0x80)
			return false;
		if (s[i] != '&') {
			buf_addc(out, s[i]);
			continue;
		}
		i++;
		end = i < n ? memchr(s + i, '-', n - i) : NULL;
		if (end == NULL)
			return false;
		len = (size_t)(end - (s + i));
		if (len == 0)
			buf_addc(out, '&');
		else if (!base64_decode(out, s + i, len))
			return false;
		i += len;
	}
	return true;
}

bool
mutf7_decode(struct buf *out, const char *s, size_t n)
{
	size_t before = out->len;

	if (decode(out, s, n))
		return true;
	out->len = before;
	return false;
}
