#include "mail/harvest.h"

#include <stdlib.h>
#include <string.h>

#include "mail/harvest_lane.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	CONNECTIONS_USUAL = 1,
	PART_MESSAGES = 2000,
	PART_OCTETS = 16 << 20,
	/* a connection more for so much work */
	MESSAGES_EACH = 500,
	FOLDERS_EACH = 4,
};

struct crew {
	const struct harvest *harvest;
	pthread_mutex_t lock;
	pthread_cond_t change;
	const struct folder **folder; /* to be listed: a stack */
	size_t folders;
	struct harvest_part *part; /* to be read: a queue */
	struct harvest_part **part_end;
	struct harvest_folder *begun; /* all of them */
	unsigned lanes;               /* connections that work */
	unsigned busy;                /* of them: inside a task */
	bool split;                   /* more than one connection */
	bool stop;
	struct fault fault; /* why it stopped, or the last loss */
};

struct hand {
	struct crew *crew;
	struct harvest_lane lane;
	pthread_t thread;
};

static void
queue_part(struct crew *c, struct harvest_part *p)
{
	p->next = NULL;
	*c->part_end = p;
	c->part_end = &p->next;
	pthread_cond_signal(&c->change);
}

/* One of the preferred folder's, or of any when it is NULL. */
static struct harvest_part *
take_part(struct crew *c, const struct harvest_folder *preferred)
{
	struct harvest_part **at, *p;

	for (at = &c->part; (p = *at) != NULL; at = &p->next)
		if (preferred == NULL || p->folder == preferred)
			break;
	if (p == NULL)
		return NULL;
	*at = p->next;
	if (p->next == NULL)
		c->part_end = at;
	return p;
}

static void
cut_into_parts(struct crew *c, struct harvest_folder *h)
{
	struct harvest_part *p;
	size_t i, first = 0;
	uint64_t octets = 0;

	for (i = 0; i < h->listed.n; i++) {
		octets += h->listed.v[i].size;
		if (i + 1 < h->listed.n &&
		    (!c->split ||
			(i + 1 - first < PART_MESSAGES &&
			    octets < PART_OCTETS)))
			continue;
		p = xcalloc(1, sizeof(*p));
		p->folder = h;
		p->first = first;
		p->n = i + 1 - first;
		h->open++;
		queue_part(c, p);
		first = i + 1;
		octets = 0;
	}
}

/* The lane is lost, or the owner will not go on.  Under the lock. */
static void
lose(struct crew *c, const struct hand *h, const struct fault *f)
{
	const struct harvest *run = c->harvest;

	if (!c->stop)
		c->fault = *f;
	c->lanes--;
	if (c->lanes == 0 || h->lane.owner_failed || interrupt_signal() != 0)
		c->stop = true;
	else
		run->ops->lost(run->arg, f, c->lanes);
	pthread_cond_broadcast(&c->change);
}

static void
finish(struct crew *c, struct harvest_folder *h)
{
	c->harvest->ops->end(c->harvest->arg, h);
	msgs_release(&h->listed);
}

/* Returns under the lock.  False: the lane is spoiled. */
static bool
do_folder(struct hand *h, const struct folder *folder)
{
	struct harvest_folder *p = xcalloc(1, sizeof(*p));
	struct crew *c = h->crew;
	struct fault f = FAULT_INIT;
	enum rc rc;

	p->folder = folder;
	rc = lane_list(&h->lane, p, &f);
	pthread_mutex_lock(&c->lock);
	p->next = c->begun;
	c->begun = p;
	if (rc == RC_STORE) {
		c->folder[c->folders++] = folder;
		lose(c, h, &f);
		return false;
	}
	if (rc != RC_OK)
		return true;
	cut_into_parts(c, p);
	if (p->open == 0)
		finish(c, p);
	return true;
}

/* The same for a part. */
static bool
do_part(struct hand *h, struct harvest_part *p)
{
	const struct harvest *run = h->crew->harvest;
	struct crew *c = h->crew;
	struct fault f = FAULT_INIT;
	enum rc rc;

	rc = lane_read(&h->lane, p, &f);
	pthread_mutex_lock(&c->lock);
	if (rc != RC_OK && rc != RC_STORE && !p->folder->failed) {
		p->folder->failed = true;
		if (run->ops->failed(run->arg, p->folder, true, &f) ==
		    RC_STORE) {
			h->lane.owner_failed = true;
			rc = RC_STORE;
		}
	}
	if (rc == RC_STORE) {
		queue_part(c, p);
		lose(c, h, &f);
		return false;
	}
	if (--p->folder->open == 0)
		finish(c, p->folder);
	free(p);
	return true;
}

/* Enters and leaves under the lock. */
static bool
work(struct hand *h, struct harvest_part *p, const struct folder *folder)
{
	struct crew *c = h->crew;
	bool good;

	c->busy++;
	pthread_mutex_unlock(&c->lock);
	good = p != NULL ? do_part(h, p) : do_folder(h, folder);
	c->busy--;
	if (c->busy == 0)
		pthread_cond_broadcast(&c->change);
	return good;
}

static void
toil(struct hand *h)
{
	struct crew *c = h->crew;
	const struct folder *folder;
	struct harvest_part *p;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		folder = NULL;
		p = h->lane.selected != NULL ? take_part(c, h->lane.selected) :
					       NULL;
		if (p == NULL && c->folders > 0)
			folder = c->folder[--c->folders];
		if (p == NULL && folder == NULL)
			p = take_part(c, NULL);
		if (p == NULL && folder == NULL) {
			if (c->busy == 0)
				break;
			pthread_cond_wait(&c->change, &c->lock);
			continue;
		}
		if (!work(h, p, folder))
			break;
	}
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
	if (rc == RC_OK)
		c->lanes++;
	else if (!c->stop)
		run->ops->lost(run->arg, &f, c->lanes);
	pthread_mutex_unlock(&c->lock);
	if (rc == RC_OK)
		toil(h);
	return NULL;
}

/* As many connections as the work is worth. */
static unsigned
connections(const struct crew *c)
{
	unsigned most = c->harvest->connections;
	uint64_t messages = 0, worth;
	size_t i;

	if (most == 0)
		most = CONNECTIONS_USUAL;
	for (i = 0; i < c->folders; i++)
		messages += c->folder[i]->status_known ?
		    c->folder[i]->messages :
		    MESSAGES_EACH;
	worth = 1 + messages / MESSAGES_EACH + c->folders / FOLDERS_EACH;
	return worth < most ? (unsigned)worth : most;
}

static void
run_hands(struct crew *c, struct hand *hand, unsigned n)
{
	unsigned i, started = 1;

	c->split = n > 1;
	c->lanes = 1;
	for (i = 0; i < n; i++) {
		hand[i].crew = c;
		hand[i].lane.harvest = c->harvest;
		hand[i].lane.lock = &c->lock;
	}
	hand[0].lane.store = c->harvest->store;
	for (; started < n; started++)
		if (pthread_create(&hand[started].thread, NULL, further,
			&hand[started]) != 0)
			break;
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
	struct harvest_part *p;

	while ((p = c->part) != NULL) {
		c->part = p->next;
		free(p);
	}
	while ((h = c->begun) != NULL) {
		c->begun = h->next;
		if (h->owner != NULL)
			c->harvest->ops->drop(c->harvest->arg, h);
		msgs_release(&h->listed);
		free(h->settled);
		free(h);
	}
	free(c->folder);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->change);
}

enum rc
harvest_run(const struct harvest *h, const struct folder *const *folder,
    size_t n, struct fault *f)
{
	struct crew c = { .harvest = h, .part_end = &c.part };
	struct hand *hand;
	unsigned hands;
	enum rc rc = RC_OK;

	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.change, NULL);
	c.folder = xcalloc(n + 1, sizeof(*c.folder));
	while (c.folders < n) { /* the first is on top */
		c.folder[c.folders] = folder[n - 1 - c.folders];
		c.folders++;
	}
	hands = connections(&c);
	hand = xcalloc(hands, sizeof(*hand));
	run_hands(&c, hand, hands);
	if (c.stop || c.folders > 0 || c.part != NULL) {
		*f = c.fault;
		rc = RC_STORE;
	}
	free(hand);
	crew_release(&c);
	return rc;
}
