#include "mail/params.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mail/rfc2047.h"

void
params_clear(struct params *p)
{
	buf_clear(&p->text);
	p->n = 0;
}

void
params_release(struct params *p)
{
	buf_release(&p->text);
	p->n = 0;
}

void
params_add(struct params *p, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	struct param *at;

	if (p->n == PARAMS_MAX || name_len == 0 || name_len > PARAM_NAME_MAX ||
	    value_len > PARAMS_OCTETS - p->text.len ||
	    name_len > PARAMS_OCTETS - p->text.len - value_len)
		return;
	at = &p->v[p->n++];
	at->name = p->text.len;
	at->name_len = name_len;
	buf_add(&p->text, name, name_len);
	at->value = p->text.len;
	at->value_len = value_len;
	buf_add(&p->text, value, value_len);
}

/* A field's body while it is read. */
struct field {
	const char *p;
	const char *end;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Over blanks and comments (RFC 5322 section 3.2.2), which nest. */
static void
skip_blanks(struct field *f)
{
	size_t depth = 0;

	for (; f->p < f->end; f->p++) {
		if (*f->p == '\\' && depth > 0 && f->p + 1 < f->end)
			f->p++;
		else if (*f->p == '(')
			depth++;
		else if (*f->p == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !is_blank(*f->p))
			break;
	}
}

static void
quoted(struct field *f, struct buf *value)
{
	for (f->p++; f->p < f->end && *f->p != '"'; f->p++) {
		if (*f->p == '\\' && f->p + 1 < f->end)
			f->p++;
		buf_addc(value, *f->p);
	}
	if (f->p < f->end)
		f->p++;
}

/* A value without quotes goes to the ";": many senders forget them. */
static void
bare(struct field *f, struct buf *value)
{
	while (f->p < f->end && *f->p != ';')
		buf_addc(value, *f->p++);
	while (value->len > 0 && is_blank((char)value->data[value->len - 1]))
		value->len--;
}

static void
skip_to_semicolon(struct field *f)
{
	while (f->p < f->end && *f->p != ';')
		f->p++;
}

/* At what stands behind a ";". */
static void
parameter(struct field *f, struct buf *value, struct params *p)
{
	const char *name;
	size_t n;

	skip_blanks(f);
	name = f->p;
	while (
	    f->p < f->end && *f->p != '=' && *f->p != ';' && !is_blank(*f->p))
		f->p++;
	n = (size_t)(f->p - name);
	skip_blanks(f);
	if (f->p == f->end || *f->p != '=') {
		skip_to_semicolon(f);
		return;
	}
	f->p++;
	skip_blanks(f);
	buf_clear(value);
	if (f->p < f->end && *f->p == '"')
		quoted(f, value);
	else
		bare(f, value);
	skip_to_semicolon(f);
	params_add(p, name, n, buf_str(value), value->len);
}

void
params_parse(const char *s, size_t n, struct buf *word, struct params *p)
{
	struct field f = { s, s + n };
	struct buf value = BUF_INIT;

	for (skip_blanks(&f); f.p < f.end && *f.p != ';'; skip_blanks(&f))
		buf_addc(word, tolower((unsigned char)*f.p++));
	while (f.p < f.end) {
		f.p++;
		parameter(&f, &value, p);
	}
	buf_release(&value);
}

static bool
is_name(const struct params *p, const struct param *v, const char *name)
{
	return v->name_len == strlen(name) &&
	    strncasecmp((const char *)p->text.data + v->name, name,
		v->name_len) == 0;
}

const char *
params_raw(const struct params *p, const char *name, size_t *n_r)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (is_name(p, &p->v[i], name)) {
			*n_r = p->v[i].value_len;
			return (const char *)p->text.data + p->v[i].value;
		}
	return NULL;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Adds the octets as an encoded word has them ("Q"). */
static void
add_octets(struct buf *b, const char *s, size_t n, bool percent)
{
	size_t i;
	int c;

	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (percent && c == '%' && n - i > 2 && hex(s[i + 1]) >= 0 &&
		    hex(s[i + 2]) >= 0) {
			c = hex(s[i + 1]) * 16 + hex(s[i + 2]);
			i += 2;
		}
		buf_addf(b, "=%02X", (unsigned)c);
	}
}

/* "utf-8'de'text": begins the word; *n is what is left of it. */
static const char *
begin_word(struct buf *b, const char *s, size_t *n)
{
	const char *one = memchr(s, '\'', *n), *two = NULL;

	if (one != NULL)
		two = memchr(one + 1, '\'', *n - (size_t)(one + 1 - s));
	buf_adds(b, "=?");
	if (two == NULL || one == s)
		buf_adds(b, "utf-8");
	else
		buf_add(b, s, (size_t)(one - s));
	buf_adds(b, "?Q?");
	if (two == NULL)
		return s;
	*n -= (size_t)(two + 1 - s);
	return two + 1;
}

/* The ith piece; *percent_r: with octets as %XX. */
static const char *
piece(const struct params *p, const char *name, size_t i, size_t *n_r,
    bool *percent_r)
{
	char key[PARAM_NAME_MAX + 1];
	const char *s;

	(void)snprintf(key, sizeof(key), "%s*%zu*", name, i);
	s = params_raw(p, key, n_r);
	*percent_r = s != NULL;
	if (s != NULL)
		return s;
	(void)snprintf(key, sizeof(key), "%s*%zu", name, i);
	return params_raw(p, key, n_r);
}

/* What RFC 2231 cuts into pieces and encodes, as one encoded word. */
static bool
extended(const struct params *p, const char *name, struct buf *b)
{
	char key[PARAM_NAME_MAX + 1];
	const char *s;
	size_t n, i;
	bool percent;

	(void)snprintf(key, sizeof(key), "%s*", name);
	s = params_raw(p, key, &n);
	if (s != NULL) {
		s = begin_word(b, s, &n);
		add_octets(b, s, n, true);
		buf_adds(b, "?=");
		return true;
	}
	for (i = 0; i < PARAMS_MAX; i++) {
		s = piece(p, name, i, &n, &percent);
		if (s == NULL)
			break;
		if (i == 0 && percent)
			s = begin_word(b, s, &n);
		else if (i == 0)
			buf_adds(b, "=?utf-8?Q?");
		add_octets(b, s, n, percent);
	}
	if (b->len == 0)
		return false;
	buf_adds(b, "?=");
	return true;
}

bool
params_text(const struct params *p, const char *name, size_t max,
    struct buf *out)
{
	struct buf word = BUF_INIT;
	const char *s;
	size_t n;
	bool found = extended(p, name, &word);

	if (found) {
		rfc2047_decode(out, buf_str(&word), word.len, max);
	} else {
		s = params_raw(p, name, &n);
		found = s != NULL;
		if (found)
			rfc2047_decode(out, s, n, max);
	}
	buf_release(&word);
	return found;
}
