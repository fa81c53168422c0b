#include "bytes/hash.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "util/text.h"

enum { STATE_ALIGN = 64 };

static bool
is_aligned(const struct hasher *h)
{
	return (uintptr_t)h->state % STATE_ALIGN == 0;
}

static void
init(struct hasher *h, size_t out)
{
	crypto_generichash_state s;
	int rc;

	rc = crypto_generichash_init(&s, NULL, 0, out);
	assert(rc == 0);
	(void)rc;
	memcpy(h->state, &s, sizeof(s));
}

static void
end(struct hasher *h, unsigned char *out, size_t n)
{
	crypto_generichash_state s;
	int rc;

	memcpy(&s, h->state, sizeof(s));
	rc = crypto_generichash_final(&s, out, n);
	assert(rc == 0);
	(void)rc;
}

void
hasher_init(struct hasher *h)
{
	init(h, sizeof(((struct hash *)NULL)->b));
}

void
hasher_add(struct hasher *h, const void *p, size_t n)
{
	crypto_generichash_state s;
	void *state = h->state;
	int rc;

	if (n == 0)
		return;
	if (is_aligned(h)) {
		rc = crypto_generichash_update(state, p, n);
	} else {
		memcpy(&s, state, sizeof(s));
		rc = crypto_generichash_update(&s, p, n);
		memcpy(state, &s, sizeof(s));
	}
	assert(rc == 0);
	(void)rc;
}

void
hasher_end(struct hasher *h, struct hash *r)
{
	end(h, r->b, sizeof(r->b));
}

void
hash_of(const void *p, size_t n, struct hash *r)
{
	struct hasher h;

	hasher_init(&h);
	hasher_add(&h, p, n);
	hasher_end(&h, r);
}

bool
hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

void
hash_hex(struct buf *b, const struct hash *h)
{
	text_hex(b, h->b, sizeof(h->b));
}

bool
hash_parse(const char *hex, size_t n, struct hash *r)
{
	struct hash h;

	if (!text_unhex(hex, n, h.b, sizeof(h.b)))
		return false;
	*r = h;
	return true;
}

void
hasher512_init(struct hasher *h)
{
	init(h, sizeof(((struct hash512 *)NULL)->b));
}

void
hasher512_end(struct hasher *h, struct hash512 *r)
{
	end(h, r->b, sizeof(r->b));
}

void
hash512_of(const void *p, size_t n, struct hash512 *r)
{
	struct hasher h;

	hasher512_init(&h);
	hasher_add(&h, p, n);
	hasher512_end(&h, r);
}

bool
hash_startup(void)
{
	return sodium_init() >= 0;
}
