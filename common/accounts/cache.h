#ifndef ACCOUNTS_CACHE_H
#define ACCOUNTS_CACHE_H

#include <stdbool.h>

#include "accounts/open.h"
#include "util/buf.h"

struct access_cache *access_cache_new(void);
/* Wipes and frees all; takes NULL. */
void access_cache_free(struct access_cache *c);

/* Several connections may ask at once: one at a time, so that a person is
 * asked once and a command runs once. */
void access_cache_lock(struct access_cache *c);
void access_cache_unlock(struct access_cache *c);

/* Appends the secret kept under key; false when there is none. */
bool access_cache_get(const struct access_cache *c, const char *key,
    struct buf *out);
/* Keeps len octets in guarded memory (sodium_malloc). */
void access_cache_put(struct access_cache *c, const char *key,
    const void *secret, size_t len);

/*
 * Whose secret a store asks for at each connect.  Lives as long as the
 * cache, so that the store can hold on to it.
 */
struct asker {
	struct access_cache *cache;
	const char *spec; /* borrowed, NULL: netrc, prompt */
	int timeout_ms;   /* for a token's command; 0: as secret.h says */
	char *host;
	char *login; /* the one whose secret it is */
	char *key;   /* for the cache */
};

/* The key of this secret; the caller frees. */
char *access_cache_key(const struct location *l, const char *spec,
    const char *login);
/* A new asker, owned by the cache; strings are copied but spec. */
struct asker *access_cache_asker(struct access_cache *c,
    const struct location *l, const char *spec, const char *login);

#endif
