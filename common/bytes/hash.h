#ifndef BYTES_HASH_H
#define BYTES_HASH_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/* BLAKE2b-256: the evidence.  As `b2sum -l 256` prints it. */
struct hash {
	unsigned char b[32];
};

/* libsodium's state wants 64-octet alignment, which malloc() does not give:
 * kept as octets, so that a hasher may lie, and be copied, anywhere. */
struct hasher {
	unsigned char state[sizeof(crypto_generichash_state)];
};

void hasher_init(struct hasher *h);
void hasher_add(struct hasher *h, const void *p, size_t n);
void hasher_end(struct hasher *h, struct hash *r);

void hash_of(const void *p, size_t n, struct hash *r);
bool hash_equal(const struct hash *a, const struct hash *b);
void hash_hex(struct buf *b, const struct hash *h);
bool hash_parse(const char *hex, size_t n, struct hash *r);

/* BLAKE2b-512: what minisign signs (its prehashed "ED" form). */
struct hash512 {
	unsigned char b[64];
};

void hasher512_init(struct hasher *h);
void hasher512_end(struct hasher *h, struct hash512 *r);
void hash512_of(const void *p, size_t n, struct hash512 *r);

/* sodium_init; false when it fails.  Safe to call again. */
bool hash_startup(void);

#endif
