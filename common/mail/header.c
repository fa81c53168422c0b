#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "mail/header.h"
#include "mail/utf8.h"
#include "util/buf.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Octets of the first line, with its LF. */
static size_t
line_length(const char *p, size_t n)
{
	const char *lf = n > 0 ? memchr(p, '\n', n) : NULL;

	return lf != NULL ? (size_t)(lf - p) + 1 : n;
}

/* Nothing but line end: CR* LF, or CR* at the end. */
static bool
is_empty_line(const char *p, size_t n)
{
	while (n > 0 && *p == '\r') {
		p++;
		n--;
	}
	return n == 0 || *p == '\n';
}

void
header_start(struct header_cursor *c, const void *header, size_t n)
{
	size_t len;

	c->p = header;
	c->n = n;
	if (n >= 5 && memcmp(header, "From ", 5) == 0) {
		len = line_length(c->p, c->n);
		c->p += len;
		c->n -= len;
	}
}

/* Octets of the field at p: its line and those that continue it. */
static size_t
field_length(const char *p, size_t n)
{
	size_t len;

	len = line_length(p, n);
	while (len < n && is_blank(p[len]))
		len += line_length(p + len, n - len);
	return len;
}

bool
header_next(struct header_cursor *c, struct header_field *r)
{
	const char *colon;
	size_t len, first;

	if (is_empty_line(c->p, c->n))
		return false;
	len = field_length(c->p, c->n);
	first = line_length(c->p, len);
	colon = is_blank(*c->p) ? NULL : memchr(c->p, ':', first);
	r->name = c->p;
	r->name_len = colon != NULL ? (size_t)(colon - c->p) : 0;
	r->body = colon != NULL ? colon + 1 : c->p;
	r->body_len = len - (size_t)(r->body - c->p);
	while (r->name_len > 0 && is_blank(r->name[r->name_len - 1]))
		r->name_len--;
	if (r->body_len > 0 && r->body[r->body_len - 1] == '\n')
		r->body_len--;
	while (r->body_len > 0 && r->body[r->body_len - 1] == '\r')
		r->body_len--;
	c->p += len;
	c->n -= len;
	return true;
}

bool
header_is(const struct header_field *f, const char *name)
{
	return strlen(name) == f->name_len &&
	    strncasecmp(f->name, name, f->name_len) == 0;
}

void
header_unfold(const struct header_field *f, size_t max, struct buf *b)
{
	size_t n = utf8_cut(f->body, f->body_len, max);
	size_t start = b->len;
	size_t i;
	char c;

	for (i = 0; i < n; i++) {
		c = f->body[i] == '\n' ? ' ' : f->body[i];
		if (c == '\r' || (b->len == start && is_blank(c)))
			continue;
		buf_addc(b, c);
	}
	while (b->len > start && is_blank((char)b->data[b->len - 1]))
		b->len--;
}
