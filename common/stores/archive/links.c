#include "stores/archive/links.h"

#include <assert.h>
#include <stdlib.h>

#include "util/mem.h"

enum {
	CACHE_N = 6,         /* All Mail links into several folders */
	CACHE_BOUND = 65536, /* octets of each in memory */
	FETCHED_BOUND = 4 << 20,
	CHUNK = 131072,
};

struct cached {
	uint32_t segment; /* 0: free */
	uint64_t used;
	struct spool *tar;
};

struct links {
	struct input *in;    /* borrowed */
	struct frame_in *z;  /* borrowed */
	struct spool *kept;  /* NULL: not kept */
	struct frame *frame; /* of segment i + 1; offset in kept or file */
	size_t n, cap;
	struct spool *fetched;
	struct cached cache[CACHE_N];
	uint64_t clock;
};

struct links *
links_new(struct input *in, struct frame_in *z, bool keep)
{
	struct links *l;

	l = xcalloc(1, sizeof(*l));
	l->in = in;
	l->z = z;
	if (keep && !input_is_file(in))
		l->kept = spool_new(CHUNK);
	l->fetched = spool_new(FETCHED_BOUND);
	return l;
}

void
links_free(struct links *l)
{
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < CACHE_N; i++)
		spool_free(l->cache[i].tar);
	spool_free(l->kept);
	spool_free(l->fetched);
	free(l->frame);
	free(l);
}

static enum rc
copy_range(struct spool *from, uint64_t off, uint64_t n, struct spool *to,
    struct fault *f)
{
	const unsigned char *p;
	size_t got;
	enum rc rc;

	for (; n > 0; n -= got, off += got) {
		rc = spool_view(from, off, n < CHUNK ? (size_t)n : CHUNK, &p,
		    &got, f);
		if (rc == RC_OK)
			rc = spool_add(to, p, got, f);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc
links_add(struct links *l, const struct frame *d, struct spool *frame,
    struct fault *f)
{
	struct frame *p;

	l->frame = xgrow(l->frame, l->n, &l->cap, sizeof(*l->frame));
	p = &l->frame[l->n++];
	*p = *d;
	if (l->kept == NULL)
		return RC_OK;
	p->offset = spool_size(l->kept);
	return copy_range(frame, 0, d->compressed, l->kept, f);
}

/* The file may have changed since: only octets that were verified. */
static enum rc
load(struct links *l, struct cached *c, uint32_t segment, struct spool *scratch,
    struct fault *f)
{
	const struct frame *d = &l->frame[segment - 1];
	enum rc rc;

	c->segment = 0;
	if (c->tar == NULL)
		c->tar = spool_new(CACHE_BOUND);
	spool_clear(c->tar);
	spool_clear(scratch);
	if (l->kept != NULL)
		rc = copy_range(l->kept, d->offset, d->compressed, scratch, f);
	else if (input_is_file(l->in))
		rc = frame_reread(l->in, d, scratch, f);
	else
		rc = fault_set(f, RC_STORE, CAUSE_DATA,
		    "a link leads into segment %u, which has gone by: read "
		    "the archive from a file",
		    segment);
	if (rc == RC_OK)
		rc = frame_in_spool(l->z, scratch, d->size, c->tar, f);
	if (rc == RC_OK)
		c->segment = segment;
	return rc;
}

enum rc
links_fetch(struct links *l, uint32_t segment, uint64_t off, uint64_t n,
    struct spool *scratch, uint64_t *at_r, struct fault *f)
{
	struct cached *c = &l->cache[0];
	size_t i;
	enum rc rc = RC_OK;

	assert(segment >= 1 && segment <= l->n);
	for (i = 0; i < CACHE_N; i++) {
		if (l->cache[i].segment == segment) {
			c = &l->cache[i];
			break;
		}
		if (l->cache[i].used < c->used)
			c = &l->cache[i];
	}
	if (c->segment != segment)
		rc = load(l, c, segment, scratch, f);
	if (rc != RC_OK)
		return rc;
	c->used = ++l->clock;
	*at_r = spool_size(l->fetched);
	return copy_range(c->tar, off, n, l->fetched, f);
}

struct spool *
links_spool(struct links *l)
{
	return l->fetched;
}

struct spool *
links_exchange(struct links *l, struct spool *fetched)
{
	struct spool *was = l->fetched;

	l->fetched = fetched;
	spool_clear(fetched);
	return was;
}

void
links_forget(struct links *l)
{
	spool_clear(l->fetched);
}
