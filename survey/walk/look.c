#include "look.h"

#include <string.h>
#include <xxhash.h>

#include "lines.h"
#include "mail/fingerprint.h"
#include "mail/header.h"
#include "mail/mime.h"
#include "mail/rfc2047.h"
#include "survey/facts/sums.h"
#include "util/text.h"

enum { SUBJECT_MAX = 300, ID_MAX = 2000 };

static void
see(struct look *l, enum ugly u, bool is)
{
	if (is)
		l->ugly |= 1U << u;
}

static bool
has_8bit(const unsigned char *p, size_t n)
{
	unsigned char bits = 0;
	size_t i;

	for (i = 0; i < n; i++)
		bits |= p[i];
	return (bits & 0x80) != 0;
}

/* RFC 5322 section 2.2: visible ASCII but ":". */
static bool
is_field_name(const struct header_field *f)
{
	size_t i;

	for (i = 0; i < f->name_len; i++)
		if (f->name[i] <= ' ' || f->name[i] > '~')
			return false;
	return f->name_len > 0;
}

static void
see_field(struct look *l, const struct header_field *f, uint64_t seed,
    struct buf *subject)
{
	struct buf body = BUF_INIT;

	if (header_is(f, "Message-ID") && !l->has_id) {
		header_unfold(f, ID_MAX, &body);
		l->has_id = body.len > 0;
		l->id = XXH3_64bits_withSeed(buf_str(&body), body.len, seed);
	} else if (header_is(f, "Date") && !l->date.known) {
		header_unfold(f, ID_MAX, &body);
		l->date.known =
		    date_parse_5322(buf_str(&body), body.len, &l->date);
	} else if (header_is(f, "Subject") && subject->len == 0) {
		header_unfold(f, ID_MAX, &body);
		rfc2047_decode(subject, buf_str(&body), body.len, SUBJECT_MAX);
	}
	buf_release(&body);
}

static void
see_header(struct look *l, const void *header, size_t n, uint64_t seed,
    struct buf *subject)
{
	const bool eight = has_8bit(header, n);
	struct header_cursor c;
	struct header_field f;
	bool field = false, bad = false;

	header_start(&c, header, n);
	while (header_next(&c, &f)) {
		if (!is_field_name(&f)) {
			bad = true;
			continue;
		}
		field = true;
		see_field(l, &f, seed, subject);
	}
	see(l, UGLY_NO_ID, !l->has_id);
	see(l, UGLY_DATE_FIELD, !l->date.known);
	see(l, UGLY_8BIT_HEADER, eight);
	see(l, UGLY_UTF8_HEADER, eight && text_is_utf8(header, n));
	see(l, UGLY_BAD_HEADER, bad);
	see(l, UGLY_NO_HEADER, !field);
	see(l, UGLY_NUL_HEADER, n > 0 && memchr(header, '\0', n) != NULL);
	l->keyed = field;
}

static void
key_of_header(struct look *l, const void *header, size_t n, uint64_t size,
    uint64_t seed)
{
	struct fingerprint fp;
	XXH128_hash_t h;

	fingerprint_of(header, n, &fp);
	h = XXH3_128bits_withSeed(fp.b, sizeof(fp.b), seed ^ size);
	memcpy(l->key, &h, sizeof(l->key));
}

/* The note: the look, the subject, and type and octets of attachments. */
static void
write_note(struct look *l, struct buf *subject, const struct parts *parts,
    struct buf *note)
{
	size_t i;

	l->structured = parts != NULL && !parts->cut;
	see(l, UGLY_STRUCTURE, !l->structured);
	for (i = 0; parts != NULL && i < parts->n; i++)
		l->attachments += parts->v[i].attachment ? 1 : 0;
	buf_add(note, l, sizeof(*l));
	buf_add(note, buf_str(subject), subject->len + 1);
	for (i = 0; parts != NULL && i < parts->n; i++) {
		if (!parts->v[i].attachment)
			continue;
		buf_add(note, &parts->v[i].octets, sizeof(uint64_t));
		part_kind(&parts->v[i], note);
		buf_addc(note, '\0');
	}
}

void
look_at_glance(const struct store_glance *g, uint64_t size, uint64_t seed,
    struct buf *note)
{
	struct buf subject = BUF_INIT;
	struct look l = { .read = false };

	if (g->header != NULL) {
		see_header(&l, g->header, g->header_len, seed, &subject);
		key_of_header(&l, g->header, g->header_len, size, seed);
	}
	see(&l, UGLY_EMPTY, size == 0);
	write_note(&l, &subject, g->parts, note);
	buf_release(&subject);
}

struct reading {
	struct mime *mime;
	struct lines lines;
};

static enum rc
take(void *arg, const void *p, size_t n, struct fault *f)
{
	struct reading *r = arg;

	(void)f;
	mime_add(r->mime, p, n);
	lines_add(&r->lines, p, n);
	return RC_OK;
}

static void
see_lines(struct look *l, struct lines *r)
{
	lines_end(r);
	l->longest = r->longest;
	see(l, UGLY_LINE_998, r->longest > 998);
	see(l, UGLY_LINE_10000, r->longest > 10000);
	see(l, UGLY_NUL, r->nul);
	see(l, UGLY_BARE_LF, r->bare_lf);
	see(l, UGLY_BARE_CR, r->bare_cr);
	see(l, UGLY_8BIT_BODY, r->eight_bit);
	see(l, UGLY_NO_END, lines_lack_end(r));
}

enum rc
look_at_body(const struct body *b, uint64_t seed, struct buf *note,
    struct fault *f)
{
	struct buf header = BUF_INIT, subject = BUF_INIT;
	struct look l = { .read = true, .size = b->digest.wire_size };
	struct parts parts = PARTS_INIT;
	struct reading r = { .mime = mime_new() };
	enum rc rc;

	mime_begin(r.mime, &parts);
	rc = body_header(b, LOOK_HEADER_MAX, &header, f);
	if (rc == RC_OK)
		rc = body_wire(b, take, &r, f);
	if (rc == RC_OK) {
		mime_end(r.mime);
		see_header(&l, buf_str(&header), header.len, seed, &subject);
		see_lines(&l, &r.lines);
		see(&l, UGLY_EMPTY, l.size == 0);
		l.keyed = true;
		memcpy(l.key, b->digest.hash.b, sizeof(l.key));
		write_note(&l, &subject, &parts, note);
	}
	mime_free(r.mime);
	parts_release(&parts);
	buf_release(&header);
	buf_release(&subject);
	return rc;
}

void
look_open(const struct buf *note, struct look *r, struct look_cursor *c)
{
	memcpy(r, note->data, sizeof(*r));
	c->subject = (const char *)note->data + sizeof(*r);
	c->p = note->data + sizeof(*r) + strlen(c->subject) + 1;
	c->end = note->data + note->len;
}

bool
look_next(struct look_cursor *c)
{
	if (c->p == c->end)
		return false;
	memcpy(&c->octets, c->p, sizeof(c->octets));
	c->type = (const char *)c->p + sizeof(c->octets);
	c->p = (const unsigned char *)c->type + strlen(c->type) + 1;
	return true;
}
