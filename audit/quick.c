/*
 * What can be told of a target without its bodies.  It proves nothing.
 * Several connections share the folders; each knows some that come next, so
 * that its store can ask for them ahead.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	/* Folders that a connection holds: answers of one read another. */
	PLAN_FOLDERS = 32,
};

struct crew {
	struct audit *audit;
	struct folder *known; /* of each place: what the store knows */
	pthread_mutex_t lock; /* of all below, and of the audit */
	uint32_t *place;      /* still to be looked at: a stack */
	size_t places;
	uint64_t number; /* of the folder that was taken last */
	unsigned hands;  /* connections that work */
	bool stop;
	struct fault fault; /* why it stopped, or the last loss */
};

/* One connection. */
struct hand {
	struct crew *crew;
	struct store *store;
	pthread_t thread;
	uint32_t place; /* at work */
	uint64_t held;  /* messages of it that were held against the archive */
	struct store_ask next[PLAN_FOLDERS];
	uint32_t next_place[PLAN_FOLDERS];
	size_t nexts;
	bool owner_failed;
	bool lost;
};

static enum rc
hold(struct hand *h, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct audit *a = h->crew->audit;
	struct facts found;
	enum rc rc;

	h->held++;
	a->place[h->place].read++;
	progress_add(a->report, 1, m->size);
	audit_facts(a, h->place, m, &found);
	key_of_header(fp, m->size, &found.key);
	found.size = m->size;
	rc = audit_hold(a, &found, NULL, f);
	h->owner_failed = rc != RC_OK;
	return rc;
}

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct hand *h = arg;
	struct crew *c = h->crew;
	enum rc rc;

	rc = interrupt_check(f);
	if (rc != RC_OK || !selection_has_date(c->audit->selection, &m->date))
		return rc;
	pthread_mutex_lock(&c->lock);
	rc = hold(h, m, fp, f);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

static enum store_mode
mode(const struct audit *a)
{
	return a->level == LEVEL_HEADER ? STORE_HEADERS : STORE_READ;
}

/* Selects the folder and, unless counts are enough, lists its headers. */
static enum rc
look_at_folder(struct hand *h, struct fault *f)
{
	struct crew *c = h->crew;
	struct audit *a = c->audit;
	struct folder_state state;
	uint64_t seen;
	enum rc rc;

	folder_state_init(&state);
	rc = store_select(h->store, &c->known[h->place], mode(a), &state, f);
	pthread_mutex_lock(&c->lock);
	a->place[h->place].exists = state.exists;
	pthread_mutex_unlock(&c->lock);
	if (rc == RC_OK && state.exists > 0 && a->level == LEVEL_HEADER)
		rc = h->store->ops->scan(h->store, 1, SCAN_FINGERPRINT,
		    on_listed, h, &seen, f);
	folder_state_release(&state);
	return rc;
}

/* Takes folders as long as it holds less than its share of them. */
static void
plan(struct hand *h)
{
	struct crew *c = h->crew;
	size_t share =
	    c->hands == 1 ? PLAN_FOLDERS : c->places / (2 * c->hands) + 1;
	uint32_t place;

	if (share > PLAN_FOLDERS)
		share = PLAN_FOLDERS;
	while (h->nexts < share && c->places > 0) {
		place = c->place[--c->places];
		h->next[h->nexts] = (struct store_ask){ .number = ++c->number,
			.folder = &c->known[place],
			.mode = mode(c->audit) };
		h->next_place[h->nexts++] = place;
	}
}

static void
shift(struct hand *h)
{
	h->place = h->next_place[0];
	h->held = 0;
	h->nexts--;
	memmove(h->next, h->next + 1, h->nexts * sizeof(h->next[0]));
	memmove(h->next_place, h->next_place + 1,
	    h->nexts * sizeof(h->next_place[0]));
}

static void
give_back(struct hand *h)
{
	struct crew *c = h->crew;

	while (h->nexts > 0)
		c->place[c->places++] = h->next_place[--h->nexts];
}

/* The connection is lost, or the run has to end.  Another one takes the
 * folder, unless some of it was held already: that cannot be undone. */
static void
lose(struct hand *h, struct fault *f)
{
	struct crew *c = h->crew;
	struct audit *a = c->audit;

	if (!c->stop)
		c->fault = *f;
	h->lost = true;
	c->hands--;
	if (c->hands == 0 || h->owner_failed || interrupt_signal() != 0) {
		c->stop = true;
		return;
	}
	report_note(a->report, "going on over %u connections: %s", c->hands,
	    f->text);
	give_back(h);
	if (h->held == 0)
		c->place[c->places++] = h->place;
	else
		audit_place_failed(a, &a->place[h->place], f);
}

/* Enters and leaves under the lock; false: the connection is spoiled. */
static bool
work(struct hand *h)
{
	struct crew *c = h->crew;
	struct audit *a = c->audit;
	struct fault f = FAULT_INIT;
	enum rc rc;

	shift(h);
	progress_where(a->report, a->place[h->place].name);
	pthread_mutex_unlock(&c->lock);
	if (a->level == LEVEL_HEADER && h->store->ops->ahead != NULL)
		h->store->ops->ahead(h->store, h->next, h->nexts);
	rc = interrupt_check(&f);
	if (rc == RC_OK)
		rc = look_at_folder(h, &f);
	pthread_mutex_lock(&c->lock);
	if (rc == RC_STORE)
		lose(h, &f);
	else if (rc != RC_OK)
		audit_place_failed(a, &a->place[h->place], &f);
	return rc != RC_STORE;
}

static void
toil(struct hand *h)
{
	struct crew *c = h->crew;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		plan(h);
		if (h->nexts == 0 || !work(h))
			break;
	}
	if (h->store->ops->ahead != NULL)
		h->store->ops->ahead(h->store, NULL, 0);
	pthread_mutex_unlock(&c->lock);
}

/* A further connection that the server will not have is no failure. */
static void *
further(void *arg)
{
	struct hand *h = arg;
	struct crew *c = h->crew;
	struct audit *a = c->audit;
	struct fault f = FAULT_INIT;
	enum rc rc;

	rc = a->open(a->open_arg, &h->store, &f);
	pthread_mutex_lock(&c->lock);
	if (rc == RC_OK)
		c->hands++;
	else if (!c->stop)
		report_note(a->report, "going on over %u connections: %s",
		    c->hands, f.text);
	pthread_mutex_unlock(&c->lock);
	if (rc == RC_OK)
		toil(h);
	return NULL;
}

static void
run_hands(struct crew *c, unsigned n)
{
	struct hand *hand = xcalloc(n, sizeof(*hand));
	unsigned i, started = 1;

	c->hands = 1;
	for (i = 0; i < n; i++)
		hand[i].crew = c;
	hand[0].store = c->audit->target;
	for (; started < n; started++)
		if (pthread_create(&hand[started].thread, NULL, further,
			&hand[started]) != 0)
			break;
	toil(&hand[0]);
	for (i = 1; i < started; i++)
		(void)pthread_join(hand[i].thread, NULL);
	/* what the last to work gave back when the others had gone */
	for (i = 0; i < started; i++)
		if (hand[i].store != NULL && !hand[i].lost)
			toil(&hand[i]);
	for (i = 1; i < started; i++)
		store_free(hand[i].store);
	free(hand);
}

/* Copies, borrowing what they point to, of which the store may know more
 * than was listed. */
static enum rc
learn(struct crew *c, struct fault *f)
{
	struct audit *a = c->audit;
	size_t i;

	c->known = xcalloc(a->places + 1, sizeof(*c->known));
	for (i = 0; i < a->places; i++)
		if (a->place[i].folder != NULL)
			c->known[i] = *a->place[i].folder;
		else
			c->known[i].status_known = true;
	return a->target->ops->count == NULL ?
	    RC_OK :
	    a->target->ops->count(a->target, c->known, a->places, f);
}

/* What has to be asked for: a count may be known. */
static void
list_places(struct crew *c)
{
	struct audit *a = c->audit;
	size_t i;

	c->place = xcalloc(a->places + 1, sizeof(*c->place));
	for (i = a->places; i-- > 0;) { /* the first is on top */
		if (a->place[i].folder == NULL)
			continue;
		a->place[i].exists = c->known[i].messages;
		if (a->level == LEVEL_HEADER || !c->known[i].status_known)
			c->place[c->places++] = (uint32_t)i;
	}
}

enum rc
audit_glance(struct audit *a, struct fault *f)
{
	struct crew c = { .audit = a };
	unsigned n = a->connections;
	enum rc rc;

	/* where nobody says, the store does */
	if (n == 0)
		n = a->target->ops->info(a->target)->connections;
	pthread_mutex_init(&c.lock, NULL);
	rc = learn(&c, f);
	if (rc == RC_OK) {
		list_places(&c);
		if (n > c.places)
			n = (unsigned)c.places;
		run_hands(&c, n > 0 ? n : 1);
	}
	if (c.stop) {
		*f = c.fault;
		rc = RC_STORE;
	}
	free(c.known);
	free(c.place);
	pthread_mutex_destroy(&c.lock);
	return rc;
}
