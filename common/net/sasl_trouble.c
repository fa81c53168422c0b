#include "net/sasl_trouble.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/*
 * Two texts of one small object are all that is wanted: less than a JSON
 * library is, and the octets are a stranger's.
 */
struct cursor {
	const unsigned char *p, *end;
	int depth; /* of { and [ */
};

static void
skip_blanks(struct cursor *c)
{
	while (
	    c->p < c->end && strchr(" \t\r\n", *c->p) != NULL && *c->p != '\0')
		c->p++;
}

/* At the opening quote; keeps the start of a long text.  An escape that is
 * not of one character stays as it is written. */
static bool
take_text(struct cursor *c, struct buf *r)
{
	int octet;

	buf_clear(r);
	for (c->p++; c->p < c->end && *c->p != '"'; c->p++) {
		if (*c->p == '\\' && c->p + 1 < c->end &&
		    strchr("\"\\/", c->p[1]) != NULL && c->p[1] != '\0')
			c->p++;
		octet = *c->p;
		if (octet != '\0' && r->len < SASL_TROUBLE_MAX)
			buf_addc(r, octet);
	}
	if (c->p == c->end)
		return false;
	c->p++;
	return true;
}

/* A number, true, null: up to what ends a value. */
static void
take_word(struct cursor *c, struct buf *r)
{
	buf_clear(r);
	while (
	    c->p<c->end && * c->p> ' ' && strchr(",}]\":{[", *c->p) == NULL) {
		if (r->len < SASL_TROUBLE_MAX)
			buf_addc(r, *c->p);
		c->p++;
	}
}

static void
take_value(struct sasl_trouble *t, struct cursor *c, struct buf *key)
{
	struct buf ignored = BUF_INIT;
	const char *name = buf_str(key);
	struct buf *r = &ignored;

	if (c->depth == 1 && strcmp(name, "status") == 0)
		r = &t->status;
	else if (c->depth == 1 && strcmp(name, "scope") == 0)
		r = &t->scope;
	skip_blanks(c);
	if (c->p < c->end && *c->p == '"') {
		if (!take_text(c, r))
			buf_clear(r);
	} else {
		take_word(c, r);
	}
	buf_release(&ignored);
}

void
sasl_trouble_parse(struct sasl_trouble *t, const void *p, size_t n)
{
	/* An empty challenge has no data. */
	const unsigned char *text = n == 0 ? (const unsigned char *)"" : p;
	struct cursor c = { text, text + n, 0 };
	struct buf key = BUF_INIT;

	buf_clear(&t->status);
	buf_clear(&t->scope);
	while (c.p < c.end) {
		switch (*c.p) {
		case '"':
			if (!take_text(&c, &key))
				break;
			skip_blanks(&c);
			if (c.p == c.end || *c.p != ':')
				continue;
			c.p++;
			take_value(t, &c, &key);
			continue;
		case '{':
		case '[':
			c.depth++;
			break;
		case '}':
		case ']':
			c.depth--;
			break;
		}
		if (c.p < c.end)
			c.p++;
	}
	buf_release(&key);
}

void
sasl_trouble_explain(struct sasl_trouble *t, struct buf *r)
{
	/* RFC 6750, 3.1, and the status of HTTP that goes with each. */
	static const struct {
		const char *status, *http, *meaning;
	} rows[] = {
		{ "invalid_token", "401",
		    "the token has expired, was revoked, or is not this "
		    "user's" },
		{ "insufficient_scope", "403",
		    "the token is not for mail: it lacks the scope" },
		{ "invalid_request", "400", "the server cannot read it" },
	};
	const char *status = buf_str(&t->status);
	size_t i;

	if (*status == '\0')
		return;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcasecmp(status, rows[i].status) == 0 ||
		    strcmp(status, rows[i].http) == 0)
			break;
	if (i < sizeof(rows) / sizeof(rows[0]))
		buf_adds(r, rows[i].meaning);
	else
		buf_adds(r, "the server says of the token");
	buf_addf(r, " (status '%s'", status);
	if (t->scope.len > 0)
		buf_addf(r, ", scope '%s'", buf_str(&t->scope));
	buf_addc(r, ')');
}

void
sasl_trouble_release(struct sasl_trouble *t)
{
	buf_release(&t->status);
	buf_release(&t->scope);
}
