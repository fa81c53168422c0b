#ifndef FUZZ_KEYS_H
#define FUZZ_KEYS_H

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "bytes/minisign.h"
#include "bytes/seckey.h"
#include "util/mem.h"

static inline void
must(bool ok)
{
	if (!ok)
		abort();
}

/* A key pair for the archives that a target makes; lives as long as it. */
static inline struct seckey *
make_key(struct pubkey *pub_r)
{
	char dir[] = "/tmp/mailproof-fuzz.XXXXXX", *a, *b;
	struct seckey *key;
	struct fault f = FAULT_INIT;

	must(hash_startup() && mkdtemp(dir) != NULL);
	a = xasprintf("%s/pub", dir);
	b = xasprintf("%s/sec", dir);
	must(minisign_generate(a, b, NULL, &f) == RC_OK);
	must(seckey_load(b, NULL, NULL, &key, &f) == RC_OK);
	seckey_public(key, pub_r);
	must(unlink(a) == 0 && unlink(b) == 0 && rmdir(dir) == 0);
	free(a);
	free(b);
	return key;
}

#endif
