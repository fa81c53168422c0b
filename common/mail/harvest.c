#include "mail/harvest.h"

#include <stdlib.h>
#include <string.h>

#include "mail/harvest_lane.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	/* What all servers together have to send, so that none waits for us:
	 * 100 ms of a line of 300 MB/s. */
	WINDOW_OCTETS = 32 << 20,
	/* A connection more for each folder and so much work, where the user
	 * asks for some; where nobody does.  A folder that does not tell what
	 * it holds counts as the first. */
	MESSAGES_EACH = 500,
	MESSAGES_UNASKED = 2000,
};

struct crew {
	const struct harvest *harvest;
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct harvest_work work;
	struct harvest_folder *begun; /* all of them */
	unsigned hands;               /* connections wanted */
	unsigned lanes;               /* of them: that work, */
	unsigned opening;             /* that may come to work, */
	unsigned busy;                /* of them: that have a plan */
	bool stop;
	struct fault fault; /* why it stopped, or the last loss */
};

struct hand {
	struct crew *crew;
	struct harvest_lane lane;
	pthread_t thread;
};

/* The lane is lost, or the owner will not go on.  Under the lock. */
static void
lose(struct crew *c, const struct hand *h, const struct fault *f)
{
	const struct harvest *run = c->harvest;

	if (!c->stop)
		c->fault = *f;
	c->lanes--;
	if (c->lanes + c->opening == 0 || h->lane.owner_failed ||
	    interrupt_signal() != 0)
		c->stop = true;
	else
		run->ops->lost(run->arg, f,
		    c->lanes > 0 ? c->lanes : c->opening);
	pthread_cond_broadcast(&c->change);
}

static void
finish(struct crew *c, struct harvest_folder *h)
{
	c->harvest->ops->end(c->harvest->arg, h);
	msgs_release(&h->listed);
	free(h->gone);
	h->gone = NULL;
}

/* Returns under the lock.  False: the lane is spoiled. */
static bool
do_list(struct hand *h, struct harvest_task *t)
{
	struct harvest_folder *p = xcalloc(1, sizeof(*p));
	struct crew *c = h->crew;
	struct fault f = FAULT_INIT;
	enum rc rc;

	p->folder = t->list;
	rc = lane_list(&h->lane, p, &f);
	pthread_mutex_lock(&c->lock);
	p->next = c->begun;
	c->begun = p;
	if (rc == RC_STORE) {
		work_give_back(&c->work, t);
		lose(c, h, &f);
		return false;
	}
	work_done(&c->work, t);
	if (rc != RC_OK)
		return true;
	work_add(&c->work, p);
	if (p->open == 0)
		finish(c, p);
	return true;
}

/* The same. */
static bool
do_read(struct hand *h, struct harvest_task *t)
{
	const struct harvest *run = h->crew->harvest;
	struct harvest_folder *folder = t->folder;
	struct crew *c = h->crew;
	struct fault f = FAULT_INIT;
	bool again;
	enum rc rc;

	h->lane.last = folder;
	rc = lane_read(&h->lane, t, &again, &f);
	pthread_mutex_lock(&c->lock);
	if (rc != RC_OK && rc != RC_STORE && !folder->failed) {
		folder->failed = true;
		if (run->ops->failed(run->arg, folder, true, &f) == RC_STORE) {
			h->lane.owner_failed = true;
			rc = RC_STORE;
		}
	}
	if (rc == RC_STORE || again) {
		t->again |= again;
		work_give_back(&c->work, t);
		if (rc == RC_STORE)
			lose(c, h, &f);
		return rc != RC_STORE;
	}
	work_done(&c->work, t);
	if (--folder->open == 0)
		finish(c, folder);
	return true;
}

/* Enters and leaves under the lock. */
static bool
work(struct hand *h)
{
	struct crew *c = h->crew;
	struct harvest_task *t;
	bool good;

	c->busy++;
	pthread_mutex_unlock(&c->lock);
	lane_tell(&h->lane);
	t = tasks_shift(&h->lane.plan);
	good = t->list != NULL ? do_list(h, t) : do_read(h, t);
	c->busy--;
	pthread_cond_broadcast(&c->change);
	return good;
}

static void
toil(struct hand *h)
{
	struct crew *c = h->crew;
	struct harvest_tasks *plan = &h->lane.plan;
	struct harvest_task *t;
	uint64_t window =
	    h->lane.store->ops->ahead == NULL ? 0 : WINDOW_OCTETS / c->hands;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		work_plan(&c->work, plan, h->lane.last, window);
		if (plan->n == 0) {
			if (c->busy == 0)
				break;
			pthread_cond_wait(&c->change, &c->lock);
			continue;
		}
		if (!work(h))
			break;
	}
	if (h->lane.store->ops->ahead != NULL)
		h->lane.store->ops->ahead(h->lane.store, NULL, 0);
	while ((t = tasks_shift(plan)) != NULL)
		work_give_back(&c->work, t);
	pthread_cond_broadcast(&c->change);
	pthread_mutex_unlock(&c->lock);
}

/* A further connection that the server will not have is no failure. */
static void *
further(void *arg)
{
	struct hand *h = arg;
	struct crew *c = h->crew;
	const struct harvest *run = c->harvest;
	struct fault f = FAULT_INIT;
	enum rc rc;

	rc = run->open(run->open_arg, &h->lane.store, &f);
	pthread_mutex_lock(&c->lock);
	c->opening--;
	if (rc == RC_OK) {
		c->lanes++;
	} else if (!c->stop && c->lanes + c->opening == 0) {
		c->stop = true; /* for the reason of the last that worked */
	} else if (!c->stop) {
		run->ops->lost(run->arg, &f,
		    c->lanes > 0 ? c->lanes : c->opening);
	}
	pthread_mutex_unlock(&c->lock);
	if (rc == RC_OK)
		toil(h);
	return NULL;
}

/* Copies, borrowing what they point to, of which the store may know more
 * than was listed. */
static enum rc
learn(const struct harvest *h, const struct folder *const *folder,
    struct folder *v, size_t n, struct fault *f)
{
	size_t i;

	for (i = 0; i < n; i++)
		v[i] = *folder[i];
	return h->store->ops->count == NULL ?
	    RC_OK :
	    h->store->ops->count(h->store, v, n, f);
}

/* As many connections as the work is worth. */
static unsigned
connections(const struct harvest *h, const struct folder *folder, size_t n)
{
	unsigned most = h->connections;
	uint64_t messages = 0, worth;
	size_t i;

	for (i = 0; i < n; i++)
		messages += folder[i].since > 0 ? 0 :
		    folder[i].status_known      ? folder[i].messages :
						  MESSAGES_EACH;
	if (most > 0) {
		worth = 1 + messages / MESSAGES_EACH + n;
	} else {
		most = h->store->ops->info(h->store)->connections;
		worth = 1 + messages / MESSAGES_UNASKED;
	}
	if (most == 0)
		most = 1;
	return worth < most ? (unsigned)worth : most;
}

static void
run_hands(struct crew *c, struct hand *hand, unsigned n)
{
	unsigned i, started = 1;

	c->hands = n;
	c->work.hands = n;
	c->lanes = 1;
	for (i = 0; i < n; i++) {
		hand[i].crew = c;
		hand[i].lane.harvest = c->harvest;
		hand[i].lane.lock = &c->lock;
	}
	hand[0].lane.store = c->harvest->store;
	c->opening = n - 1;
	for (; started < n; started++)
		if (pthread_create(&hand[started].thread, NULL, further,
			&hand[started]) != 0)
			break;
	pthread_mutex_lock(&c->lock);
	c->opening -= n - started;
	pthread_mutex_unlock(&c->lock);
	toil(&hand[0]);
	for (i = 1; i < started; i++)
		(void)pthread_join(hand[i].thread, NULL);
	/* the keywords of a list live in the store that listed it */
	for (i = 0; i < started; i++) {
		buf_release(&hand[i].lane.note);
		if (i > 0)
			store_free(hand[i].lane.store);
	}
}

static void
crew_release(struct crew *c)
{
	struct harvest_folder *h;

	work_release(&c->work);
	while ((h = c->begun) != NULL) {
		c->begun = h->next;
		if (h->owner != NULL)
			c->harvest->ops->drop(c->harvest->arg, h);
		msgs_release(&h->listed);
		free(h->gone);
		free(h->settled);
		free(h);
	}
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->change);
}

static enum rc
run(struct crew *c, const struct folder *folder, size_t n, struct fault *f)
{
	unsigned hands = connections(c->harvest, folder, n);
	struct hand *hand = xcalloc(hands, sizeof(*hand));

	work_init(&c->work, folder, n);
	run_hands(c, hand, hands);
	free(hand);
	if (!c->stop && work_is_empty(&c->work))
		return RC_OK;
	*f = c->fault;
	return RC_STORE;
}

enum rc
harvest_run(const struct harvest *h, const struct folder *const *folder,
    size_t n, struct fault *f)
{
	struct folder *known = xcalloc(n + 1, sizeof(*known));
	struct crew c = { .harvest = h };
	enum rc rc;

	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.change, NULL);
	rc = learn(h, folder, known, n, f);
	if (rc == RC_OK)
		rc = run(&c, known, n, f);
	crew_release(&c);
	free(known);
	return rc;
}
