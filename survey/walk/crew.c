/* Several connections at work on the boxes of one survey. */
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "walk.h"

/* A further connection is worth it for so many messages. */
enum {
	MESSAGES_EACH = 2000,
	/* Where nobody says how many: what more than one bring is to be known.
	 */
	CONNECTIONS = 4,
};

struct opening {
	struct crew *crew;
	unsigned i;
	pthread_t thread;
};

/* One that the server will not have is no failure. */
static void *
open_one(void *arg)
{
	struct opening *o = arg;
	struct walk *w = o->crew->walk;
	struct store *st = NULL;
	struct fault f = FAULT_INIT;
	enum rc rc = w->open(w->open_arg, &st, &f);

	pthread_mutex_lock(&w->lock);
	if (rc == RC_OK) {
		o->crew->store[o->i] = st;
		o->crew->left++;
	} else {
		report_note(w->report, "a connection less: %s", f.text);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static unsigned
worth(const struct walk *w)
{
	uint64_t most = w->connections, n = 1 + w->claimed / MESSAGES_EACH;

	if (most == 0)
		most = CONNECTIONS;
	else if (n < w->survey->boxes) /* he asks for it */
		n = w->survey->boxes;
	return (unsigned)(n < most ? n : most);
}

void
crew_open(struct crew *c, struct walk *w)
{
	struct opening *o;
	unsigned i, started = 1;

	c->walk = w;
	c->n = worth(w);
	c->left = 1;
	c->store = xcalloc(c->n, sizeof(*c->store));
	c->store[0] = w->source;
	o = xcalloc(c->n, sizeof(*o));
	for (; started < c->n; started++) {
		o[started].crew = c;
		o[started].i = started;
		if (pthread_create(&o[started].thread, NULL, open_one,
			&o[started]) != 0)
			break;
	}
	for (i = 1; i < started; i++)
		(void)pthread_join(o[i].thread, NULL);
	free(o);
}

void
crew_close(struct crew *c)
{
	unsigned i;

	for (i = 0; i < c->n; i++)
		if (c->store[i] != c->walk->source)
			store_free(c->store[i]);
	free(c->store);
	memset(c, 0, sizeof(*c));
}

/* One run over the boxes. */
struct run {
	struct crew *crew;
	crew_fn *fn;
	uint32_t *box; /* those with most messages first */
	size_t boxes;
	size_t next;
	bool stop;
	struct fault fault;
};

struct hand {
	struct run *run;
	unsigned i;
	pthread_t thread;
};

/* Enters and leaves under the lock; false: the connection is lost. */
static bool
work(struct hand *h, uint32_t box)
{
	struct run *r = h->run;
	struct crew *c = r->crew;
	struct walk *w = c->walk;
	struct fault f = FAULT_INIT;
	enum rc rc;

	progress_where(w->report, w->survey->box[box].folder.name);
	pthread_mutex_unlock(&w->lock);
	rc = interrupt_check(&f);
	if (rc == RC_OK)
		rc = r->fn(w, c->store[h->i], box, &f);
	pthread_mutex_lock(&w->lock);
	if (rc == RC_OK)
		return true;
	r->fault = f;
	walk_failed(w, box, &f);
	if (rc != RC_STORE)
		return true;
	if (c->store[h->i] != w->source)
		store_free(c->store[h->i]);
	c->store[h->i] = NULL;
	c->left--;
	r->stop |= c->left == 0 || interrupt_signal() != 0;
	if (!r->stop)
		report_note(w->report, "going on over %u connections", c->left);
	return false;
}

static void *
toil(void *arg)
{
	struct hand *h = arg;
	struct run *r = h->run;
	struct walk *w = r->crew->walk;

	pthread_mutex_lock(&w->lock);
	while (!r->stop && r->next < r->boxes)
		if (!work(h, r->box[r->next++]))
			break;
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static int
by_messages(const void *x, const void *y, void *arg)
{
	const uint32_t *a = x, *b = y;
	const struct survey *s = arg;
	uint64_t n = s->box[*a].claimed, m = s->box[*b].claimed;

	if (n != m)
		return n > m ? -1 : 1;
	return *a < *b ? -1 : 1;
}

static void
plan(struct run *r, bool (*wants)(const struct walk *w, uint32_t box))
{
	const struct walk *w = r->crew->walk;
	struct survey *s = w->survey;
	uint32_t i;

	r->box = xcalloc(s->boxes + 1, sizeof(*r->box));
	for (i = 0; i < s->boxes; i++)
		if (!s->box[i].failed && wants(w, i))
			r->box[r->boxes++] = i;
	qsort_r(r->box, r->boxes, sizeof(*r->box), by_messages, s);
}

enum rc
crew_run(struct crew *c, unsigned hands, crew_fn *fn,
    bool (*wants)(const struct walk *w, uint32_t box), struct pass *pass,
    struct fault *f)
{
	struct run r = { .crew = c, .fn = fn };
	struct hand *h = xcalloc(c->n, sizeof(*h));
	int64_t began = clock_us();
	unsigned i, started = 0;

	plan(&r, wants);
	for (i = 0; i < c->n && started < hands; i++) {
		if (c->store[i] == NULL)
			continue;
		h[started].run = &r;
		h[started].i = i;
		if (pthread_create(&h[started].thread, NULL, toil,
			&h[started]) != 0)
			break;
		started++;
	}
	for (i = 0; i < started; i++)
		(void)pthread_join(h[i].thread, NULL);
	pass->connections = started;
	pass->us = clock_us() - began;
	free(h);
	free(r.box);
	if (!r.stop && r.next == r.boxes)
		return RC_OK;
	*f = r.fault;
	return RC_STORE;
}
