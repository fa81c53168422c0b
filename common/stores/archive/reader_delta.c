/* What a delta's final tells, held against the delta alone. */
#include "stores/archive/reading.h"

bool
delta_agrees(const struct archive_reader *r)
{
	const struct manifest_final *m = &r->final;
	uint64_t stored = 0;
	size_t i, at = 0;

	if (m->delta != (r->header.about.parent[0] != '\0'))
		return false;
	for (i = 0; i < m->claims; i++) {
		stored += m->claim[i].claim.stored;
		if (at < m->bases && m->base[at].folder == i)
			at++;
		else if (m->claim[i].claim.stored != r->more[i].stored)
			return false;
	}
	return stored == m->totals.state;
}
