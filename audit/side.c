#include <stdlib.h>
#include <string.h>

#include "side.h"
#include "util/mem.h"

enum {
	NOTES_MEMORY = 4 << 20,
	HEADER_MAX = 64 * 1024,
	NOTE_FIELDS = 4,
};

struct item *
items_add(struct items *l, const struct msg *m, const struct digest *d)
{
	struct item *i;

	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	i = &l->v[l->n++];
	memset(i, 0, sizeof(*i));
	i->hash = d->hash;
	memcpy(i->canon, d->canon, sizeof(i->canon));
	i->eol = d->eol;
	i->msg = *m;
	i->msg.size = d->wire_size;
	return i;
}

void
items_release(struct items *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

void
item_key_header(struct item *i, const struct fingerprint *fp)
{
	unsigned k;

	memcpy(i->canon, fp->b, sizeof(i->canon));
	for (k = 0; k < 8; k++)
		i->canon[k] ^= (unsigned char)(i->msg.size >> 8 * k);
}

void
notes_init(struct notes *n)
{
	n->spool = spool_new(NOTES_MEMORY);
}

void
notes_release(struct notes *n)
{
	spool_free(n->spool);
}

/* A note is four lengths, two octets each, and the four texts. */
static void
pack(struct buf *b, char *const *text)
{
	size_t i, n;

	for (i = 0; i < NOTE_FIELDS; i++) {
		n = strlen(text[i]);
		buf_addc(b, (int)(n & 0xff));
		buf_addc(b, (int)(n >> 8 & 0xff));
	}
	for (i = 0; i < NOTE_FIELDS; i++)
		buf_adds(b, text[i]);
}

enum rc
notes_make(const struct body *b, struct buf *note, struct fault *f)
{
	struct buf header = BUF_INIT;
	struct headline h;
	enum rc rc;

	rc = body_header(b, HEADER_MAX, &header, f);
	if (rc == RC_OK) {
		headline_of(header.data, header.len, &h);
		pack(note,
		    (char *[]){ h.from, h.subject, h.message_id, h.date });
		headline_release(&h);
	}
	buf_release(&header);
	return rc;
}

enum rc
notes_add(struct notes *n, const struct buf *note, uint64_t *at_r,
    struct fault *f)
{
	*at_r = spool_size(n->spool);
	return spool_add(n->spool, note->data, note->len, f);
}

enum rc
notes_get(struct notes *n, uint64_t at, struct headline *r, struct fault *f)
{
	char **text[NOTE_FIELDS] = { &r->from, &r->subject, &r->message_id,
		&r->date };
	unsigned char length[NOTE_FIELDS * 2];
	enum rc rc;
	size_t i, len;

	memset(r, 0, sizeof(*r));
	if (at == NOTE_NONE) {
		for (i = 0; i < NOTE_FIELDS; i++)
			*text[i] = xstrdup("");
		return RC_OK;
	}
	rc = spool_read(n->spool, at, length, sizeof(length), f);
	at += sizeof(length);
	for (i = 0; i < NOTE_FIELDS && rc == RC_OK; i++) {
		len = (size_t)length[2 * i] | (size_t)length[2 * i + 1] << 8;
		*text[i] = xcalloc(len + 1, 1);
		if (len > 0)
			rc = spool_read(n->spool, at, *text[i], len, f);
		at += len;
	}
	if (rc != RC_OK)
		headline_release(r);
	return rc;
}
