#ifndef RESTORE_PROVEPRIV_H
#define RESTORE_PROVEPRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/spool.h"
#include "promise.h"

/* Shared by prove.c and prove_back.c only. */

/* What one target folder promised. */
struct proof {
	char *name;
	uint32_t uidvalidity;
	bool mixed; /* it had another before */
	struct promises list;
	char *failed; /* it cannot be read: why */
};

struct prove {
	struct proof **v;
	size_t n;
	size_t cap;
	struct spool *names; /* length, and a line of listing.h */
	uint64_t proved;
	bool numbers_anew; /* the target tells no UIDs that stay */
};

#endif
