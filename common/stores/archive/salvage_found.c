/* The whole members that were seen, by their hashes. */
#include <string.h>

#include "stores/archive/salvaging.h"

struct want {
	const unsigned char *hash;
	size_t n;
	uint64_t size;
};

static uint64_t
key_of(const unsigned char *hash)
{
	uint64_t key;

	memcpy(&key, hash, sizeof(key));
	return key;
}

static bool
is_wanted(const void *arg, const struct record *have)
{
	const struct want *w = arg;

	return have->size == w->size &&
	    memcmp(have->hash.b, w->hash, w->n) == 0;
}

enum rc
salvage_lookup(struct salvage *s, const unsigned char *hash, size_t n,
    uint64_t size, struct record *r, struct fault *f)
{
	const struct want want = { hash, n, size };

	return ledger_find(s->found, key_of(hash), is_wanted, &want, r, f);
}

static enum rc
keep(struct salvage *s, struct record *r, struct fault *f)
{
	const uint64_t key = key_of(r->hash.b);
	struct record twin;
	enum rc rc;

	r->keywords = "";
	rc = salvage_lookup(s, r->hash.b, sizeof(r->hash.b), r->size, &twin, f);
	return rc == RC_END ? ledger_add(s->found, r, &key, f) : rc;
}

enum rc
salvage_remember_at(struct salvage *s, const struct archive_entry *e,
    uint32_t region, uint64_t data, struct fault *f)
{
	struct record r = { .hash = e->hash,
		.size = e->file_size,
		.segment = region,
		.data = data };

	return keep(s, &r, f);
}

enum rc
salvage_remember(struct salvage *s, const struct tar_member *m, uint32_t region,
    struct hash *hash_r, struct fault *f)
{
	struct record r = { .size = m->size,
		.segment = region,
		.data = m->data };
	struct hasher h;
	const unsigned char *p;
	uint64_t off;
	size_t n;
	enum rc rc;

	hasher_init(&h);
	for (off = 0; off < m->size; off += n) {
		rc = spool_view(s->tar, m->data + off, (size_t)(m->size - off),
		    &p, &n, f);
		if (rc != RC_OK)
			return rc;
		hasher_add(&h, p, n);
	}
	hasher_end(&h, &r.hash);
	*hash_r = r.hash;
	return keep(s, &r, f);
}

enum rc
salvage_body(struct salvage *s, const struct archive_entry *e, uint64_t data,
    struct body *b, struct fault *f)
{
	const uint64_t all = spool_size(s->tar);
	enum rc rc;

	if (data > all || e->file_size > all - data)
		return RC_END;
	rc = body_at(s->tar, data, e->file_size, e->eol, b, f);
	if (rc == RC_MESSAGE ||
	    (rc == RC_OK &&
		(!hash_equal(&b->digest.hash, &e->hash) ||
		    b->digest.wire_size != e->msg.size)))
		return RC_END;
	return rc;
}
