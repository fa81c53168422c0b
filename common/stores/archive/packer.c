/*
 * A segment is filled by the owner, waits its turn in a queue, and is free
 * again as soon as it is packed.  What becomes of it goes into one of the
 * places, a ring: three counts walk round, of the segments given away, of
 * those that the pool has begun, and of those written.
 *
 * There are more of both than there is memory for at full size, so that one
 * that is long in coming, or in being written, lets smaller ones pass; the
 * octets in use decide who waits.
 */
#include "stores/archive/packing.h"

#include <stdbool.h>

#include "stores/archive/format.h"

static struct place *
place_of(const struct packer *p, uint64_t turn)
{
	return &p->place[turn % p->places];
}

/* Under the lock, as what follows: leaves it for a piece of work. */
static void
begin_work(struct packer *p)
{
	p->busy++;
	pthread_mutex_unlock(&p->lock);
}

static void
end_work(struct packer *p)
{
	pthread_mutex_lock(&p->lock);
	p->busy--;
	pthread_cond_broadcast(&p->change);
}

/* What may be in memory of segments, and of frames. */
static uint64_t
segments_max(const struct packer *p)
{
	return ((uint64_t)p->plan.threads + 1) *
	    (p->plan.segment_size + TAR_SLACK);
}

/* One is written while the other is packed. */
static unsigned
frames_least(const struct packer *p)
{
	return p->plan.threads > 2 ? p->plan.threads : 2;
}

/* Mail gets smaller by a third. */
static uint64_t
frames_max(const struct packer *p)
{
	return frames_least(p) * p->plan.segment_size * 2 / 3;
}

/* Of a segment on its way: one that is in its file takes as much for the
 * window, and later for its frame. */
static uint64_t
cost(const struct packer *p, const struct segment *s)
{
	const uint64_t octets = segment_size(s) < p->plan.segment_size ?
	    segment_size(s) :
	    p->plan.segment_size;

	return octets > segment_memory(s) ? octets : segment_memory(s);
}

static struct segment *
next_to_pack(const struct packer *p)
{
	return p->given_away[p->begun % p->segments];
}

static bool
may_pack(const struct packer *p)
{
	return p->rc == RC_OK && p->begun < p->given && p->spare_frames > 0 &&
	    (p->begun - p->written < frames_least(p) ||
		p->packed + cost(p, next_to_pack(p)) <= frames_max(p));
}

static bool
may_fill(const struct packer *p)
{
	return p->spares > 0 &&
	    p->queued + p->plan.segment_size <= segments_max(p);
}

/* The one used last; the others keep what memory there is beside. */
static struct spool *
take_frame(struct packer *p, uint64_t octets)
{
	struct spool *r = p->spare_frame[--p->spare_frames];
	uint64_t used = p->packed + octets;
	size_t i;

	for (i = p->spare_frames; i > 0; i--) {
		used += spool_memory(p->spare_frame[i - 1]);
		if (used > frames_max(p))
			spool_forget(p->spare_frame[i - 1]);
	}
	return r;
}

static struct segment *
take_segment(struct packer *p)
{
	struct segment *r = p->spare[--p->spares];
	uint64_t used = p->queued + p->plan.segment_size;
	size_t i;

	for (i = p->spares; i > 0; i--) {
		used += segment_memory(p->spare[i - 1]);
		if (used > segments_max(p))
			segment_forget(p->spare[i - 1]);
	}
	return r;
}

static void
pack_one(struct packer *p, struct frame_out *z)
{
	struct segment *s = next_to_pack(p);
	struct place *at = place_of(p, p->begun++);
	const uint64_t octets = cost(p, s);
	bool shrinks;

	at->parcel.packed = take_frame(p, octets);
	p->packed += octets;
	begin_work(p);
	at->rc = segment_pack(s, z, at->parcel.packed, &at->parcel.frame,
	    &at->fault);
	segment_lines_to(s, &at->parcel.lines);
	shrinks = segment_size(s) < octets / 2;
	segment_clear(s);
	if (shrinks)
		segment_forget(s);
	end_work(p);
	p->spare[p->spares++] = s;
	p->queued -= octets;
	p->packed -= octets;
	at->memory = spool_memory(at->parcel.packed);
	p->packed += at->memory;
	at->packed = true;
}

static bool
may_write(const struct packer *p)
{
	return p->rc == RC_OK && p->written < p->begun &&
	    place_of(p, p->written)->packed;
}

static void
write_one(struct packer *p)
{
	struct place *at = place_of(p, p->written);

	begin_work(p);
	if (at->rc == RC_OK)
		at->rc = p->plan.write(p->plan.arg, &at->parcel, &at->fault);
	buf_clear(&at->parcel.lines);
	spool_clear(at->parcel.packed);
	end_work(p);
	p->spare_frame[p->spare_frames++] = at->parcel.packed;
	p->packed -= at->memory;
	at->packed = false;
	if (at->rc == RC_OK) {
		p->written++;
	} else {
		p->rc = RC_STORE;
		p->fault = at->fault;
	}
}

void *
packer_pack(void *arg)
{
	struct packer *p = arg;
	struct frame_out *z = frame_out_new(p->plan.effort);

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		if (may_pack(p))
			pack_one(p, z);
		else
			pthread_cond_wait(&p->change, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	frame_out_free(z);
	return NULL;
}

void *
packer_write(void *arg)
{
	struct packer *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		if (may_write(p))
			write_one(p);
		else
			pthread_cond_wait(&p->change, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct segment *
packer_segment(struct packer *p)
{
	return p->open;
}

/* Under the lock. */
static enum rc
result(const struct packer *p, struct fault *f)
{
	if (p->rc != RC_OK)
		*f = p->fault;
	return p->rc;
}

enum rc
packer_give(struct packer *p, struct fault *f)
{
	enum rc rc;

	pthread_mutex_lock(&p->lock);
	if (p->rc == RC_OK) {
		p->given_away[p->given++ % p->segments] = p->open;
		p->queued += cost(p, p->open);
		p->open = NULL;
		pthread_cond_broadcast(&p->change);
	}
	while (p->rc == RC_OK && !may_fill(p))
		pthread_cond_wait(&p->change, &p->lock);
	if (p->open == NULL && p->spares > 0)
		p->open = take_segment(p);
	rc = result(p, f);
	pthread_mutex_unlock(&p->lock);
	return rc;
}

enum rc
packer_check(struct packer *p, struct fault *f)
{
	enum rc rc;

	pthread_mutex_lock(&p->lock);
	rc = result(p, f);
	pthread_mutex_unlock(&p->lock);
	return rc;
}

enum rc
packer_drain(struct packer *p, struct fault *f)
{
	enum rc rc;

	pthread_mutex_lock(&p->lock);
	while (p->busy > 0 || (p->rc == RC_OK && p->written < p->given))
		pthread_cond_wait(&p->change, &p->lock);
	rc = result(p, f);
	pthread_mutex_unlock(&p->lock);
	return rc;
}
