#include <stddef.h>
#include <stdlib.h>

#include "mail/fingerprint.h"
#include "mail/header.h"
#include "mail/rfc2047.h"
#include "util/buf.h"
#include "util/mem.h"

enum {
	HEADLINE_MAX = 300,      /* octets of each text */
	HEADLINE_RAW_MAX = 4096, /* octets of a field that are looked at */
};

static void
take(const struct header_field *f, char **r)
{
	struct buf raw = BUF_INIT, text = BUF_INIT;

	if (*r != NULL)
		return;
	header_unfold(f, HEADLINE_RAW_MAX, &raw);
	rfc2047_decode(&text, raw.data, raw.len, HEADLINE_MAX);
	while (text.len > 0 && text.data[text.len - 1] == ' ')
		text.len--;
	*r = buf_steal(&text);
	buf_release(&raw);
}

static void
be_empty_if_absent(char **s)
{
	if (*s == NULL)
		*s = xstrdup("");
}

void
headline_of(const void *header, size_t n, struct headline *r)
{
	struct header_cursor cursor;
	struct header_field f;

	*r = (struct headline){ NULL, NULL, NULL, NULL };
	header_start(&cursor, header, n);
	while (header_next(&cursor, &f)) {
		if (header_is(&f, "From"))
			take(&f, &r->from);
		else if (header_is(&f, "Subject"))
			take(&f, &r->subject);
		else if (header_is(&f, "Message-ID"))
			take(&f, &r->message_id);
		else if (header_is(&f, "Date"))
			take(&f, &r->date);
	}
	be_empty_if_absent(&r->from);
	be_empty_if_absent(&r->subject);
	be_empty_if_absent(&r->message_id);
	be_empty_if_absent(&r->date);
}

void
headline_release(struct headline *h)
{
	free(h->from);
	free(h->subject);
	free(h->message_id);
	free(h->date);
	*h = (struct headline){ NULL, NULL, NULL, NULL };
}
