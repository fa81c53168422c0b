#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "mail/component.h"
#include "util/buf.h"
#include "util/text.h"

size_t
component_length(const char *s)
{
	return strcspn(s, "/");
}

bool
component_is_inbox(const char *s, size_t n)
{
	return n == 5 && strncasecmp(s, "INBOX", 5) == 0;
}

int
component_escape(const char *s, size_t n)
{
	unsigned char value;

	if (n < 3 || !text_unhex(s + 1, 2, &value, 1))
		return -1;
	return value;
}

bool
component_escape_is_text(int value)
{
	return value == '%' || value == '/';
}

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7F;
}

enum component
component_decode(const char *s, size_t n, struct buf *out)
{
	size_t start = out->len, i;
	bool raw = false, bad = false;
	int value;

	if (n == 3 && memcmp(s, "%00", 3) == 0)
		return COMPONENT_RAW;
	for (i = 0; i < n; i++) {
		value = s[i] == '%' ? component_escape(s + i, n - i) : -1;
		if (value < 0) {
			bad = bad || s[i] == '%' ||
			    is_control((unsigned char)s[i]);
			buf_addc(out, (unsigned char)s[i]);
			continue;
		}
		bad = bad || value == '\0';
		raw = raw || !component_escape_is_text(value);
		buf_addc(out, value);
		i += 2;
	}
	if (bad || n == 0)
		return COMPONENT_BAD;
	if (raw)
		return COMPONENT_RAW;
	return text_is_utf8(out->data + start, out->len - start) ?
	    COMPONENT_TEXT :
	    COMPONENT_BAD;
}

static void
escape(struct buf *out, const char *s, size_t n, bool raw)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (c == '%' || c == '/' ||
		    (raw && (c == '&' || c >= 0x80 || is_control(c))))
			buf_addf(out, "%%%02X", c);
		else
			buf_addc(out, c);
	}
}

void
component_of_text(struct buf *out, const char *s, size_t n)
{
	escape(out, s, n, false);
}

void
component_of_raw(struct buf *out, const char *s, size_t n)
{
	if (n == 0)
		buf_adds(out, "%00");
	escape(out, s, n, true);
}
