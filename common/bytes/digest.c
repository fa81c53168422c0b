#include "bytes/digest.h"

#include <assert.h>
#include <string.h>

enum {
	CANON_STAGE = 16384,
	LF_BLOCK = 256, /* held LFs are hashed in blocks of these */
};

static const char from_line[] = "From ";

bool
digest_identical(const struct digest *a, const struct digest *b)
{
	return a->eol == b->eol && hash_equal(&a->hash, &b->hash);
}

void
tally_add(struct tally *t, const void *p, size_t n)
{
	const unsigned char *const start = p, *const end = start + n;
	const unsigned char *at = start, *lf;

	if (n == 0)
		return;
	for (;;) {
		lf = memchr(at, '\n', (size_t)(end - at));
		if (lf == NULL)
			break;
		t->lf++;
		if (lf > start ? lf[-1] != '\r' : !t->cr)
			t->bare++;
		at = lf + 1;
	}
	t->cr = end[-1] == '\r';
}

size_t
eol_expand(const unsigned char **p, size_t *n, unsigned char *out, size_t room)
{
	const unsigned char *lf;
	size_t run, done = 0;

	while (*n > 0 && done < room) {
		run = *n < room - done ? *n : room - done;
		lf = memchr(*p, '\n', run);
		if (lf != NULL)
			run = (size_t)(lf - *p);
		memcpy(out + done, *p, run);
		*p += run;
		*n -= run;
		done += run;
		if (lf == NULL)
			continue;
		if (room - done < 2)
			break;
		out[done++] = '\r';
		out[done++] = '\n';
		*p += 1;
		*n -= 1;
	}
	return done;
}

static void
add_lfs(struct hasher *h, uint64_t n)
{
	unsigned char block[LF_BLOCK];
	size_t part;

	memset(block, '\n', n < LF_BLOCK ? (size_t)n : LF_BLOCK);
	for (; n > 0; n -= part) {
		part = n < LF_BLOCK ? (size_t)n : LF_BLOCK;
		hasher_add(h, block, part);
	}
}

void
digester_init(struct digester *d)
{
	memset(d, 0, sizeof(*d));
	hasher_init(&d->hasher);
}

void
digester_add(struct digester *d, const void *p, size_t n)
{
	const unsigned char *at = p;
	size_t i, body = n;

	for (i = 0; i < n && d->size + i < sizeof(d->first); i++)
		d->first[d->size + i] = at[i];
	d->size += n;
	if (!d->nul && n > 0)
		d->nul = memchr(at, '\0', n) != NULL;
	while (body > 0 && at[body - 1] == '\n')
		body--;
	if (body > 0) {
		add_lfs(&d->hasher, d->held);
		d->held = 0;
		hasher_add(&d->hasher, at, body);
		d->last = at[body - 1];
	}
	d->held += n - body;
}

static bool
has_from_line(const unsigned char *first, uint64_t size)
{
	const size_t n = sizeof(from_line) - 1;

	return size >= n && memcmp(first, from_line, n) == 0;
}

static void
canon_set(struct hasher *h, unsigned char canon_r[16])
{
	struct hash full;

	hasher_end(h, &full);
	memcpy(canon_r, full.b, 16);
}

/*
 * True when the canonical form is the file form without the LFs at its
 * end: nothing to replace, to take off the front, or to fold, and no CR
 * among the line ends at the end.
 */
static bool
is_plain(const struct digester *d, const struct tally *t)
{
	return !d->nul && t->lf == t->bare && d->last != '\r' &&
	    !has_from_line(d->first, d->size);
}

enum rc
digester_end(struct digester *d, struct spool *s, uint64_t off,
    const struct tally *t, enum eol eol, struct digest *r, struct fault *f)
{
	struct hasher before_lfs;

	r->eol = eol;
	r->lack = LACKS_NOTHING;
	r->file_size = d->size;
	r->wire_size = eol == EOL_CRLF ? d->size + t->lf : d->size;
	r->virtual_size = d->size + t->bare;
	if (is_plain(d, t)) {
		before_lfs = d->hasher;
		canon_set(&before_lfs, r->canon);
	}
	add_lfs(&d->hasher, d->held);
	hasher_end(&d->hasher, &r->hash);
	if (is_plain(d, t))
		return RC_OK;
	if (s == NULL) {
		r->lack = LACKS_CANON;
		memset(r->canon, 0, sizeof(r->canon));
		return RC_OK;
	}
	return digest_canon(s, off, d->size, r->canon, f);
}

/*
 * The canonical form by the book.  A run of CRs and LFs waits until it is
 * known whether the message goes on behind it; folded it is always some LFs
 * and then some CRs, so two counts hold a run of any length.
 */
struct canon {
	struct hasher hasher;
	uint64_t lf;
	uint64_t cr;
	bool in_from; /* still in the "From " line */
	size_t n;
	unsigned char stage[CANON_STAGE];
};

static void
canon_put(struct canon *c, unsigned char octet)
{
	if (c->n == sizeof(c->stage)) {
		hasher_add(&c->hasher, c->stage, c->n);
		c->n = 0;
	}
	c->stage[c->n++] = octet;
}

static void
canon_byte(struct canon *c, unsigned char octet)
{
	if (c->in_from) {
		c->in_from = octet != '\n';
	} else if (octet == '\n') {
		c->cr = 0;
		c->lf++;
	} else if (octet == '\r') {
		c->cr++;
	} else {
		for (; c->lf > 0; c->lf--)
			canon_put(c, '\n');
		for (; c->cr > 0; c->cr--)
			canon_put(c, '\r');
		/* Dovecot gives NUL as 0x80 (IMAP cannot carry it). */
		canon_put(c, octet == '\0' ? 0x80 : octet);
	}
}

enum rc
digest_canon(struct spool *s, uint64_t off, uint64_t size,
    unsigned char canon_r[16], struct fault *f)
{
	unsigned char first[sizeof(from_line) - 1];
	const unsigned char *p;
	struct canon c;
	size_t i, n;
	enum rc rc;

	hasher_init(&c.hasher);
	c.lf = 0;
	c.cr = 0;
	c.n = 0;
	c.in_from = false;
	if (size >= sizeof(first)) {
		rc = spool_read(s, off, first, sizeof(first), f);
		if (rc != RC_OK)
			return rc;
		c.in_from = has_from_line(first, size);
	}
	for (; size > 0; off += n, size -= n) {
		rc = spool_view(s, off,
		    size < SIZE_MAX ? (size_t)size : SIZE_MAX, &p, &n, f);
		if (rc == RC_END)
			return fault_set(f, RC_STORE, CAUSE_BUG,
			    "digest: the spool ends inside the message");
		if (rc != RC_OK)
			return rc;
		for (i = 0; i < n; i++)
			canon_byte(&c, p[i]);
	}
	hasher_add(&c.hasher, c.stage, c.n);
	canon_set(&c.hasher, canon_r);
	return RC_OK;
}
