/*
 * A segment is filled by the owner, waits its turn in a queue, and is free
 * again as soon as it is packed.  What becomes of it goes into one of the
 * places, a ring: three counts walk round, of the segments given away, of
 * those that the pool has begun, and of those written.
 */
#include "stores/archive/packer.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "util/mem.h"

struct place {
	struct parcel parcel;
	bool packed; /* and not yet written */
	enum rc rc;  /* of the packing */
	struct fault fault;
};

struct packer {
	struct packer_plan plan;
	pthread_mutex_t lock;
	pthread_cond_t change;
	size_t segments;
	struct segment *open; /* being filled; NULL: none was spare */
	struct segment **spare;
	size_t spares;
	struct segment **given_away; /* a ring: what is not begun */
	struct place *place;         /* a ring, too */
	size_t places;
	uint64_t given, begun, written;
	unsigned busy; /* threads at work */
	bool stop;
	enum rc rc; /* what ended it */
	struct fault fault;
	pthread_t *thread; /* the first one writes */
	size_t threads;
};

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

static bool
may_pack(const struct packer *p)
{
	return p->rc == RC_OK && p->begun < p->given &&
	    p->begun - p->written < p->places;
}

static void
pack_one(struct packer *p, struct frame_out *z)
{
	struct segment *s = p->given_away[p->begun % p->segments];
	struct place *at = place_of(p, p->begun++);

	begin_work(p);
	at->rc = segment_pack(s, z, at->parcel.packed, &at->parcel.frame,
	    &at->fault);
	segment_lines_to(s, &at->parcel.lines);
	segment_clear(s);
	end_work(p);
	p->spare[p->spares++] = s;
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
	at->packed = false;
	if (at->rc == RC_OK) {
		p->written++;
	} else {
		p->rc = RC_STORE;
		p->fault = at->fault;
	}
}

static void *
pack_all(void *arg)
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

static void *
write_all(void *arg)
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

/* Signals are for the threads that read: they have to look up from a wait. */
static enum rc
start_threads(struct packer *p, struct fault *f)
{
	sigset_t all, before;
	int code = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (code == 0 && p->threads < p->plan.threads + 1) {
		code = pthread_create(&p->thread[p->threads], NULL,
		    p->threads == 0 ? write_all : pack_all, p);
		if (code == 0)
			p->threads++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	/* One that writes and one that packs are enough. */
	if (p->threads >= 2)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_TEMPORARY, "cannot start a thread");
}

static void
make_room(struct packer *p)
{
	const uint64_t size = p->plan.segment_size;
	size_t i;

	p->segments = (size_t)p->plan.threads + 1;
	p->spare = xcalloc(p->segments, sizeof(struct segment *));
	p->given_away = xcalloc(p->segments, sizeof(struct segment *));
	for (i = 0; i < p->segments; i++)
		p->spare[i] = segment_new(size);
	p->spares = p->segments - 1;
	p->open = p->spare[p->spares];
	/* One is written while the other is packed. */
	p->places = p->plan.threads > 2 ? p->plan.threads : 2;
	p->place = xcalloc(p->places, sizeof(*p->place));
	for (i = 0; i < p->places; i++)
		p->place[i].parcel.packed =
		    spool_new(segment_packed_bound(size));
}

enum rc
packer_new(const struct packer_plan *plan, struct packer **r, struct fault *f)
{
	struct packer *p;
	enum rc rc;

	p = xcalloc(1, sizeof(*p));
	p->plan = *plan;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->change, NULL);
	p->thread = xcalloc((size_t)plan->threads + 1, sizeof(*p->thread));
	make_room(p);
	rc = start_threads(p, f);
	if (rc != RC_OK)
		packer_free(p);
	else
		*r = p;
	return rc;
}

static void
stop_threads(struct packer *p)
{
	size_t i;

	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->change);
	pthread_mutex_unlock(&p->lock);
	for (i = 0; i < p->threads; i++)
		(void)pthread_join(p->thread[i], NULL);
}

void
packer_free(struct packer *p)
{
	size_t i;

	if (p == NULL)
		return;
	stop_threads(p);
	segment_free(p->open);
	for (; p->begun < p->given; p->begun++)
		segment_free(p->given_away[p->begun % p->segments]);
	for (i = 0; i < p->spares; i++)
		segment_free(p->spare[i]);
	for (i = 0; i < p->places; i++) {
		buf_release(&p->place[i].parcel.lines);
		spool_free(p->place[i].parcel.packed);
	}
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->change);
	free(p->thread);
	free(p->place);
	free(p->given_away);
	free(p->spare);
	free(p);
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
		p->open = NULL;
		pthread_cond_broadcast(&p->change);
	}
	while (p->rc == RC_OK && p->spares == 0)
		pthread_cond_wait(&p->change, &p->lock);
	if (p->open == NULL && p->spares > 0)
		p->open = p->spare[--p->spares];
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
