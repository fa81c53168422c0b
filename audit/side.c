#include <stdlib.h>
#include <string.h>

#include "side.h"
#include "util/mem.h"

enum {
	NOTES_MEMORY = 1 << 20,
	HEADER_MAX = 64 * 1024,
	NOTE_FIELDS = 4,
};

void
items_release(struct items *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

void
key_of_header(const struct fingerprint *fp, uint64_t size, struct hash *r)
{
	unsigned k;

	memset(r, 0, sizeof(*r));
	memcpy(r->b, fp->b, sizeof(fp->b));
	for (k = 0; k < 8; k++)
		r->b[k] ^= (unsigned char)(size >> 8 * k);
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

/* A note is the facts, four lengths of two octets, and the four texts. */
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

static enum rc
pack_headline(struct buf *note, const struct body *body, struct fault *f)
{
	struct buf header = BUF_INIT;
	struct headline h;
	enum rc rc = RC_OK;

	if (body != NULL)
		rc = body_header(body, HEADER_MAX, &header, f);
	if (rc == RC_OK) {
		headline_of(buf_str(&header), header.len, &h);
		pack(note,
		    (char *[]){ h.from, h.subject, h.message_id, h.date });
		headline_release(&h);
	}
	buf_release(&header);
	return rc;
}

enum rc
notes_add(struct notes *n, const struct facts *facts, const struct body *body,
    uint64_t *at_r, struct fault *f)
{
	struct buf note = BUF_INIT;
	enum rc rc;

	*at_r = spool_size(n->spool);
	buf_add(&note, facts, sizeof(*facts));
	rc = pack_headline(&note, body, f);
	if (rc == RC_OK)
		rc = spool_add(n->spool, note.data, note.len, f);
	buf_release(&note);
	return rc;
}

enum rc
notes_facts(struct notes *n, uint64_t at, struct facts *r, struct fault *f)
{
	return spool_read(n->spool, at, r, sizeof(*r), f);
}

enum rc
notes_get(struct notes *n, uint64_t at, struct facts *r,
    struct headline *head_r, struct fault *f)
{
	char **text[NOTE_FIELDS] = { &head_r->from, &head_r->subject,
		&head_r->message_id, &head_r->date };
	unsigned char length[NOTE_FIELDS * 2];
	enum rc rc;
	size_t i, len;

	memset(head_r, 0, sizeof(*head_r));
	rc = notes_facts(n, at, r, f);
	at += sizeof(*r);
	if (rc == RC_OK)
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
		headline_release(head_r);
	return rc;
}
