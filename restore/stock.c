#include "stock.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

/* Folders that a lane asks about before their turn. */
enum { AHEAD_ALONE = 16, AHEAD_AMONG_OTHERS = 1 };

/* Each message at hand takes some 800 octets beside its own: with so many
 * no more than two segments are. */
enum { AT_HAND_MAX = 20000, LOADS_LEAST = 2 };

struct stock {
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct destination **v;
	size_t n;
	size_t cap;
	struct load *load; /* all of them */
	size_t loads;
	struct load *room; /* those that are free */
	size_t used;       /* those that are not, */
	uint64_t at_hand;  /* and the messages in them */
	uint64_t put;      /* parcels so far */
	size_t waiting;
	size_t out;    /* taken and not finished */
	unsigned idle; /* lanes that wait */
	bool ended;
	bool stopped;
};

struct stock *
stock_new(unsigned loads, size_t bound)
{
	struct stock *s = xcalloc(1, sizeof(*s));
	unsigned i;

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->change, NULL);
	s->load = xcalloc(loads, sizeof(*s->load));
	s->loads = loads;
	for (i = 0; i < loads; i++) {
		s->load[i].segment = archive_load_new(bound);
		s->load[i].next = s->room;
		s->room = &s->load[i];
	}
	return s;
}

void
stock_free(struct stock *s)
{
	struct parcel *p;
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++) {
		while ((p = s->v[i]->first) != NULL) {
			s->v[i]->first = p->next;
			parcel_free(p);
		}
		destination_free(s->v[i]);
	}
	for (i = 0; i < s->loads; i++) {
		archive_load_free(s->load[i].segment);
		free(s->load[i].v);
	}
	free(s->load);
	free(s->v);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->change);
	free(s);
}

static bool
has_room(const struct stock *s)
{
	return s->room != NULL &&
	    (s->used < LOADS_LEAST || s->at_hand < AT_HAND_MAX);
}

struct load *
stock_room(struct stock *s)
{
	struct load *l = NULL;

	pthread_mutex_lock(&s->lock);
	while (!has_room(s) && !s->stopped)
		pthread_cond_wait(&s->change, &s->lock);
	if (!s->stopped) {
		l = s->room;
		s->room = l->next;
		s->used++;
		l->parcels = 1; /* who fills it */
		l->n = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return l;
}

struct destination *
stock_destination(struct stock *s, const char *name)
{
	struct destination *d = NULL;
	size_t i;

	pthread_mutex_lock(&s->lock);
	for (i = s->n; d == NULL && i-- > 0;)
		if (strcmp(s->v[i]->name, name) == 0)
			d = s->v[i];
	if (d == NULL) {
		d = destination_new(xstrdup(name));
		s->v = xgrow(s->v, s->n, &s->cap, sizeof(*s->v));
		s->v[s->n++] = d;
	}
	pthread_mutex_unlock(&s->lock);
	return d;
}

/* In the archive's order.  Under the lock, as all that follows. */
static void
queue(struct stock *s, struct parcel *p)
{
	struct parcel **at = &p->to->first;

	while (*at != NULL && (*at)->number < p->number)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
	s->waiting++;
	pthread_cond_broadcast(&s->change);
}

static void
leave_load(struct stock *s, struct load *l)
{
	if (--l->parcels > 0)
		return;
	free(l->v);
	l->v = NULL;
	l->next = s->room;
	s->room = l;
	s->used--;
	s->at_hand -= l->n;
	pthread_cond_broadcast(&s->change);
}

void
stock_put(struct stock *s, struct parcel *p)
{
	pthread_mutex_lock(&s->lock);
	p->number = s->put++;
	p->load->parcels++;
	queue(s, p);
	pthread_mutex_unlock(&s->lock);
}

void
stock_put_end(struct stock *s, struct load *l)
{
	pthread_mutex_lock(&s->lock);
	s->at_hand += l->n;
	leave_load(s, l);
	pthread_mutex_unlock(&s->lock);
}

void
stock_end(struct stock *s)
{
	pthread_mutex_lock(&s->lock);
	s->ended = true;
	pthread_cond_broadcast(&s->change);
	pthread_mutex_unlock(&s->lock);
}

void
stock_stop(struct stock *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopped = true;
	pthread_cond_broadcast(&s->change);
	pthread_mutex_unlock(&s->lock);
}

/* The folder with the oldest parcel that l (NULL: somebody new) may take. */
static struct destination *
oldest(const struct stock *s, const struct lane *l)
{
	struct destination *d, *best = NULL;
	size_t i;

	for (i = 0; i < s->n; i++) {
		d = s->v[i];
		if (d->first == NULL || (d->owner != NULL && d->owner != l))
			continue;
		if (best == NULL || d->first->number < best->first->number)
			best = d;
	}
	return best;
}

static bool
is_over(const struct stock *s)
{
	return s->stopped || (s->ended && s->waiting == 0 && s->out == 0);
}

static struct parcel *
take(struct stock *s, struct lane *l, struct destination *d)
{
	struct parcel *p = d->first, **at = &l->under_way;

	d->first = p->next;
	d->owner = l;
	d->out++;
	s->out++;
	s->waiting--;
	while (*at != NULL)
		at = &(*at)->next;
	p->next = NULL;
	*at = p;
	return p;
}

static struct destination *
await(struct stock *s, const struct lane *l, bool wait)
{
	struct destination *d;

	for (;;) {
		d = s->stopped ? NULL : oldest(s, l);
		if (d != NULL || !wait || is_over(s))
			return d;
		s->idle++;
		pthread_cond_wait(&s->change, &s->lock);
		s->idle--;
	}
}

struct parcel *
stock_take(struct stock *s, struct lane *l, bool wait)
{
	struct destination *d;
	struct parcel *p = NULL;

	pthread_mutex_lock(&s->lock);
	d = await(s, l, wait);
	if (d != NULL)
		p = take(s, l, d);
	pthread_mutex_unlock(&s->lock);
	return p;
}

bool
stock_await(struct stock *s)
{
	bool some;

	pthread_mutex_lock(&s->lock);
	some = await(s, NULL, true) != NULL;
	pthread_mutex_unlock(&s->lock);
	return some;
}

struct destination *
stock_ahead(struct stock *s, struct lane *l)
{
	const size_t most =
	    l->restore->connections > 1 ? AHEAD_AMONG_OTHERS : AHEAD_ALONE;
	struct destination *d, *found = NULL;
	size_t i, mine = 0;

	pthread_mutex_lock(&s->lock);
	for (i = 0; i < s->n; i++)
		mine += s->v[i]->owner == l && s->v[i]->out == 0;
	for (i = 0; found == NULL && i < s->n && s->idle == 0; i++) {
		d = s->v[i];
		if (mine < most && d->first != NULL && d->owner == NULL &&
		    !d->offered && destination_may_ask(l->restore, d))
			found = d;
	}
	if (found != NULL) {
		found->owner = l;
		found->offered = true;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

static void
leave_folder(struct destination *d)
{
	if (--d->out == 0)
		d->owner = NULL;
}

void
stock_reap(struct stock *s, struct lane *l)
{
	struct parcel **at = &l->under_way, *p;

	pthread_mutex_lock(&s->lock);
	while ((p = *at) != NULL) {
		if (p->open > 0) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		l->through++;
		s->out--;
		leave_folder(p->to);
		leave_load(s, p->load);
		parcel_free(p);
	}
	if (is_over(s))
		pthread_cond_broadcast(&s->change);
	pthread_mutex_unlock(&s->lock);
}

void
stock_give_back(struct stock *s, struct lane *l, bool leave)
{
	struct parcel *p;
	size_t i;

	pthread_mutex_lock(&s->lock);
	while ((p = l->under_way) != NULL) {
		l->under_way = p->next;
		p->to->out--;
		s->out--;
		queue(s, p);
	}
	for (i = 0; i < s->n; i++) {
		if (s->v[i]->owner != l)
			continue;
		destination_lost(s->v[i]);
		if (leave)
			s->v[i]->owner = NULL;
	}
	pthread_cond_broadcast(&s->change);
	pthread_mutex_unlock(&s->lock);
}

bool
stock_is_done(const struct stock *s)
{
	return !s->stopped && s->waiting == 0 && s->out == 0;
}

size_t
stock_destinations(const struct stock *s)
{
	return s->n;
}

struct destination *
stock_at(const struct stock *s, size_t i)
{
	return s->v[i];
}
