#include "reach.h"

#include <stdbool.h>

#include "util/clock.h"
#include "util/interrupt.h"
#include "util/wait.h"

enum {
	FIRST_MS = 500,
	LOGIN_MS = 5000,
	MAX_MS = 60 * 1000,
	LOGIN_MAX_MS = 300 * 1000,
	PULSE_MS = 10 * 1000, /* between two looks at the clock */
};

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
reach_pause(unsigned tries, enum cause cause)
{
	const bool login = cause == CAUSE_LOGIN;
	const int64_t most = login ? LOGIN_MAX_MS : MAX_MS;
	int64_t ms = login ? LOGIN_MS : FIRST_MS;
	unsigned i;

	for (i = 1; i < tries && ms < most; i++)
		ms *= 2;
	return least(ms, most);
}

enum rc
reach_wait(struct pulse *p, int64_t ms, struct fault *f)
{
	const int64_t end = least(clock_ms() + ms, p->end);
	int64_t left;
	enum rc rc = RC_OK;

	while (rc == RC_OK && (left = end - clock_ms()) > 0) {
		pulse_beat(p);
		rc = wait_ms((int)least(left, PULSE_MS), f);
	}
	return rc;
}

static bool
may_pass(const struct fault *f)
{
	return !f->lasting && interrupt_signal() == 0 &&
	    (f->cause == CAUSE_UNREACHABLE || f->cause == CAUSE_TEMPORARY);
}

enum rc
reach_first(struct pulse *p, reach_try_fn *try, void *arg, struct fault *f)
{
	struct fault why;
	unsigned tries;
	int64_t ms;
	enum rc rc;

	for (tries = 1;; tries++) {
		rc = try(arg, f);
		if (rc == RC_OK && tries > 1)
			pulse_back(p);
		if (rc == RC_OK || !may_pass(f) || clock_ms() >= p->end)
			return rc;
		ms = reach_pause(tries, f->cause);
		pulse_lost(p, f, tries, ms);
		why = *f;
		if (reach_wait(p, ms, f) != RC_OK)
			return RC_STORE;
		*f = why;
	}
}
