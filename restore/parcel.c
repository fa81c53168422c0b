#include "parcel.h"

#include <stdlib.h>

#include "util/mem.h"

/* spool[i] is what shared[i] was made of: the segment's, and what links into
 * earlier ones brought. */
static struct spool *
share(struct parcel *p, struct spool **spool, struct spool *of)
{
	size_t i = spool[0] == NULL || spool[0] == of ? 0 : 1;

	if (p->shared[i] == NULL) {
		spool[i] = of;
		p->shared[i] = spool_share(of);
	}
	return p->shared[i];
}

struct parcel *
parcel_new(struct load *l, size_t first, size_t n, struct destination *to)
{
	struct spool *spool[2] = { NULL, NULL };
	struct parcel *p;
	size_t i;

	p = xcalloc(1, sizeof(*p));
	p->load = l;
	p->to = to;
	p->v = &l->v[first];
	p->n = p->open = n;
	for (i = 0; i < n; i++) {
		p->v[i].parcel = p;
		if (!p->v[i].absent)
			p->v[i].body.spool =
			    share(p, spool, p->v[i].body.spool);
	}
	return p;
}

void
parcel_free(struct parcel *p)
{
	spool_free(p->shared[0]);
	spool_free(p->shared[1]);
	free(p->item);
	free(p);
}
