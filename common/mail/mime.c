#include "mail/mime.h"

#include <stdlib.h>
#include <string.h>

#include "mail/header.h"
#include "util/mem.h"

/* A multipart that is open. */
struct level {
	char *boundary;
	size_t len;
	bool digest; /* whose parts are messages unless they say otherwise */
};

struct mime {
	struct parts *parts;
	struct level level[PARTS_DEPTH];
	size_t depth;

	/* The line that comes: so much of it as may matter. */
	struct buf line;
	uint64_t line_size; /* of all of it, once it goes on in a new piece */
	char last[2];       /* its last octets so far */

	bool in_header;
	struct buf header;
	/* A leaf is open, with so many octets; the line end that comes before
	 * a boundary is part of that. */
	bool in_leaf;
	uint64_t octets;
	uint64_t line_end;
	struct buf type, disposition;
	bool disposed;
	struct params type_params, disposition_params;
};

struct mime *
mime_new(void)
{
	return xcalloc(1, sizeof(struct mime));
}

static void
close_to(struct mime *m, size_t depth)
{
	while (m->depth > depth)
		free(m->level[--m->depth].boundary);
}

void
mime_free(struct mime *m)
{
	if (m == NULL)
		return;
	close_to(m, 0);
	buf_release(&m->line);
	buf_release(&m->header);
	buf_release(&m->type);
	buf_release(&m->disposition);
	params_release(&m->type_params);
	params_release(&m->disposition_params);
	free(m);
}

static void
begin_header(struct mime *m)
{
	m->in_header = true;
	buf_clear(&m->header);
}

void
mime_begin(struct mime *m, struct parts *parts)
{
	m->parts = parts;
	parts_clear(parts);
	close_to(m, 0);
	buf_clear(&m->line);
	m->line_size = 0;
	m->in_leaf = false;
	begin_header(m);
}

static void
end_leaf(struct mime *m)
{
	const struct part_facts f = { .type = buf_str(&m->type),
		.type_len = m->type.len,
		.type_params = &m->type_params,
		.disposition = m->disposed ? buf_str(&m->disposition) : NULL,
		.disposition_len = m->disposition.len,
		.disposition_params = &m->disposition_params,
		.octets = m->octets };

	if (m->in_leaf)
		parts_add(m->parts, &f);
	m->in_leaf = false;
}

/* RFC 5322 section 2.2.3: without the line ends, and nothing else: blanks may
 * be part of a boundary. */
static void
unfold(const struct header_field *f, struct buf *to)
{
	size_t i;

	buf_clear(to);
	for (i = 0; i < f->body_len && i < PARAMS_OCTETS; i++)
		if (f->body[i] != '\r' && f->body[i] != '\n')
			buf_addc(to, f->body[i]);
}

/* The first field of a kind counts. */
static void
read_header(struct mime *m)
{
	struct buf body = BUF_INIT;
	struct header_cursor c;
	struct header_field f;

	buf_clear(&m->type);
	buf_clear(&m->disposition);
	params_clear(&m->type_params);
	params_clear(&m->disposition_params);
	m->disposed = false;
	header_start(&c, buf_str(&m->header), m->header.len);
	while (header_next(&c, &f)) {
		if (m->type.len == 0 && header_is(&f, "Content-Type")) {
			unfold(&f, &body);
			params_parse(buf_str(&body), body.len, &m->type,
			    &m->type_params);
		} else if (!m->disposed &&
		    header_is(&f, "Content-Disposition")) {
			unfold(&f, &body);
			params_parse(buf_str(&body), body.len, &m->disposition,
			    &m->disposition_params);
			m->disposed = true;
		}
	}
	buf_release(&body);
}

static bool
type_starts(const struct mime *m, const char *with)
{
	return m->type.len >= strlen(with) &&
	    memcmp(m->type.data, with, strlen(with)) == 0;
}

/* False: it is a leaf after all. */
static bool
open_multipart(struct mime *m)
{
	struct level *l = &m->level[m->depth];
	const char *boundary;
	size_t n;

	if (!type_starts(m, "multipart/"))
		return false;
	boundary = params_raw(&m->type_params, "boundary", &n);
	if (boundary == NULL || n == 0 || n + 4 > MIME_LINE_MAX)
		return false;
	if (m->depth == PARTS_DEPTH) {
		m->parts->cut = true;
		return false;
	}
	l->boundary = xmalloc(n);
	memcpy(l->boundary, boundary, n);
	l->len = n;
	l->digest = type_starts(m, "multipart/digest");
	m->depth++;
	return true;
}

static void
end_header(struct mime *m)
{
	read_header(m);
	m->in_header = false;
	if (open_multipart(m))
		return;
	if (memchr(buf_str(&m->type), '/', m->type.len) == NULL) {
		buf_clear(&m->type);
		buf_adds(&m->type,
		    m->depth > 0 && m->level[m->depth - 1].digest ?
			"message/rfc822" :
			"text/plain");
	}
	m->in_leaf = true;
	m->octets = m->line_end = 0;
}

static bool
is_blank(const char *p, size_t n)
{
	while (n > 0 && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) {
		p++;
		n--;
	}
	return n == 0;
}

/* The level whose boundary this line is; *last_r: its end. */
static bool
find_boundary(const struct mime *m, const char *p, size_t n, size_t *at_r,
    bool *last_r)
{
	const struct level *l;
	size_t i;

	if (n < 3 || p[0] != '-' || p[1] != '-')
		return false;
	for (i = m->depth; i-- > 0;) {
		l = &m->level[i];
		if (n - 2 < l->len || memcmp(p + 2, l->boundary, l->len) != 0)
			continue;
		*at_r = i;
		p += 2 + l->len;
		n -= 2 + l->len;
		*last_r = n >= 2 && p[0] == '-' && p[1] == '-';
		if (*last_r || is_blank(p, n))
			return true;
		p -= 2 + l->len;
		n += 2 + l->len;
	}
	return false;
}

/* A line whose first n octets are p, of size in all, with its end. */
static void
take_line(struct mime *m, const char *p, size_t n, uint64_t size)
{
	uint64_t end;
	size_t at;
	bool last;

	if (m->depth > 0 && size == n && find_boundary(m, p, n, &at, &last)) {
		if (m->in_header)
			end_header(m);
		end_leaf(m);
		close_to(m, last ? at : at + 1);
		m->in_header = false;
		if (!last)
			begin_header(m);
		return;
	}
	if (m->in_header) {
		if (size == n && is_blank(p, n) && *p != ' ' && *p != '\t')
			end_header(m);
		else if (n <= MIME_HEADER_MAX - m->header.len)
			buf_add(&m->header, p, n);
		return;
	}
	if (!m->in_leaf)
		return;
	end = m->last[1] != '\n' ? 0 : m->last[0] == '\r' ? 2 : 1;
	m->octets += m->line_end + size - end;
	m->line_end = end;
}

static void
see_last(struct mime *m, const char *p, size_t n)
{
	if (n > 1)
		m->last[0] = p[n - 2];
	else
		m->last[0] = m->last[1];
	m->last[1] = p[n - 1];
}

static void
end_line(struct mime *m)
{
	take_line(m, buf_str(&m->line), m->line.len, m->line_size);
	buf_clear(&m->line);
	m->line_size = 0;
}

void
mime_add(struct mime *m, const void *data, size_t n)
{
	const char *p = data, *lf;
	size_t len, room;

	for (; n > 0; p += len, n -= len) {
		lf = memchr(p, '\n', n);
		len = lf != NULL ? (size_t)(lf - p) + 1 : n;
		if (m->line_size == 0)
			m->last[0] = m->last[1] = '\0';
		see_last(m, p, len);
		if (lf != NULL && m->line_size == 0 &&
		    (len <= MIME_LINE_MAX || m->in_header)) {
			take_line(m, p, len, len);
			continue;
		}
		room = (m->in_header ? MIME_HEADER_MAX : MIME_LINE_MAX) -
		    m->line.len;
		buf_add(&m->line, p, len < room ? len : room);
		m->line_size += len;
		if (lf != NULL)
			end_line(m);
	}
}

void
mime_end(struct mime *m)
{
	if (m->line_size > 0)
		end_line(m);
	if (m->in_header)
		end_header(m);
	m->octets += m->line_end;
	end_leaf(m);
	close_to(m, 0);
}
