/* Reports of mail that was not delivered. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bounce.h"
#include "mail/header.h"
#include "util/buf.h"
#include "util/mem.h"
#include "words.h"

enum {
	FIELD_MAX = 4096, /* octets of a field that are looked at */
	DEPTH_MAX = 4,    /* of multiparts in multiparts */
	PARTS_MAX = 100,
	BOUNDARY_MAX = 200, /* RFC 2046 5.1.1 has 70 */
};

/* A part of a message: its header is at the start. */
struct part {
	const char *p;
	size_t n;
};

static void
set(char **to, const struct buf *b)
{
	free(*to);
	*to = xstrndup(b->len > 0 ? (const char *)b->data : "", b->len);
}

static void
skip_empty_line(struct header_cursor *c)
{
	while (c->n > 0 && *c->p == '\r') {
		c->p++;
		c->n--;
	}
	if (c->n > 0) {
		c->p++;
		c->n--;
	}
}

/* "rfc822; a@b" without the type. */
static void
take_typed(char **to, const struct buf *body)
{
	const char *semicolon =
	    body->len > 0 ? memchr(body->data, ';', body->len) : NULL;
	struct buf rest = BUF_INIT;
	size_t i;

	i = semicolon == NULL ?
	    0 :
	    (size_t)(semicolon - (const char *)body->data) + 1;
	/* what was folded has more blanks than it needs */
	for (; i < body->len; i++)
		if (body->data[i] != ' ' ||
		    (rest.len > 0 && rest.data[rest.len - 1] != ' '))
			buf_addc(&rest, body->data[i]);
	set(to, &rest);
	buf_release(&rest);
}

static bool
starts_with(const struct buf *b, const char *word)
{
	return b->len >= strlen(word) &&
	    strncasecmp((const char *)b->data, word, strlen(word)) == 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Octets of a status code "5.1.1" at s (RFC 3463 2); 0: none. */
static size_t
status_at(const char *s, size_t n)
{
	size_t i = 1, part, digits;

	if (n < 5 || (*s != '2' && *s != '4' && *s != '5'))
		return 0;
	for (part = 0; part < 2; part++) {
		if (i == n || s[i++] != '.')
			return 0;
		for (digits = 0; i < n && is_digit(s[i]); i++)
			digits++;
		if (digits == 0 || digits > 3)
			return 0;
	}
	return i < n && (is_digit(s[i]) || s[i] == '.') ? 0 : i;
}

static void
take_status(struct bounce *r, const struct buf *body)
{
	const char *s = (const char *)body->data;
	size_t len = status_at(s, body->len);
	struct buf code = BUF_INIT;

	buf_add(&code, s, len);
	set(&r->status, &code);
	buf_release(&code);
}

static enum bounce_action
action_of(const struct buf *body)
{
	if (starts_with(body, "delayed"))
		return BOUNCE_DELAYED;
	if (starts_with(body, "failed"))
		return BOUNCE_FAILED;
	return BOUNCE_DELIVERED;
}

/* The groups of a delivery status: one of the message, then one for each
 * recipient, of which a failed one counts most.  False: none is there. */
static bool
take_status_part(const struct part *part, struct bounce *r)
{
	struct header_cursor c = { part->p, part->n };
	struct header_field f;
	struct buf body = BUF_INIT;
	bool found = false, skip = false;

	while (c.n > 0) {
		if (!header_next(&c, &f)) {
			skip_empty_line(&c);
			skip = found && r->action == BOUNCE_FAILED;
			continue;
		}
		if (skip)
			continue;
		buf_clear(&body);
		header_unfold(&f, FIELD_MAX, &body);
		if (header_is(&f, "Action")) {
			r->action = action_of(&body);
			found = true;
		} else if (header_is(&f, "Status")) {
			take_status(r, &body);
		} else if (header_is(&f, "Final-Recipient")) {
			take_typed(&r->recipient, &body);
		} else if (header_is(&f, "Diagnostic-Code")) {
			take_typed(&r->diagnostic, &body);
		} else if (header_is(&f, "Reporting-MTA")) {
			take_typed(&r->server, &body);
		}
	}
	buf_release(&body);
	return found;
}

/* Content-Type of the part, and what is behind its header. */
static void
open_part(const struct part *part, struct buf *type, struct part *text_r)
{
	struct header_cursor c;
	struct header_field f;

	buf_clear(type);
	header_start(&c, part->p, part->n);
	while (header_next(&c, &f))
		if (header_is(&f, "Content-Type") && type->len == 0)
			header_unfold(&f, FIELD_MAX, type);
	skip_empty_line(&c);
	*text_r = (struct part){ c.p, c.n };
}

/* Of a Content-Type: appends "--" and its boundary; false: none. */
static bool
boundary_of(const struct buf *type, struct buf *r)
{
	struct words w = { (const char *)type->data, type->len };
	struct word word, name = { WORD_MARK, "", 0 };
	bool value = false;

	buf_adds(r, "--");
	while (words_next(&w, ";=", &word)) {
		if (word_is_mark(&word, '=')) {
			value = word_is(&name, "boundary");
			continue;
		}
		if (value && word.n > 0 && word.n <= BOUNDARY_MAX) {
			buf_add(r, word.p, word.n);
			return true;
		}
		value = false;
		name = word;
	}
	return false;
}

/* The line that starts with the boundary, from at on; *next_r: behind it. */
static size_t
find_boundary(const struct part *t, size_t at, const struct buf *boundary,
    size_t *next_r)
{
	const char *lf;

	while (at < t->n) {
		lf = memchr(t->p + at, '\n', t->n - at);
		*next_r = lf == NULL ? t->n : (size_t)(lf - t->p) + 1;
		if (t->n - at >= boundary->len &&
		    memcmp(t->p + at, boundary->data, boundary->len) == 0)
			return at;
		at = *next_r;
	}
	*next_r = t->n;
	return t->n;
}

/* Looks for a delivery status in it, and in its parts. */
static bool
search(const struct part *whole, unsigned depth, struct bounce *r)
{
	struct buf type = BUF_INIT, boundary = BUF_INIT;
	struct part text, part;
	size_t at, next, end;
	bool found = false;
	int parts = 0;

	open_part(whole, &type, &text);
	if (starts_with(&type, "message/delivery-status") ||
	    starts_with(&type, "message/global-delivery-status")) {
		found = take_status_part(&text, r);
	} else if (starts_with(&type, "multipart/") && depth < DEPTH_MAX &&
	    boundary_of(&type, &boundary)) {
		at = find_boundary(&text, 0, &boundary, &next);
		while (!found && at < text.n && parts++ < PARTS_MAX) {
			at = next;
			end = find_boundary(&text, at, &boundary, &next);
			part = (struct part){ text.p + at, end - at };
			found = search(&part, depth + 1, r);
			at = end;
		}
	}
	buf_release(&type);
	buf_release(&boundary);
	return found;
}

static bool
has_word(const struct buf *b, const char *word)
{
	size_t n = strlen(word), i;

	for (i = 0; i + n <= b->len; i++)
		if (strncasecmp((const char *)b->data + i, word, n) == 0)
			return true;
	return false;
}

/* From nobody (RFC 5321 6.1), or from those who write such mail. */
static bool
is_from_a_server(const struct part *whole)
{
	struct header_cursor c;
	struct header_field f;
	struct buf body = BUF_INIT;
	bool r = false;

	header_start(&c, whole->p, whole->n);
	while (!r && header_next(&c, &f)) {
		buf_clear(&body);
		header_unfold(&f, FIELD_MAX, &body);
		if (header_is(&f, "Return-Path"))
			r = body.len == 2 && memcmp(body.data, "<>", 2) == 0;
		else if (header_is(&f, "From"))
			r = has_word(&body, "mailer-daemon") ||
			    has_word(&body, "postmaster@");
	}
	buf_release(&body);
	return r;
}

/* The first code in the text that is no success, and its line. */
static bool
find_status(const struct part *text, struct bounce *r)
{
	struct buf code = BUF_INIT, line = BUF_INIT;
	size_t i, len, from = 0, to;

	for (i = 0; i < text->n; i++) {
		if (text->p[i] == '\n')
			from = i + 1;
		if (i > 0 &&
		    (is_digit(text->p[i - 1]) || text->p[i - 1] == '.'))
			continue;
		len = status_at(text->p + i, text->n - i);
		if (len == 0 || text->p[i] == '2')
			continue;
		buf_add(&code, text->p + i, len);
		for (to = i; to < text->n && text->p[to] != '\n' &&
		     text->p[to] != '\r' && to - from < FIELD_MAX;
		     to++)
			;
		buf_add(&line, text->p + from, to - from);
		set(&r->status, &code);
		set(&r->diagnostic, &line);
		r->action = text->p[i] == '4' ? BOUNCE_DELAYED : BOUNCE_FAILED;
		break;
	}
	buf_release(&code);
	buf_release(&line);
	return i < text->n;
}

bool
bounce_of(const void *raw, size_t n, struct bounce *r)
{
	const struct part whole = { raw, n };
	struct buf type = BUF_INIT;
	struct part text;
	bool found;

	*r = (struct bounce){ BOUNCE_FAILED, xstrdup(""), xstrdup(""),
		xstrdup(""), xstrdup("") };
	found = search(&whole, 0, r);
	if (!found && is_from_a_server(&whole)) {
		open_part(&whole, &type, &text);
		found = find_status(&text, r);
		buf_release(&type);
	}
	if (!found)
		bounce_release(r);
	return found;
}

void
bounce_release(struct bounce *b)
{
	free(b->status);
	free(b->recipient);
	free(b->server);
	free(b->diagnostic);
	memset(b, 0, sizeof(*b));
}
