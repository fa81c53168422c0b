#include "tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes/digest.h"
#include "destination.h"
#include "mail/listing.h"
#include "util/buf.h"
#include "util/text.h"

static void
put(struct buf *b)
{
	(void)fwrite(b->data, 1, b->len, stdout);
	buf_release(b);
}

static void
add(struct buf *b, const char *text)
{
	buf_addc(b, '\t');
	text_percent(b, text, strlen(text));
}

void
tell_append(struct restore *r, const struct pending *p)
{
	struct buf b = BUF_INIT;

	(void)r;
	buf_adds(&b, "append");
	add(&b, p->parcel->to->name);
	add(&b, p->from);
	buf_addf(&b, "\t%" PRIu32 "\t%" PRIu32 "\n", p->uidvalidity,
	    p->msg.uid);
	put(&b);
}

static void
add_flags(struct buf *b, const struct msg *m)
{
	const size_t start = b->len + 1;

	buf_addc(b, '\t');
	flags_to_letters(b, m->flags);
	if (b->len == start)
		buf_addc(b, '-');
	add(b, *m->keywords != '\0' ? m->keywords : "-");
}

void
tell_flags(struct restore *r, const struct destination *d,
    const struct msg *now, const struct msg *then)
{
	struct buf b = BUF_INIT;
	struct event *e = event_begin(r->report, "flags");

	event_text(e, "folder", d->name);
	event_number(e, "uid", now->uid);
	event_send(e);
	buf_adds(&b, "flags");
	add(&b, d->name);
	buf_addf(&b, "\t%" PRIu32, now->uid);
	add_flags(&b, now);
	add_flags(&b, then);
	buf_addc(&b, '\n');
	put(&b);
}

void
tell_folder(struct restore *r, const char *step, const struct destination *d)
{
	struct buf b = BUF_INIT;
	struct event *e = event_begin(r->report, step);

	event_text(e, "folder", d->name);
	event_send(e);
	buf_adds(&b, step);
	add(&b, d->name);
	buf_addc(&b, '\n');
	put(&b);
}

void
tell_extra(struct restore *r, const struct destination *d,
    const struct extra *x, const struct headline *head)
{
	static const struct listing_place none = { .segment = 0 };
	struct buf b = BUF_INIT;
	struct event *e = event_begin(r->report, "extra");

	event_text(e, "folder", d->name);
	event_number(e, "uid", x->msg.uid);
	event_number(e, "size", x->msg.size);
	event_text(e, "from", head->from);
	event_text(e, "subject", head->subject);
	event_send(e);
	buf_adds(&b, "extra\t");
	listing_format(&b, &x->hash, d->name, d->state.uidvalidity, &x->msg,
	    head, &none);
	put(&b);
}

void
tell_removed(struct restore *r, const struct destination *d,
    const struct extra *x)
{
	struct buf b = BUF_INIT;
	struct event *e = event_begin(r->report, "removed");

	event_text(e, "folder", d->name);
	event_number(e, "uid", x->msg.uid);
	event_send(e);
	buf_adds(&b, "removed");
	add(&b, d->name);
	buf_addf(&b, "\t%" PRIu32 "\n", x->msg.uid);
	put(&b);
}
