#include "bytes/keyfile.h"

#include <sodium.h>
#include <string.h>

#include "bytes/hash.h"

bool
keyfile_line(const char **p, size_t *n, const char **line_r, size_t *len_r)
{
	const char *lf;
	size_t len;

	if (*n == 0)
		return false;
	lf = memchr(*p, '\n', *n);
	len = lf != NULL ? (size_t)(lf - *p) : *n;
	*line_r = *p;
	*len_r = len;
	/* A file that went through Windows is still good. */
	if (len > 0 && (*p)[len - 1] == '\r')
		(*len_r)--;
	if (lf != NULL)
		len++;
	*p += len;
	*n -= len;
	return true;
}

bool
keyfile_decode(const char *s, size_t n, void *out, size_t n_out)
{
	const char *end;
	size_t got;

	/* NULL for `end` would refuse what follows, but not say where. */
	if (sodium_base642bin(out, n_out, s, n, NULL, &got, &end,
		sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	return got == n_out && end == s + n;
}

void
keyfile_encode(struct buf *b, const void *p, size_t n)
{
	const size_t room = sodium_base64_encoded_len(n,
	    sodium_base64_VARIANT_ORIGINAL); /* with its NUL */

	sodium_bin2base64((char *)buf_room(b, room), room, p, n,
	    sodium_base64_VARIANT_ORIGINAL);
	b->len += room - 1;
	buf_addc(b, '\n');
}

bool
keyfile_prefix(const char **line, size_t *n, const char *prefix)
{
	const size_t len = strlen(prefix);

	if (*n < len || memcmp(*line, prefix, len) != 0)
		return false;
	*line += len;
	*n -= len;
	return true;
}

uint64_t
keyfile_get_le64(const unsigned char *p)
{
	uint64_t v = 0;
	size_t i;

	for (i = 8; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

void
keyfile_put_le64(unsigned char *p, uint64_t v)
{
	size_t i;

	for (i = 0; i < 8; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

bool
keyfile_crypt(struct secret_file *s, const struct buf *pass)
{
	unsigned char *part = (unsigned char *)&s->part, *stream;
	const char *text = pass->len > 0 ? (const char *)pass->data : "";
	const size_t n = sizeof(s->part);
	size_t i;
	bool ok;

	stream = sodium_malloc(n);
	if (stream == NULL)
		return false;
	ok = crypto_pwhash_scryptsalsa208sha256(stream, n, text, pass->len,
		 s->salt, keyfile_get_le64(s->ops),
		 (size_t)keyfile_get_le64(s->mem)) == 0;
	for (i = 0; ok && i < n; i++)
		part[i] ^= stream[i];
	sodium_free(stream);
	return ok;
}

void
keyfile_checksum(const struct secret_file *s, unsigned char out[32])
{
	struct hasher h;
	struct hash sum;

	hasher_init(&h);
	hasher_add(&h, s->alg, sizeof(s->alg));
	hasher_add(&h, s->part.id, sizeof(s->part.id));
	hasher_add(&h, s->part.sk, sizeof(s->part.sk));
	hasher_end(&h, &sum);
	memcpy(out, sum.b, 32);
	sodium_memzero(&h, sizeof(h));
}
