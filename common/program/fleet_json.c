#include "program/fleet_json.h"

#include <stdlib.h>
#include <string.h>

#include "mail/utf8.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

bool
json_event_is(const char *line, const char *event)
{
	static const char head[] = "{\"event\":\"";
	size_t n = strlen(event);

	return strncmp(line, head, sizeof(head) - 1) == 0 &&
	    strncmp(line + sizeof(head) - 1, event, n) == 0 &&
	    line[sizeof(head) - 1 + n] == '"';
}

/* In a text a quote has a backslash before it: ',"key":' is none. */
static const char *
find(const char *line, const char *key)
{
	char *mark = xasprintf(",\"%s\":", key);
	const char *at = strstr(line, mark);

	if (at != NULL)
		at += strlen(mark);
	free(mark);
	return at;
}

bool
json_number(const char *line, const char *key, int64_t *r)
{
	const char *at = find(line, key);

	return at != NULL && num_i64(at, strcspn(at, ",}"), r);
}

/* \uXXXX as text_json writes it: a control, no surrogate. */
static const char *
take_hex(const char *p, struct buf *b)
{
	unsigned char octet[2];

	if (strnlen(p, 4) < 4 || !text_unhex(p, 4, octet, sizeof(octet)))
		return p;
	utf8_encode(b, (uint32_t)octet[0] << 8 | octet[1]);
	return p + 4;
}

static const char *
take_escape(const char *p, struct buf *b)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *at;

	if (*p == '\0')
		return p;
	if (*p == 'u')
		return take_hex(p + 1, b);
	at = strchr(from, *p);
	buf_addc(b, at == NULL ? *p : to[at - from]);
	return p + 1;
}

char *
json_text(const char *line, const char *key)
{
	const char *p = find(line, key);
	struct buf b = BUF_INIT;

	if (p == NULL || *p != '"')
		return NULL;
	p++;
	while (*p != '\0' && *p != '"') {
		if (*p == '\\')
			p = take_escape(p + 1, &b);
		else
			buf_addc(&b, (unsigned char)*p++);
	}
	return buf_steal(&b);
}
