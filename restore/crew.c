#include "crew.h"

#include <stdlib.h>

#include "lane.h"
#include "settle.h"
#include "stock.h"
#include "util/interrupt.h"
#include "util/mem.h"

struct crew {
	struct restore *restore;
	unsigned lanes; /* at work; all under the lock of the run */
	bool stopped;
	struct fault fault; /* why it stopped, or the last loss */
};

struct hand {
	struct crew *crew;
	struct lane lane;
	pthread_t thread;
};

/* What another connection would meet as well. */
static bool
is_final(const struct fault *f)
{
	return interrupt_signal() != 0 ||
	    (f->cause != CAUSE_TEMPORARY && f->cause != CAUSE_UNREACHABLE &&
		f->cause != CAUSE_LOGIN && f->cause != CAUSE_REFUSED);
}

/* A lane is lost, or (begun false) was not to be had. */
static void
lose(struct crew *c, const struct fault *f, bool begun)
{
	struct restore *r = c->restore;
	bool stop;

	pthread_mutex_lock(&r->lock);
	if (begun && !c->stopped)
		c->fault = *f;
	if (begun)
		c->lanes--;
	stop = c->lanes == 0 || (begun && is_final(f));
	c->stopped = c->stopped || stop;
	if (!c->stopped)
		report_note(r->report, "going on over %u connections: %s",
		    c->lanes, f->text);
	pthread_mutex_unlock(&r->lock);
	if (stop)
		stock_stop(r->stock);
}

static void
work(struct hand *h)
{
	struct fault f = FAULT_INIT;

	if (lane_work(&h->lane, &f) != RC_OK)
		lose(h->crew, &f, true);
}

/* A further connection, once there is something for it to do. */
static void *
further(void *arg)
{
	struct hand *h = arg;
	struct restore *r = h->crew->restore;
	struct fault f = FAULT_INIT;

	if (!stock_await(r->stock))
		return NULL;
	if (r->open(r->open_arg, &h->lane.store, &f) != RC_OK) {
		lose(h->crew, &f, false);
		return NULL;
	}
	pthread_mutex_lock(&r->lock);
	h->crew->lanes++;
	pthread_mutex_unlock(&r->lock);
	work(h);
	return NULL;
}

static void
run_hands(struct crew *c, struct hand *hand, unsigned n)
{
	unsigned i, started = 1;

	for (i = 0; i < n; i++) {
		hand[i].crew = c;
		hand[i].lane.restore = c->restore;
	}
	hand[0].lane.store = c->restore->target;
	for (; started < n; started++)
		if (pthread_create(&hand[started].thread, NULL, further,
			&hand[started]) != 0)
			break;
	work(&hand[0]);
	for (i = 1; i < started; i++) {
		(void)pthread_join(hand[i].thread, NULL);
		store_free(hand[i].lane.store);
	}
}

enum rc
crew_run(struct restore *r, struct fault *f)
{
	struct crew c = { .restore = r, .lanes = 1 };
	unsigned n = r->connections;
	struct hand *hand;

	/* Several at once into a Maildir would only wait for each other. */
	if (n == 0 || r->dry_run || r->target->ops->reopen == NULL)
		n = 1;
	hand = xcalloc(n, sizeof(*hand));
	run_hands(&c, hand, n);
	free(hand);
	if (stock_is_done(r->stock))
		return RC_OK;
	*f = c.fault;
	return RC_STORE;
}
