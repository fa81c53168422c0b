#include "mail/about.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

void
about_init(struct about *a)
{
	memset(a, 0, sizeof(*a));
	a->prefix = xstrdup("");
}

void
about_release(struct about *a)
{
	size_t i;

	strs_release(&a->capability);
	strs_release(&a->foreign);
	free(a->prefix);
	for (i = 0; i < a->quotas; i++) {
		free(a->quota[i].root);
		free(a->quota[i].resource);
	}
	free(a->quota);
	memset(a, 0, sizeof(*a));
}

void
about_add_quota(struct about *a, const struct quota *q)
{
	struct quota *to;

	if (a->quotas == QUOTAS_MAX)
		return;
	a->quota =
	    xgrow(a->quota, a->quotas, &a->quotas_cap, sizeof(a->quota[0]));
	to = &a->quota[a->quotas++];
	to->root = xstrdup(q->root);
	to->resource = xstrdup(q->resource);
	to->usage = q->usage;
	to->limit = q->limit;
}
