#include <string.h>

#include "stores/archive/tar.h"

enum { MAGIC_AT = 257 }; /* in a ustar header */

static const char MAGIC[] = { 'u', 's', 't', 'a', 'r', '\0', '0', '0' };

/* Moves *at to the next place of the magic. */
static enum rc
find_magic(struct spool *s, uint64_t *at, struct fault *f)
{
	const unsigned char *p, *hit;
	size_t n;
	enum rc rc;

	while (spool_size(s) - *at >= sizeof(MAGIC)) {
		rc = spool_view(s, *at, SIZE_MAX, &p, &n, f);
		if (rc != RC_OK)
			return rc;
		hit = memmem(p, n, MAGIC, sizeof(MAGIC));
		if (hit != NULL) {
			*at += (uint64_t)(hit - p);
			return RC_OK;
		}
		/* The view may cut one. */
		*at += n < sizeof(MAGIC) ? 1 : n - (sizeof(MAGIC) - 1);
	}
	return RC_END;
}

enum rc
tar_find(struct spool *s, uint64_t *at, struct tar_member *m, struct fault *f)
{
	uint64_t hit = *at + MAGIC_AT, next;
	enum rc rc;

	for (; hit < spool_size(s); hit++) {
		rc = find_magic(s, &hit, f);
		if (rc != RC_OK)
			return rc;
		next = hit - MAGIC_AT;
		rc = tar_next(s, &next, m, f);
		if (rc == RC_OK)
			*at = next;
		if (rc == RC_OK || (rc != RC_END && f->cause != CAUSE_DATA))
			return rc;
	}
	return RC_END;
}
