/* One Received field: "from A (..) by B (..) with P id I for <R>; DATE", in
 * which every server puts comments where it likes. */
#include <string.h>
#include <strings.h>

#include "mail/date.h"
#include "trace.h"
#include "util/buf.h"
#include "words.h"

enum clause { CLAUSE_NONE, CLAUSE_FROM, CLAUSE_BY, CLAUSE_WITH, CLAUSE_OTHER };

static enum clause
clause_of(const struct word *w)
{
	static const struct {
		const char *word;
		enum clause clause;
	} t[] = {
		{ "from", CLAUSE_FROM },
		{ "by", CLAUSE_BY },
		{ "with", CLAUSE_WITH },
		{ "via", CLAUSE_OTHER },
		{ "id", CLAUSE_OTHER },
		{ "for", CLAUSE_OTHER },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (word_is(w, t[i].word))
			return t[i].clause;
	return CLAUSE_NONE;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "TLSv1.3", "TLS1_3", "TLS1.3", "TLS 1.3" at s: appends "TLSv1.3". */
static bool
version_at(const char *s, size_t n, struct buf *r)
{
	size_t i = 3;

	if (n < 6 || strncasecmp(s, "TLS", 3) != 0)
		return false;
	if (s[i] == 'v' || s[i] == 'V' || s[i] == ' ' || s[i] == '_')
		i++;
	if (i + 2 >= n || !is_digit(s[i]) ||
	    (s[i + 1] != '.' && s[i + 1] != '_') || !is_digit(s[i + 2]))
		return false;
	buf_addf(r, "TLSv%c.%c", s[i], s[i + 2]);
	return true;
}

static bool
find_version(const char *s, size_t n, struct buf *r)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (version_at(s + i, n - i, r))
			return true;
	return false;
}

/* Protocols of RFC 3848 and RFC 6531 with "S" for TLS, before the "A". */
static bool
is_secured(const struct buf *with)
{
	static const char *const secured[] = { "ESMTPS", "ESMTPSA", "SMTPS",
		"LMTPS", "LMTPSA", "UTF8SMTPS", "UTF8SMTPSA", "UTF8LMTPS",
		"UTF8LMTPSA", "HTTPS" };
	size_t i;

	for (i = 0; i < sizeof(secured) / sizeof(secured[0]); i++)
		if (strlen(secured[i]) == with->len &&
		    strncasecmp(secured[i], (const char *)with->data,
			with->len) == 0)
			return true;
	return false;
}

static void
add_word(struct buf *b, const struct word *w)
{
	if (b->len > 0)
		buf_addc(b, ' ');
	if (w->kind == WORD_COMMENT)
		buf_addc(b, '(');
	buf_add(b, w->p, w->n);
	if (w->kind == WORD_COMMENT)
		buf_addc(b, ')');
}

struct received {
	struct buf from, by, with;
	enum clause clause;
	bool named;  /* the clause has its word */
	bool beside; /* a comment about TLS and no other may follow */
};

static bool
is_about_tls(const struct word *w)
{
	struct buf unused = BUF_INIT;
	bool r = find_version(w->p, w->n, &unused);

	buf_release(&unused);
	return r;
}

/* A clause is its first word; from has comments too: the name that the server
 * found, and the address. */
static void
take_word(struct received *r, const struct word *w)
{
	enum clause next = clause_of(w);

	if (next != CLAUSE_NONE && (r->named || r->clause == CLAUSE_NONE)) {
		r->clause = next;
		r->named = false;
		return;
	}
	if (w->kind == WORD_COMMENT) {
		if (r->clause == CLAUSE_FROM && r->named && !is_about_tls(w))
			add_word(&r->from, w);
		return;
	}
	if (r->named)
		return;
	r->named = true;
	if (r->clause == CLAUSE_FROM)
		add_word(&r->from, w);
	else if (r->clause == CLAUSE_BY)
		add_word(&r->by, w);
	else if (r->clause == CLAUSE_WITH)
		add_word(&r->with, w);
}

void
trace_received(const char *s, size_t n, struct trace_hop *r)
{
	struct received got = { .clause = CLAUSE_NONE };
	struct words w = { s, n };
	struct buf tls = BUF_INIT;
	size_t head = n; /* octets before the date */
	struct mdate date;
	struct word word;

	memset(r, 0, sizeof(*r));
	while (words_next(&w, ";", &word)) {
		if (!word_is_mark(&word, ';')) {
			if (head == n)
				take_word(&got, &word);
			continue;
		}
		/* Exchange writes a ";" before: the last one is it. */
		head = (size_t)(word.p - s);
		r->timed = date_parse_5322(w.p, w.n, &date) && date.known;
		r->time = r->timed ? date.epoch : 0;
	}
	if (!find_version(s, head, &tls) && is_secured(&got.with))
		buf_adds(&tls, "yes");
	r->from = buf_steal(&got.from);
	r->by = buf_steal(&got.by);
	r->with = buf_steal(&got.with);
	r->tls = buf_steal(&tls);
}
