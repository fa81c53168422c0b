#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/cache.h"
#include "util/mem.h"

struct kept {
	char *key;
	unsigned char *secret; /* sodium_malloc */
	size_t len;
};

struct access_cache {
	pthread_mutex_t lock;
	struct kept *kept;
	size_t n;
	size_t cap;
	struct asker **asker;
	size_t askers;
	size_t askers_cap;
};

struct access_cache *
access_cache_new(void)
{
	struct access_cache *c = xcalloc(1, sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void
access_cache_lock(struct access_cache *c)
{
	pthread_mutex_lock(&c->lock);
}

void
access_cache_unlock(struct access_cache *c)
{
	pthread_mutex_unlock(&c->lock);
}

static void
asker_free(struct asker *a)
{
	free(a->host);
	free(a->login);
	free(a->key);
	free(a);
}

void
access_cache_free(struct access_cache *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		free(c->kept[i].key);
		sodium_free(c->kept[i].secret);
	}
	for (i = 0; i < c->askers; i++)
		asker_free(c->asker[i]);
	pthread_mutex_destroy(&c->lock);
	free(c->kept);
	free(c->asker);
	free(c);
}

bool
access_cache_get(const struct access_cache *c, const char *key, struct buf *out)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (strcmp(c->kept[i].key, key) != 0)
			continue;
		(void)sodium_mprotect_readonly(c->kept[i].secret);
		buf_add(out, c->kept[i].secret, c->kept[i].len);
		(void)sodium_mprotect_noaccess(c->kept[i].secret);
		return true;
	}
	return false;
}

void
access_cache_put(struct access_cache *c, const char *key, const void *secret,
    size_t len)
{
	struct kept *k;
	unsigned char *p = sodium_malloc(len);

	/* The limit of locked memory: then it is asked for again. */
	if (p == NULL)
		return;
	memcpy(p, secret, len);
	(void)sodium_mprotect_noaccess(p);
	c->kept = xgrow(c->kept, c->n, &c->cap, sizeof(*c->kept));
	k = &c->kept[c->n++];
	k->key = xstrdup(key);
	k->secret = p;
	k->len = len;
}

/* No secret in it: a specification names a place. */
char *
access_cache_key(const struct location *l, const char *spec, const char *login)
{
	return xasprintf("%s\n%s\n%s", l->text, login,
	    spec == NULL ? "" : spec);
}

struct asker *
access_cache_asker(struct access_cache *c, const struct location *l,
    const char *spec, const char *login)
{
	struct asker *a = xcalloc(1, sizeof(*a));

	a->cache = c;
	a->spec = spec;
	a->host = xstrdup(l->host);
	a->login = xstrdup(login);
	a->key = access_cache_key(l, spec, login);
	access_cache_lock(c);
	c->asker =
	    xgrow(c->asker, c->askers, &c->askers_cap, sizeof(struct asker *));
	c->asker[c->askers++] = a;
	access_cache_unlock(c);
	return a;
}
