#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "mail/fingerprint.h"
#include "mail/header.h"
#include "util/buf.h"

/*
 * Fields that servers and clients add, change or drop while a message
 * lies or moves; a last '*' stands for any rest.
 */
static const struct {
	const char *name;
	const char *reason;
} volatiles[] = {
	{ "status", "mbox servers keep \\Seen in it" },
	{ "x-status", "mbox: the other flags" },
	{ "x-keywords", "mbox and Dovecot: keywords" },
	{ "x-uid", "UW and Dovecot mboxes: the UID" },
	{ "x-uidl", "POP3 servers: their identifier" },
	{ "x-imap", "UW mbox: UIDVALIDITY and next UID" },
	{ "x-imapbase", "the same, newer" },
	{ "x-mozilla-*", "Thunderbird: flags, keywords, draft state" },
	{ "x-evolution*", "Evolution: flags, draft state" },
	{ "x-tuid", "isync marks what it uploads" },
	{ "x-offlineimap", "offlineimap marks what it uploads" },
	{ "x-gmail-*", "Takeout and GYB: labels, fetch info" },
	{ "x-gm-*", "Gmail: labels and identifiers of clients" },
	{ "content-length", "mbox delivery counts and recounts" },
	{ "lines", "the same in lines" },
	{ "return-path", "final delivery sets or replaces it" },
	{ "envelope-to", "Exim: set at delivery" },
	{ "delivery-date", "Exim: set at delivery" },
	{ "delivered-to", "set at each delivery" },
	{ "x-original-to", "Postfix: set at delivery" },
};

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
is_volatile(const struct header_field *f)
{
	const char *name;
	size_t i, len;

	for (i = 0; i < sizeof(volatiles) / sizeof(volatiles[0]); i++) {
		name = volatiles[i].name;
		if (f->name_len == 0 || lower(f->name[0]) != name[0])
			continue;
		len = strlen(name);
		if (name[len - 1] != '*') {
			if (header_is(f, name))
				return true;
		} else if (f->name_len >= len - 1 &&
		    strncasecmp(f->name, name, len - 1) == 0) {
			return true;
		}
	}
	return false;
}

/*
 * Blanks and line ends squeezed to one blank, none at either end; CR gone;
 * NUL, 8-bit bytes and "?" squeezed to one "?": some servers put a "?" for
 * each of such bytes, others one for all.  At most n octets from out on;
 * returns where they end.
 */
static char *
put_normal(char *const out, const char *s, size_t n, bool name)
{
	char *at = out;
	size_t i;
	bool blank = false;
	char c;

	for (i = 0; i < n; i++) {
		c = s[i];
		if ((unsigned char)(c - '@') < 0x40) { /* nearly always */
			if (blank)
				*at++ = ' ';
			blank = false;
			*at++ = name ? lower(c) : c;
			continue;
		}
		if (c == '\r')
			continue;
		if (c == ' ' || c == '\t' || c == '\n') {
			blank = at > out;
			continue;
		}
		if (blank)
			*at++ = ' ';
		if (c == '\0' || (unsigned char)c >= 0x80)
			c = '?';
		if (c != '?' || blank || at == out || at[-1] != '?')
			*at++ = c;
		blank = false;
	}
	return at;
}

void
fingerprint_of(const void *header, size_t n, struct fingerprint *r)
{
	struct header_cursor cursor;
	struct header_field f;
	struct buf b = BUF_INIT;
	XXH128_canonical_t canonical;
	char *const start = (char *)buf_room(&b, n + 1);
	char *at = start;

	header_start(&cursor, header, n);
	/* a field is at least as long, but for the last one's line end */
	while (header_next(&cursor, &f)) {
		if (is_volatile(&f))
			continue;
		if (f.body != f.name) {
			at = put_normal(at, f.name, f.name_len, true);
			*at++ = ':';
		}
		at = put_normal(at, f.body, f.body_len, false);
		*at++ = '\n';
	}
	XXH128_canonicalFromHash(&canonical,
	    XXH3_128bits(start, (size_t)(at - start)));
	memcpy(r->b, canonical.digest, sizeof(r->b));
	buf_release(&b);
}

bool
fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}
