/* The packer's threads and rooms, made and taken down. */
#include <signal.h>
#include <stdlib.h>

#include "stores/archive/packing.h"
#include "util/mem.h"

enum { MORE = 4 }; /* segments, and places */

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
		    p->threads == 0 ? packer_write : packer_pack, p);
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

	p->segments = (size_t)p->plan.threads + 1 + MORE;
	p->spare = xcalloc(p->segments, sizeof(struct segment *));
	p->given_away = xcalloc(p->segments, sizeof(struct segment *));
	for (i = 0; i < p->segments; i++)
		p->spare[i] = segment_new(size);
	p->spares = p->segments - 1;
	p->open = p->spare[p->spares];
	p->places = (size_t)p->plan.threads + MORE;
	p->place = xcalloc(p->places, sizeof(*p->place));
	p->spare_frame = xcalloc(p->places, sizeof(struct spool *));
	for (i = 0; i < p->places; i++)
		p->spare_frame[i] = spool_new(segment_packed_bound(size));
	p->spare_frames = p->places;
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
		if (p->place[i].packed)
			spool_free(p->place[i].parcel.packed);
	}
	for (i = 0; i < p->spare_frames; i++)
		spool_free(p->spare_frame[i]);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->change);
	free(p->thread);
	free(p->spare_frame);
	free(p->place);
	free(p->given_away);
	free(p->spare);
	free(p);
}
