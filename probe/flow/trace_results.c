/* Authentication-Results (RFC 8601) and Received-SPF (RFC 7208 9.1). */
#include <string.h>
#include <strings.h>

#include "trace.h"
#include "util/buf.h"
#include "words.h"

/* A result that is being read: "METHOD = RESULT reason=.. PTYPE.NAME=..". */
struct result {
	struct buf method, result, about;
	struct buf name; /* what a "=" may stand behind */
};

static void
add_lower(struct buf *b, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_addc(b,
		    p[i] >= 'A' && p[i] <= 'Z' ? p[i] - 'A' + 'a' : p[i]);
}

static void
clear(struct result *r)
{
	buf_clear(&r->method);
	buf_clear(&r->result);
	buf_clear(&r->about);
	buf_clear(&r->name);
}

static void
release(struct result *r)
{
	buf_release(&r->method);
	buf_release(&r->result);
	buf_release(&r->about);
	buf_release(&r->name);
}

/* "none" alone says that nothing was tested. */
static void
add(struct trace *t, struct buf *server, struct result *r)
{
	const struct trace_verdict v = { buf_str(server), buf_str(&r->method),
		buf_str(&r->result), buf_str(&r->about) };

	if (r->method.len > 0 && r->result.len > 0)
		trace_add_verdict(t, &v);
	clear(r);
}

static bool
ends_with_dot(const struct buf *b)
{
	return b->len > 0 && b->data[b->len - 1] == '.';
}

/* The first word is the method, up to its version: "dkim/1", "dkim / 1".  A
 * property may have blanks about its dot. */
static void
take_name(struct result *r, const struct word *w)
{
	const char *slash = w->n > 0 ? memchr(w->p, '/', w->n) : NULL;

	if (r->method.len == 0 && w->kind == WORD_PLAIN && slash != w->p) {
		add_lower(&r->method, w->p,
		    slash != NULL ? (size_t)(slash - w->p) : w->n);
		buf_adds(&r->name, "/");
		return;
	}
	if (r->result.len == 0)
		return;
	if (!ends_with_dot(&r->name) && (w->n == 0 || *w->p != '.'))
		buf_clear(&r->name);
	buf_add(&r->name, w->p, w->n);
}

/* What stands behind a "=". */
static void
take_value(struct result *r, const struct word *w)
{
	if (r->result.len == 0) {
		add_lower(&r->result, w->p, w->n);
	} else if (memchr(r->name.data, '.', r->name.len) != NULL) {
		if (r->about.len > 0)
			buf_addc(&r->about, ' ');
		buf_add(&r->about, r->name.data, r->name.len);
		buf_addc(&r->about, '=');
		buf_add(&r->about, w->p, w->n);
	}
	buf_clear(&r->name);
}

/* The results, of which each ends with ";". */
static void
take_results(struct words *w, struct buf *server, struct trace *t)
{
	struct result r = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };
	struct word word;
	bool pair = false;

	while (words_next(w, ";=", &word)) {
		if (word.kind == WORD_COMMENT)
			continue;
		if (word_is_mark(&word, ';')) {
			add(t, server, &r);
			pair = false;
		} else if (word_is_mark(&word, '=')) {
			pair = r.name.len > 0;
		} else if (pair) {
			take_value(&r, &word);
			pair = false;
		} else {
			take_name(&r, &word);
		}
	}
	add(t, server, &r);
	release(&r);
}

void
trace_results(const char *s, size_t n, struct trace *t)
{
	struct words w = { s, n }, all = w;
	struct buf server = BUF_INIT;
	struct word word;
	bool named = false;

	while (words_next(&w, ";=", &word)) {
		if (word_is_mark(&word, ';'))
			break;
		/* Some leave the server out, and start with a result. */
		if (word_is_mark(&word, '=')) {
			buf_clear(&server);
			w = all;
			break;
		}
		if (word.kind == WORD_COMMENT || named)
			continue; /* behind the name: a version */
		buf_add(&server, word.p, word.n);
		named = true;
	}
	take_results(&w, &server, t);
	buf_release(&server);
}

/* "RESULT (why) client-ip=..; envelope-from=..; receiver=SERVER; ..." */
void
trace_spf(const char *s, size_t n, struct trace *t)
{
	struct words w = { s, n };
	struct buf server = BUF_INIT;
	struct result r = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };
	struct word word, name = { WORD_MARK, "", 0 };
	bool pair = false;

	while (words_next(&w, ";=", &word)) {
		if (word.kind == WORD_COMMENT)
			continue;
		if (r.method.len == 0) {
			buf_adds(&r.method, "spf");
			add_lower(&r.result, word.p, word.n);
		} else if (word_is_mark(&word, '=')) {
			pair = true;
			continue;
		} else if (pair && word_is(&name, "receiver")) {
			buf_clear(&server);
			buf_add(&server, word.p, word.n);
		} else if (pair && word_is(&name, "envelope-from") &&
		    r.about.len == 0) {
			buf_adds(&r.about, "smtp.mailfrom=");
			buf_add(&r.about, word.p, word.n);
		}
		pair = false;
		name = word;
	}
	add(t, &server, &r);
	release(&r);
	buf_release(&server);
}
