#include <stdlib.h>
#include <string.h>

#include "mail/header.h"
#include "trace.h"
#include "util/buf.h"
#include "util/mem.h"

static void
release_hop(struct trace_hop *h)
{
	free(h->from);
	free(h->by);
	free(h->with);
	free(h->tls);
}

static void
take_received(struct trace *t, const struct buf *body)
{
	if (t->hops == TRACE_HOPS_MAX)
		return;
	t->hop = xreallocarray(t->hop, t->hops + 1, sizeof(*t->hop));
	trace_received((const char *)body->data, body->len, &t->hop[t->hops++]);
}

void
trace_add_verdict(struct trace *t, const struct trace_verdict *v)
{
	struct trace_verdict *to;

	if (t->verdicts == TRACE_VERDICTS_MAX)
		return;
	t->verdict =
	    xreallocarray(t->verdict, t->verdicts + 1, sizeof(*t->verdict));
	to = &t->verdict[t->verdicts++];
	to->server = xstrdup(v->server);
	to->method = xstrdup(v->method);
	to->result = xstrdup(v->result);
	to->about = xstrdup(v->about);
}

/* The topmost: who delivers it writes it there (RFC 5321 4.4). */
static void
take_return_path(struct trace *t, const struct buf *body)
{
	const char *s = (const char *)body->data;
	size_t n = body->len;

	if (t->return_path != NULL)
		return;
	if (n >= 2 && s[0] == '<' && s[n - 1] == '>') {
		s++;
		n -= 2;
	}
	t->return_path = n > 0 ? xstrndup(s, n) : xstrdup("");
}

static void
take_field(struct trace *t, const struct header_field *f, struct buf *body)
{
	buf_clear(body);
	header_unfold(f, TRACE_FIELD_MAX, body);
	if (header_is(f, "Received"))
		take_received(t, body);
	else if (header_is(f, "Return-Path"))
		take_return_path(t, body);
	else if (header_is(f, "Authentication-Results"))
		trace_results((const char *)body->data, body->len, t);
	else if (header_is(f, "Received-SPF"))
		trace_spf((const char *)body->data, body->len, t);
}

/* Servers put theirs on top. */
static void
reverse(struct trace *t)
{
	struct trace_hop h;
	size_t i;

	for (i = 0; i < t->hops / 2; i++) {
		h = t->hop[i];
		t->hop[i] = t->hop[t->hops - 1 - i];
		t->hop[t->hops - 1 - i] = h;
	}
}

void
trace_of(const void *header, size_t n, struct trace *r)
{
	struct header_cursor c;
	struct header_field f;
	struct buf body = BUF_INIT;

	memset(r, 0, sizeof(*r));
	header_start(&c, header, n);
	while (header_next(&c, &f))
		take_field(r, &f, &body);
	buf_release(&body);
	reverse(r);
}

void
trace_release(struct trace *t)
{
	size_t i;

	for (i = 0; i < t->hops; i++)
		release_hop(&t->hop[i]);
	for (i = 0; i < t->verdicts; i++) {
		free(t->verdict[i].server);
		free(t->verdict[i].method);
		free(t->verdict[i].result);
		free(t->verdict[i].about);
	}
	free(t->hop);
	free(t->verdict);
	free(t->return_path);
	memset(t, 0, sizeof(*t));
}
