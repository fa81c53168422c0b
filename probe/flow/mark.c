/* The marked message: how it is made, and known again. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "mail/civil.h"
#include "mail/header.h"
#include "mark.h"
#include "mark_text.h"
#include "util/mem.h"
#include "util/text.h"

enum {
	ADDRESS_MAX = 254,
	FIELD_MAX = 1024, /* octets of a field that are compared */
};

bool
mark_address_is_plain(const char *s)
{
	const char *at = strrchr(s, '@'), *p;

	if (at == NULL || at == s || at[1] == '\0' || strlen(s) > ADDRESS_MAX)
		return false;
	for (p = s; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f ||
		    strchr("<>()[],;:\\\"", *p) != NULL ||
		    (*p == '@' && p != at))
			return false;
	return true;
}

void
mark_init(struct mark *m, const char *from, const char *to, int64_t now)
{
	unsigned char random[MARK_OCTETS];
	struct buf hex = BUF_INIT;

	randombytes_buf(random, sizeof(random));
	text_hex(&hex, random, sizeof(random));
	memcpy(m->token, buf_str(&hex), sizeof(m->token));
	buf_release(&hex);
	m->from = xstrdup(from);
	m->to = xstrdup(to);
	m->id =
	    xasprintf("<mailproof.%s@%s>", m->token, strrchr(from, '@') + 1);
	m->made = now;
}

void
mark_release(struct mark *m)
{
	free(m->id);
	free(m->from);
	free(m->to);
	m->id = m->from = m->to = NULL;
}

/* RFC 5322 section 3.3. */
static void
add_date(struct buf *b, int64_t epoch)
{
	static const char days[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon",
		"Tue", "Wed" };
	struct civil c;

	civil_from_epoch(epoch, &c);
	buf_addf(b, "%s, %d %s %d %02d:%02d:%02d +0000",
	    days[epoch > 0 ? epoch / 86400 % 7 : 0], c.day,
	    civil_month_name(c.month), c.year, c.hour, c.minute, c.second);
}

void
mark_message(const struct mark *m, bool eight, struct buf *out)
{
	struct buf date = BUF_INIT, text = BUF_INIT;

	add_date(&date, m->made);
	mark_text(m->token, &text);
	/* Nobody answers it by a machine (RFC 3834). */
	buf_addf(out,
	    "Date: %s\r\nFrom: <%s>\r\nTo: <%s>\r\n"
	    "Subject: mailproof test message %.8s\r\nMessage-ID: %s\r\n"
	    "Auto-Submitted: auto-generated\r\n" MARK_FIELD ": %s\r\n"
	    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n",
	    buf_str(&date), m->from, m->to, m->token, m->id, m->token,
	    mark_encoding_word(eight ? MARK_EIGHT : MARK_QUOTED));
	if (eight)
		buf_add(out, text.data, text.len);
	else
		mark_text_quote(text.data, text.len, out);
	buf_release(&text);
	buf_release(&date);
}

static bool
is_exactly(const struct header_field *f, const char *name, const char *value)
{
	struct buf b = BUF_INIT;
	bool same;

	if (!header_is(f, name))
		return false;
	header_unfold(f, FIELD_MAX, &b);
	same = b.len == strlen(value) && memcmp(b.data, value, b.len) == 0;
	buf_release(&b);
	return same;
}

unsigned
mark_signs(const struct mark *m, const void *header, size_t n)
{
	struct header_cursor c;
	struct header_field f;
	unsigned signs = 0;

	header_start(&c, header, n);
	while (header_next(&c, &f)) {
		if (is_exactly(&f, MARK_FIELD, m->token))
			signs |= MARK_BY_FIELD;
		else if (is_exactly(&f, "Message-ID", m->id))
			signs |= MARK_BY_ID;
	}
	return signs;
}

const char *
mark_encoding_word(enum mark_encoding e)
{
	switch (e) {
	case MARK_EIGHT:
		return "8bit";
	case MARK_QUOTED:
		return "quoted-printable";
	case MARK_BASE64:
		return "base64";
	case MARK_OTHER:
		break;
	}
	return "unknown";
}
