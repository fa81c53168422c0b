/* Whether a message came as it was sent, and what is not so. */
#include <string.h>
#include <strings.h>

#include "bytes/hash.h"
#include "mail/header.h"
#include "mark.h"
#include "mark_text.h"
#include "util/mem.h"
#include "util/text.h"

enum {
	FIELD_MAX = 1024, /* octets of a field that are compared */
	SHOWN_MAX = 60,   /* and shown */
};

/* Where the text starts: behind the empty line. */
static size_t
text_starts(const char *raw, size_t n)
{
	struct header_cursor c;
	struct header_field f;
	size_t at;

	header_start(&c, raw, n);
	while (header_next(&c, &f))
		;
	at = (size_t)(c.p - raw);
	while (at < n && raw[at] == '\r')
		at++;
	return at < n ? at + 1 : n;
}

/* The first field of that name, unfolded; false when there is none. */
static bool
field_of(const void *raw, size_t n, const char *name, struct buf *r)
{
	struct header_cursor c;
	struct header_field f;

	buf_clear(r);
	header_start(&c, raw, n);
	while (header_next(&c, &f)) {
		if (!header_is(&f, name))
			continue;
		header_unfold(&f, FIELD_MAX, r);
		return true;
	}
	return false;
}

static void
add_shown(struct buf *b, const void *p, size_t n)
{
	buf_addc(b, '\'');
	text_visible(b, p, n, SHOWN_MAX);
	buf_addc(b, '\'');
}

/* As the name is written in the message; blanks and folds do not count. */
static void
compare_field(const char *name, const struct buf *sent, const struct buf *raw,
    struct strs *changed)
{
	struct buf was = BUF_INIT, is = BUF_INIT, words = BUF_INIT;

	(void)field_of(sent->data, sent->len, name, &was);
	if (!field_of(raw->data, raw->len, name, &is)) {
		buf_addf(&words, "%s is gone", name);
	} else if (was.len != is.len ||
	    memcmp(was.data, is.data, is.len) != 0) {
		buf_addf(&words, "%s is now ", name);
		add_shown(&words, is.data, is.len);
	}
	if (words.len > 0)
		strs_add(changed, buf_str(&words));
	buf_release(&was);
	buf_release(&is);
	buf_release(&words);
}

static enum mark_encoding
encoding_of(const struct buf *raw)
{
	struct buf word = BUF_INIT;
	enum mark_encoding r = MARK_OTHER;
	const char *s;

	if (!field_of(raw->data, raw->len, "Content-Transfer-Encoding", &word))
		buf_adds(&word, "7bit");
	s = buf_str(&word);
	if (strcasecmp(s, "8bit") == 0 || strcasecmp(s, "7bit") == 0 ||
	    strcasecmp(s, "binary") == 0)
		r = MARK_EIGHT;
	else if (strcasecmp(s, "quoted-printable") == 0)
		r = MARK_QUOTED;
	else if (strcasecmp(s, "base64") == 0)
		r = MARK_BASE64;
	buf_release(&word);
	return r;
}

/* With LF for line ends, those at the end left out. */
static void
add_lines(struct buf *out, const struct buf *text)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if (text->data[i] != '\r' || i + 1 == text->len ||
		    text->data[i + 1] != '\n')
			buf_addc(out, text->data[i]);
	while (out->len > 0 && out->data[out->len - 1] == '\n')
		out->len--;
}

static void
text_of(const struct buf *raw, enum mark_encoding encoding, struct buf *out)
{
	size_t at = text_starts((const char *)raw->data, raw->len);
	struct buf text = BUF_INIT;

	switch (encoding) {
	case MARK_QUOTED:
		mark_text_unquote(raw->data + at, raw->len - at, &text);
		break;
	case MARK_BASE64:
		mark_text_unbase64(raw->data + at, raw->len - at, &text);
		break;
	case MARK_EIGHT:
	case MARK_OTHER:
		buf_add(&text, raw->data + at, raw->len - at);
		break;
	}
	add_lines(out, &text);
	buf_release(&text);
}

/* What is left of a text. */
struct lines {
	const char *p;
	size_t n;
};

/* Takes one off; false at the end. */
static bool
next_line(struct lines *l, struct lines *line_r)
{
	const char *lf = l->n > 0 ? memchr(l->p, '\n', l->n) : NULL;

	if (l->n == 0)
		return false;
	line_r->p = l->p;
	line_r->n = lf != NULL ? (size_t)(lf - l->p) : l->n;
	l->p += line_r->n + (lf != NULL);
	l->n -= line_r->n + (lf != NULL);
	return true;
}

/* The first line that differs. */
static void
name_difference(const struct buf *was, const struct buf *is,
    struct strs *changed)
{
	struct lines a = { (const char *)was->data, was->len };
	struct lines b = { (const char *)is->data, is->len };
	struct lines x, y;
	struct buf words = BUF_INIT;
	bool more, come;
	size_t line = 0;

	do {
		line++;
		more = next_line(&a, &x);
		come = next_line(&b, &y);
	} while (more && come && x.n == y.n && memcmp(x.p, y.p, x.n) == 0);
	if (!come) {
		buf_addf(&words, "the text ends before its line %zu", line);
	} else {
		if (more)
			buf_addf(&words, "line %zu of the text is now ", line);
		else
			buf_adds(&words, "behind the text stands ");
		add_shown(&words, y.p, y.n);
	}
	strs_take(changed, buf_steal(&words));
}

/* Why it cannot be compared; NULL: it can. */
static char *
other_form(const struct buf *raw, enum mark_encoding came)
{
	static const char plain[] = "text/plain";
	struct buf type = BUF_INIT, words = BUF_INIT;

	if (!field_of(raw->data, raw->len, "Content-Type", &type) ||
	    strncasecmp(buf_str(&type), plain, strlen(plain)) != 0) {
		buf_adds(&words, "the text is now ");
		add_shown(&words, type.data, type.len);
	} else if (came == MARK_OTHER) {
		buf_adds(&words, "its transfer encoding is not known");
	}
	buf_release(&type);
	return words.len > 0 ? buf_steal(&words) : NULL;
}

static void
compare_text(const struct buf *sent, const struct buf *raw, struct mark_fate *r)
{
	struct buf was = BUF_INIT, is = BUF_INIT;
	char *why = other_form(raw, r->came);
	struct hash a, b;

	text_of(sent, r->sent, &was);
	text_of(raw, r->came, &is);
	hash_of(was.data, was.len, &a);
	hash_of(is.data, is.len, &b);
	r->same = why == NULL && hash_equal(&a, &b);
	if (why != NULL)
		strs_take(&r->changed, why);
	else if (!r->same)
		name_difference(&was, &is, &r->changed);
	buf_release(&was);
	buf_release(&is);
}

void
mark_compare(const struct mark *m, bool eight, const void *raw, size_t n,
    struct mark_fate *r)
{
	static const char *const fields[] = { "Date", "From", "To", "Subject",
		"Message-ID", MARK_FIELD };
	struct buf sent = BUF_INIT, got = BUF_INIT;
	size_t i;

	mark_message(m, eight, &sent);
	buf_add(&got, raw, n);
	(void)buf_str(&got); /* an empty one has an address, too */
	memset(r, 0, sizeof(*r));
	r->sent = eight ? MARK_EIGHT : MARK_QUOTED;
	r->came = encoding_of(&got);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		compare_field(fields[i], &sent, &got, &r->changed);
	compare_text(&sent, &got, r);
	buf_release(&sent);
	buf_release(&got);
}
