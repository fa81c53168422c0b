#ifndef UNIT_NAIVE_H
#define UNIT_NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "bytes/body.h"
#include "util/buf.h"

/*
 * What body.h and FORMAT say of a message, octet by octet, slowly and in
 * another way than the code under test, for tests and fuzz targets.
 */
struct naive {
	enum eol eol;
	struct buf wire;
	struct buf file;
	size_t virtual_size;
	unsigned char canon[16];
};

static inline bool
naive_conforms(const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] != '\n')
			continue;
		if (i < 1 || p[i - 1] != '\r')
			return false;
		if (i >= 2 && p[i - 2] == '\r')
			return false;
	}
	return true;
}

static inline bool
naive_has_crlf(const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (p[i] == '\n' && p[i - 1] == '\r')
			return true;
	}
	return false;
}

/* Canonical form: four passes, one for each thing that is taken away. */
static inline void
naive_canon(const unsigned char *p, size_t n, struct buf *out)
{
	size_t i, k, start = 0;

	if (n >= 5 && memcmp(p, "From ", 5) == 0) {
		while (start < n && p[start] != '\n')
			start++;
		if (start < n)
			start++;
	}
	for (i = start; i < n; i++) {
		for (k = i; k < n && p[k] == '\r'; k++)
			;
		if (p[i] == '\r' && k < n && p[k] == '\n')
			i = k;
		buf_addc(out, p[i] == '\0' ? 0x80 : p[i]);
	}
	while (out->len > 0 &&
	    (out->data[out->len - 1] == '\n' ||
		out->data[out->len - 1] == '\r'))
		out->len--;
}

static inline void
naive_of(const unsigned char *p, size_t n, bool maildir, struct naive *r)
{
	struct buf canon = BUF_INIT;
	struct hash h;
	size_t i;

	memset(r, 0, sizeof(*r));
	if (maildir && !naive_has_crlf(p, n)) {
		for (i = 0; i < n; i++) {
			if (p[i] == '\n')
				buf_addc(&r->wire, '\r');
			buf_addc(&r->wire, p[i]);
		}
		r->eol = EOL_CRLF;
		buf_add(&r->file, p, n);
	} else {
		buf_add(&r->wire, p, n);
		r->eol = naive_conforms(p, n) ? EOL_CRLF : EOL_RAW;
		for (i = 0; i < n; i++) {
			if (r->eol == EOL_CRLF && i + 1 < n && p[i] == '\r' &&
			    p[i + 1] == '\n')
				continue;
			buf_addc(&r->file, p[i]);
		}
	}
	for (i = 0; i < r->wire.len; i++) {
		r->virtual_size++;
		if (r->wire.data[i] == '\n' &&
		    (i == 0 || r->wire.data[i - 1] != '\r'))
			r->virtual_size++;
	}
	naive_canon(r->wire.data, r->wire.len, &canon);
	hash_of(canon.data, canon.len, &h);
	memcpy(r->canon, h.b, sizeof(r->canon));
	buf_release(&canon);
}

static inline void
naive_release(struct naive *m)
{
	buf_release(&m->wire);
	buf_release(&m->file);
}

static inline bool
naive_digest_is(const struct naive *m, const struct digest *d)
{
	struct hash h;

	hash_of(m->file.data, m->file.len, &h);
	return d->eol == m->eol && hash_equal(&d->hash, &h) &&
	    d->file_size == m->file.len && d->wire_size == m->wire.len &&
	    d->virtual_size == m->virtual_size &&
	    memcmp(d->canon, m->canon, sizeof(m->canon)) == 0;
}

/* The same of a digest that may say that it lacks something. */
static inline bool
naive_agrees(const struct naive *m, const struct digest *d)
{
	struct digest full = *d;

	if (d->lack == LACKS_HASH)
		return m->eol == EOL_RAW && d->wire_size == m->wire.len;
	if (d->lack == LACKS_CANON)
		memcpy(full.canon, m->canon, sizeof(full.canon));
	return naive_digest_is(m, &full);
}

#endif
