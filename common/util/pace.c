#include "util/pace.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "util/bucket.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	US_PER_MS = 1000,
	US_PER_S = 1000 * 1000,
	SLICE_US = 200 * 1000, /* a signal and a listener wait so long */
	/* What is read at one time is a quarter of a second's octets, and as
	 * much may be saved up. */
	PORTIONS_PER_S = 4,
	PORTION_MIN = 256,
	ROOM_MIN = 8 << 10,
	ROOM_MAX = 1 << 20,
	/* A pause that ends so much later than the one that is on is news. */
	NEWS_US = US_PER_S,
};

struct pace {
	struct pace_clock clock;
	pthread_mutex_t lock; /* of all below */
	uint64_t octets_rate; /* a second; 0: none */
	double messages_rate;
	int64_t pause_max_ms;
	struct bucket octets;
	struct bucket messages;
	unsigned joined;
	int64_t until_us; /* nobody sends before */
	pace_tell_fn *tell;
	void *tell_arg;
};

static int64_t
real_now(void *arg)
{
	(void)arg;
	return clock_us();
}

static enum rc
real_sleep(void *arg, int64_t us, struct fault *f)
{
	int64_t end = clock_us() + us, left;
	enum rc rc;

	(void)arg;
	for (;;) {
		rc = interrupt_check(f);
		left = end - clock_us();
		if (rc != RC_OK || left <= 0)
			return rc;
		if (left > SLICE_US)
			left = SLICE_US;
		/* less than a millisecond is left to the next wait */
		if (left < US_PER_MS)
			return RC_OK;
		(void)poll(NULL, 0, (int)(left / US_PER_MS));
	}
}

struct pace *
pace_new(const struct pace_clock *clock)
{
	static const struct pace_clock real = { real_now, real_sleep, NULL };
	struct pace *p = xcalloc(1, sizeof(*p));

	p->clock = clock != NULL ? *clock : real;
	p->pause_max_ms = PACE_PAUSE_MAX_MS;
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void
pace_free(struct pace *p)
{
	if (p == NULL)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static int64_t
now(const struct pace *p)
{
	return p->clock.now_us(p->clock.arg);
}

static enum rc
pass(const struct pace *p, int64_t us, struct fault *f)
{
	return us > 0 ? p->clock.sleep_us(p->clock.arg, us, f) : RC_OK;
}

void
pace_limit_octets(struct pace *p, uint64_t each_second)
{
	double rate = (double)each_second;

	p->octets_rate = each_second;
	p->octets = (struct bucket){ .us_each = 0 };
	if (each_second > 0)
		bucket_set(&p->octets, rate, US_PER_S, rate / PORTIONS_PER_S);
}

void
pace_limit_messages(struct pace *p, double each_second)
{
	p->messages_rate = each_second;
	p->messages = (struct bucket){ .us_each = 0 };
	if (each_second > 0)
		bucket_set(&p->messages, each_second, US_PER_S,
		    each_second / PORTIONS_PER_S);
}

void
pace_limit_pause(struct pace *p, int64_t ms)
{
	p->pause_max_ms = ms;
}

int64_t
pace_pause_max(const struct pace *p)
{
	return p != NULL ? p->pause_max_ms : 0;
}

size_t
pace_portion(const struct pace *p, size_t max)
{
	uint64_t portion;

	if (p == NULL || p->octets_rate == 0)
		return max;
	portion = p->octets_rate / PORTIONS_PER_S;
	if (portion < PORTION_MIN)
		portion = PORTION_MIN;
	return portion < max ? (size_t)portion : max;
}

int
pace_room(const struct pace *p)
{
	if (p == NULL || p->octets_rate == 0)
		return 0;
	if (p->octets_rate < ROOM_MIN)
		return ROOM_MIN;
	return p->octets_rate < ROOM_MAX ? (int)p->octets_rate : ROOM_MAX;
}

void
pace_octets(struct pace *p, size_t n)
{
	struct fault ignored;
	int64_t us;

	if (p == NULL || p->octets_rate == 0)
		return;
	pthread_mutex_lock(&p->lock);
	(void)bucket_take(&p->octets, n, now(p));
	us = bucket_debt(&p->octets, now(p));
	pthread_mutex_unlock(&p->lock);
	/* Who looks for a signal next will find it. */
	(void)!pass(p, us, &ignored);
}

size_t
pace_batch(const struct pace *p, size_t max)
{
	if (p == NULL || p->messages_rate <= 0 ||
	    p->messages_rate >= (double)max)
		return max;
	return p->messages_rate > 1 ? (size_t)p->messages_rate : 1;
}

enum rc
pace_messages(struct pace *p, size_t n, struct fault *f)
{
	int64_t us;

	if (p == NULL || p->messages_rate <= 0 || n == 0)
		return RC_OK;
	pthread_mutex_lock(&p->lock);
	us = bucket_take(&p->messages, n, now(p));
	pthread_mutex_unlock(&p->lock);
	return pass(p, us, f);
}

void
pace_join(struct pace *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->joined++;
	pthread_mutex_unlock(&p->lock);
}

void
pace_leave(struct pace *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->joined--;
	pthread_mutex_unlock(&p->lock);
}

unsigned
pace_joined(struct pace *p)
{
	unsigned n;

	if (p == NULL)
		return 0;
	pthread_mutex_lock(&p->lock);
	n = p->joined;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void
pace_listen(struct pace *p, pace_tell_fn *fn, void *arg)
{
	p->tell = fn;
	p->tell_arg = arg;
}

static void
tell(const struct pace *p, enum pace_news news, int64_t us, const char *why)
{
	if (p->tell != NULL)
		p->tell(p->tell_arg, news, us / US_PER_MS, why);
}

/* When a pause ends: of all, or of this connection alone. */
static int64_t
end_of(struct pace *p, int64_t own_us)
{
	int64_t us;

	pthread_mutex_lock(&p->lock);
	us = p->until_us;
	pthread_mutex_unlock(&p->lock);
	return us > own_us ? us : own_us;
}

/* told: the run waits, and not one connection while others work. */
static enum rc
wait_until(struct pace *p, int64_t own_us, bool told, struct fault *f)
{
	int64_t left;
	bool waited = false;
	enum rc rc = RC_OK;

	while (rc == RC_OK) {
		left = end_of(p, own_us) - now(p);
		if (left < US_PER_MS)
			break;
		waited = told;
		if (told)
			tell(p, PACE_WAIT, left, NULL);
		rc = pass(p, left < SLICE_US ? left : SLICE_US, f);
	}
	if (waited)
		tell(p, PACE_WAIT, 0, NULL);
	return rc;
}

enum rc
pace_pause(struct pace *p, bool shared, int64_t ms, const char *why,
    struct fault *f)
{
	int64_t began, end;
	bool news = true, alone;
	enum rc rc;

	if (p == NULL)
		return RC_OK;
	pthread_mutex_lock(&p->lock);
	alone = p->joined <= 1;
	began = now(p);
	end = began + ms * US_PER_MS;
	/* Four connections that are told the same are one pause. */
	if (shared) {
		news = p->until_us <= began || end > p->until_us + NEWS_US;
		if (end > p->until_us)
			p->until_us = end;
	}
	pthread_mutex_unlock(&p->lock);
	if (news)
		tell(p, PACE_PAUSE, end - began, why);
	rc = wait_until(p, end, shared || alone, f);
	if (news)
		tell(p, PACE_RESUME, now(p) - began, why);
	return rc;
}

enum rc
pace_gate(struct pace *p, struct fault *f)
{
	return p == NULL ? RC_OK : wait_until(p, 0, true, f);
}

bool
pace_is_paused(struct pace *p)
{
	return p != NULL && end_of(p, 0) - now(p) >= US_PER_MS;
}
