#include "stores/imap/bodyline.h"

#include <string.h>

#include "stores/imap/token.h"

struct reader {
	struct tokens t;
	struct parts *parts;
	struct buf scratch, name, type, disposition;
	struct params type_params, disposition_params;
	bool disposed;
};

/* Appends a string; NIL is an empty one. */
static bool
take_string(struct reader *r, struct buf *to, bool *nil_r)
{
	const char *p;
	size_t n;

	if (!token_string(&r->t, &r->scratch, &p, &n, nil_r))
		return false;
	if (!*nil_r)
		buf_add(to, p, n);
	return true;
}

/* ("charset" "utf-8" "name" "a.pdf") or NIL */
static bool
take_params(struct reader *r, struct params *to)
{
	const char *p;
	size_t n;
	bool nil;

	if (!token_byte(&r->t, '('))
		return token_skip(&r->t);
	while (!token_byte(&r->t, ')')) {
		buf_clear(&r->name);
		if (!take_string(r, &r->name, &nil) ||
		    !token_string(&r->t, &r->scratch, &p, &n, &nil))
			return false;
		if (!nil)
			params_add(to, buf_str(&r->name), r->name.len, p, n);
	}
	return true;
}

/* ("attachment" ("filename" "a.pdf")) or NIL; some give the word alone. */
static bool
take_disposition(struct reader *r)
{
	bool nil;

	if (!token_byte(&r->t, '(')) {
		if (!take_string(r, &r->disposition, &nil))
			return false;
		r->disposed = !nil;
		return true;
	}
	r->disposed = true;
	if (!take_string(r, &r->disposition, &nil))
		return false;
	if (!token_byte(&r->t, ')')) {
		if (!take_params(r, &r->disposition_params))
			return false;
		while (!token_byte(&r->t, ')'))
			if (!token_skip(&r->t))
				return false;
	}
	return true;
}

static bool
type_is(struct reader *r, const char *type)
{
	struct tokens t;

	tokens_init(&t, buf_str(&r->type), r->type.len);
	return token_word(&t, type);
}

/* What depends on the type, the MD5, and the disposition; all may lack. */
static bool
take_extension(struct reader *r)
{
	size_t skip = 1; /* body-fld-md5 */

	if (type_is(r, "message/rfc822") || type_is(r, "message/global"))
		skip += 3; /* envelope, body, lines */
	else if (r->type.len > 5 && memcmp(r->type.data, "text/", 5) == 0)
		skip += 1; /* lines */
	for (; skip > 0; skip--) {
		if (token_byte(&r->t, ')'))
			return true;
		if (!token_skip(&r->t))
			return false;
	}
	if (token_byte(&r->t, ')'))
		return true;
	if (!take_disposition(r))
		return false;
	while (!token_byte(&r->t, ')'))
		if (!token_skip(&r->t))
			return false;
	return true;
}

static void
to_lower(struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if (b->data[i] >= 'A' && b->data[i] <= 'Z')
			b->data[i] = (unsigned char)(b->data[i] + 32);
}

static void
add_leaf(struct reader *r, uint64_t octets)
{
	const struct part_facts f = { .type = buf_str(&r->type),
		.type_len = r->type.len,
		.type_params = &r->type_params,
		.disposition = r->disposed ? buf_str(&r->disposition) : NULL,
		.disposition_len = r->disposition.len,
		.disposition_params = &r->disposition_params,
		.octets = octets };

	parts_add(r->parts, &f);
}

/* Behind the "(" of a part that is none of several. */
static bool
take_leaf(struct reader *r)
{
	uint64_t octets = 0;
	bool nil, whole;

	buf_clear(&r->type);
	buf_clear(&r->disposition);
	params_clear(&r->type_params);
	params_clear(&r->disposition_params);
	r->disposed = false;
	if (!take_string(r, &r->type, &nil))
		return false;
	buf_addc(&r->type, '/');
	if (!take_string(r, &r->type, &nil) ||
	    !take_params(r, &r->type_params) || !token_skip(&r->t) || /* id */
	    !token_skip(&r->t) || /* description */
	    !token_skip(&r->t))   /* encoding */
		return false;
	to_lower(&r->type);
	/* NIL for a part that the server could not read */
	if (!token_u64(&r->t, &octets) && !token_skip(&r->t))
		return false;
	whole = take_extension(r);
	add_leaf(r, octets);
	return whole;
}

static bool
take_body(struct reader *r, size_t depth)
{
	struct tokens ahead;

	if (depth == PARTS_DEPTH) {
		r->parts->cut = true;
		return token_skip(&r->t);
	}
	if (!token_byte(&r->t, '('))
		return false;
	ahead = r->t;
	if (!token_byte(&ahead, '('))
		return take_leaf(r);
	do {
		if (!take_body(r, depth + 1))
			return false;
		ahead = r->t;
	} while (token_byte(&ahead, '('));
	/* the subtype and what may stand behind it */
	while (!token_byte(&r->t, ')'))
		if (!token_skip(&r->t))
			return false;
	return true;
}

bool
bodyline_parse(const char *text, size_t n, struct parts *parts)
{
	struct reader r = { .parts = parts };
	bool whole;

	parts_clear(parts);
	tokens_init(&r.t, text, n);
	whole = take_body(&r, 0) && token_end(&r.t);
	buf_release(&r.scratch);
	buf_release(&r.name);
	buf_release(&r.type);
	buf_release(&r.disposition);
	params_release(&r.type_params);
	params_release(&r.disposition_params);
	return whole;
}
