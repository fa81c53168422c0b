/* The walk over a tar's members. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stores/archive/tar.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tar_member *m = xmalloc(sizeof(*m));
	struct spool *s = spool_new(len + 1);
	struct fault f = FAULT_INIT;
	uint64_t at = 0, before = 0;

	if (spool_add(s, data, len, &f) != RC_OK)
		abort();
	while (tar_next(s, &at, m, &f) == RC_OK) {
		/* Always forward, and never out of the tar. */
		if (at <= before || at > len || m->data + m->size > at ||
		    m->offset != before || strlen(m->path) > MEMBER_PATH_MAX)
			abort();
		before = at;
	}
	spool_free(s);
	free(m);
	return 0;
}
