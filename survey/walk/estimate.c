#include "estimate.h"

#include <stddef.h>
#include <unistd.h>

#include "archive.h"
#include "program/history.h"

/*
 * What is not measured: nothing may be written to a target before the
 * migration, so that its part is told from what servers were seen to take
 * (one message after another, each on disk when it is acknowledged).
 */
enum {
	APPEND_US = 700,      /* a message, in batches, flushed at once */
	APPEND_FILE_US = 200, /* into a Maildir */
	APPEND_BATCH = 100,   /* messages a round trip */
	APPEND_RATE = 50,     /* octets a microsecond */
	LIST_US = 5,          /* to list a message */
	PACK_RATE = 200,      /* octets a microsecond on one core */
	FOLDER_TRIPS = 2,     /* to open one */
};

/* What a server has to flush it does not do n times as fast. */
static const double flushes[ESTIMATES_MAX] = { 1, 1.4, 2, 2.8, 4 };

/* Octets a microsecond over n connections; 0: not known. */
static double
rate_of(const struct pass *p)
{
	return p->us > 0 ? (double)p->bytes / (double)p->us : 0;
}

/* A small sample, or one of nothing, tells nothing. */
static const struct pass *
pass_of(const struct survey *s, bool most)
{
	const struct pass *best = NULL;
	size_t i;

	for (i = 0; i < s->reads; i++) {
		if (s->read[i].bytes == 0 || s->read[i].us <= 0)
			continue;
		if (best == NULL ||
		    (most ? s->read[i].connections > best->connections :
			    s->read[i].connections < best->connections))
			best = &s->read[i];
	}
	return best;
}

/* Between what was tried the rate grows evenly; more connections than were
 * tried are not trusted to bring more. */
static double
rate(const struct survey *s, unsigned n)
{
	const struct pass *few = pass_of(s, false), *many = pass_of(s, true);
	double low, gain = 0;

	if (few == NULL)
		return 0;
	low = rate_of(few);
	if (n > many->connections)
		n = many->connections;
	if (many->connections > few->connections && rate_of(many) > low)
		gain = (rate_of(many) - low) /
		    (many->connections - few->connections);
	return n > few->connections ? low + gain * (n - few->connections) :
				      low * n / few->connections;
}

_Static_assert((int)HISTORY_MS == (int)ESTIMATES_MAX,
    "each estimate is remembered");

static int64_t
to_ms(double us)
{
	const double ms = us / 1000;

	return ms < 1 ? 1 : ms > 1e15 ? (int64_t)1e15 : (int64_t)ms;
}

/* To open the folders and list what is in them. */
static double
listing_us(const struct survey *s, unsigned n)
{
	double us = (double)s->total.messages * LIST_US;

	if (s->source.round_trip_us > 0)
		us += (double)(s->boxes * FOLDER_TRIPS) *
		    (double)s->source.round_trip_us;
	return us / n;
}

/* What this machine needs to hash and compress. */
static double
packing_us(const struct survey *s)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return (double)s->total.bytes / PACK_RATE /
	    (double)(cores < 1 ? 1 : cores);
}

int64_t
estimate_reading(const struct survey *s, unsigned n)
{
	const double r = rate(s, n);

	if (s->total.messages == 0)
		return 1;
	if (r <= 0)
		return -1;
	return to_ms((double)s->total.bytes / r);
}

static double
append_us(const struct survey *s)
{
	const struct side *t = &s->target;
	const bool far = t->kind != NULL && t->round_trip_us > 0;
	const double trip = far ? (double)t->round_trip_us : 0;
	const double each = t->kind != NULL && t->round_trip_us < 0 ?
	    APPEND_FILE_US :
	    APPEND_US;
	double us;

	us = (double)s->total.messages * (each + trip / APPEND_BATCH);
	us += (double)s->boxes * trip;
	return us + (double)s->total.bytes / APPEND_RATE;
}

static void
add(struct outlook *o, unsigned n, int64_t ms)
{
	o->v[o->n++] = (struct estimate){ n, ms, -1 };
}

static void
look_at(struct survey *s, struct outlook *o)
{
	const int64_t packing =
	    o->task == TASK_BACKUP ? to_ms(packing_us(s)) : 0;
	int64_t ms = -1;
	size_t i;

	for (i = 0; i < ESTIMATES_MAX; i++) {
		switch (o->task) {
		case TASK_BACKUP:
		case TASK_AUDIT:
			ms = estimate_reading(s, history_connections(i));
			if (ms >= 0 && ms < packing)
				ms = packing;
			if (ms >= 0)
				ms += to_ms(
				    listing_us(s, history_connections(i)));
			break;
		case TASK_RESTORE:
			ms = to_ms(append_us(s) / flushes[i]);
			break;
		}
		add(o, history_connections(i), ms);
	}
}

void
estimate(struct survey *s)
{
	static const char *const basis[TASKS] = {
		[TASK_BACKUP] = "a sample of bodies was read, over one and "
				"over several connections",
		[TASK_RESTORE] = "nothing was written to the target: told "
				 "from its round trip and from what servers "
				 "usually take to store a message",
		[TASK_AUDIT] = "as if the target gave its mail as fast as "
			       "the source does",
	};
	static const char *const of_archive[TASKS] = {
		[TASK_BACKUP] = "the mail is in an archive already",
		[TASK_AUDIT] = "nothing tells how fast the target will give "
			       "its mail: the archive is local",
	};
	const bool archive = side_is_archive(&s->source);
	size_t i;

	for (i = 0; i < TASKS; i++) {
		if (archive && i != TASK_RESTORE) {
			s->outlook[i].basis = of_archive[i];
			continue;
		}
		s->outlook[i].basis = basis[i];
		s->outlook[i].guessed = i != TASK_BACKUP;
		look_at(s, &s->outlook[i]);
	}
	if (s->depth == DEPTH_ALL && !archive)
		s->outlook[TASK_BACKUP].basis = "all bodies were read";
}
