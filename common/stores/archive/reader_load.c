#include <stdlib.h>

#include "stores/archive/reading.h"
#include "util/mem.h"

/* Octets kept in memory of what links into earlier segments bring. */
enum { FETCHED_BOUND = 4 << 20 };

struct archive_load {
	struct manifest_segment segment;
	struct spool *tar;
	struct spool *fetched;
};

struct archive_load *
archive_load_new(size_t bound)
{
	struct archive_load *l;

	l = xcalloc(1, sizeof(*l));
	l->tar = spool_new(bound);
	l->fetched = spool_new(bound < FETCHED_BOUND ? bound : FETCHED_BOUND);
	return l;
}

void
archive_load_free(struct archive_load *l)
{
	if (l == NULL)
		return;
	manifest_segment_release(&l->segment);
	spool_free(l->tar);
	spool_free(l->fetched);
	free(l);
}

/* The two change places: the memory goes round. */
void
archive_reader_move(struct archive_reader *r, struct archive_load *l)
{
	const struct manifest_segment segment = r->segment;
	struct spool *tar = r->tar;

	r->segment = l->segment;
	l->segment = segment;
	r->tar = l->tar;
	l->tar = tar;
	l->fetched = links_exchange(r->links, l->fetched);
	manifest_segment_release(&r->segment);
	spool_clear(r->tar);
}

void
archive_reader_stop(struct archive_reader *r)
{
	input_stop(r->in);
}
