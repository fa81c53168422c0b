#include "stores/imap/fetchline.h"

#include <string.h>
#include <strings.h>

#include "mail/flags.h"
#include "stores/imap/token.h"

static bool
is_word(const char *p, size_t n, const char *word)
{
	return n == strlen(word) && strncasecmp(p, word, n) == 0;
}

static bool
take_flags(struct tokens *t, struct fetchline *r)
{
	const char *p;
	size_t n;
	unsigned bit;

	if (!token_byte(t, '('))
		return false;
	r->flags = 0;
	strs_release(&r->keywords);
	while (token_atom(t, &p, &n)) {
		bit = flag_parse(p, n);
		r->flags |= bit;
		if (bit == 0 && !is_word(p, n, "\\Recent"))
			strs_addn(&r->keywords, p, n);
	}
	r->has |= FETCHED_FLAGS;
	return token_byte(t, ')');
}

static bool
take_date(struct tokens *t, struct buf *scratch, struct fetchline *r)
{
	const char *p;
	size_t n;
	bool nil;

	if (!token_string(t, scratch, &p, &n, &nil))
		return false;
	r->has |= FETCHED_DATE;
	if (nil || !date_parse_internal(p, n, &r->date))
		memset(&r->date, 0, sizeof(r->date));
	else
		r->date.known = true;
	return true;
}

static bool
take_header(struct tokens *t, struct buf *scratch, struct fetchline *r)
{
	bool nil;

	if (!token_string(t, scratch, &r->header, &r->header_len, &nil))
		return false;
	r->has |= FETCHED_HEADER;
	return true;
}

static bool
take_structure(struct tokens *t, struct fetchline *r)
{
	struct tokens ahead = *t;

	/* NIL, say */
	if (!token_byte(&ahead, '('))
		return token_skip(t);
	r->structure = ahead.p - 1;
	if (!token_skip(t))
		return false;
	r->structure_len = (size_t)(t->p - r->structure);
	r->has |= FETCHED_STRUCTURE;
	return true;
}

/* BODY[HEADER.FIELDS (..)]<0>: what token_atom left of such a name. */
static bool
skip_section(struct tokens *t, const char *name, size_t n)
{
	const char *close;

	if (memchr(name, '[', n) == NULL || memchr(name, ']', n) != NULL)
		return true;
	close = memchr(t->p, ']', (size_t)(t->end - t->p));
	if (close == NULL)
		return false;
	t->p = close + 1;
	while (t->p < t->end && *t->p != ' ')
		t->p++;
	return true;
}

static bool
take_item(struct tokens *t, struct buf *scratch, struct fetchline *r)
{
	const char *name;
	size_t n;

	if (!token_atom(t, &name, &n))
		return false;
	if (is_word(name, n, "UID")) {
		if (!token_u32(t, &r->uid) || r->uid == 0)
			return false;
		r->has |= FETCHED_UID;
		return true;
	}
	if (is_word(name, n, "FLAGS"))
		return take_flags(t, r);
	if (is_word(name, n, "INTERNALDATE"))
		return take_date(t, scratch, r);
	if (is_word(name, n, "RFC822.SIZE")) {
		if (!token_u64(t, &r->size))
			return token_skip(t);
		r->has |= FETCHED_SIZE;
		return true;
	}
	if (is_word(name, n, "BODY[HEADER]") ||
	    is_word(name, n, "BODY[HEADER]<0>"))
		return take_header(t, scratch, r);
	if (is_word(name, n, "BODYSTRUCTURE"))
		return take_structure(t, r);
	return skip_section(t, name, n) && token_skip(t);
}

bool
fetchline_parse(const char *text, size_t n, struct buf *scratch,
    struct fetchline *r)
{
	struct tokens t;

	strs_release(&r->keywords);
	memset(r, 0, sizeof(*r));
	tokens_init(&t, text, n);
	if (!token_byte(&t, '*') || !token_u32(&t, &r->seq) ||
	    !token_word(&t, "FETCH") || !token_byte(&t, '('))
		return false;
	while (!token_byte(&t, ')'))
		if (!take_item(&t, scratch, r))
			break;
	return true;
}

void
fetchline_release(struct fetchline *f)
{
	strs_release(&f->keywords);
	memset(f, 0, sizeof(*f));
}
