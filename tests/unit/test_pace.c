#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "util/bucket.h"
#include "util/buf.h"
#include "util/interrupt.h"
#include "util/pace.h"

/* A clock that only moves when somebody sleeps. */
struct fake {
	int64_t us;
	struct buf heard; /* what a listener was told */
	unsigned waits;
};

static int64_t
fake_now(void *arg)
{
	const struct fake *c = arg;

	return c->us;
}

static enum rc
fake_sleep(void *arg, int64_t us, struct fault *f)
{
	struct fake *c = arg;
	enum rc rc = interrupt_check(f);

	if (rc == RC_OK)
		c->us += us;
	return rc;
}

static void
listen(void *arg, enum pace_news news, int64_t ms, const char *why)
{
	struct fake *c = arg;

	if (news == PACE_WAIT)
		c->waits++;
	else
		buf_addf(&c->heard, "%s %d %s|",
		    news == PACE_PAUSE ? "pause" : "resume", (int)ms, why);
}

static struct pace *
pace_start(struct fake *c)
{
	const struct pace_clock clock = { fake_now, fake_sleep, c };
	struct pace *p = pace_new(&clock);

	*c = (struct fake){ .us = 5000000 };
	pace_listen(p, listen, c);
	return p;
}

static void
a_bucket_gives_each_its_turn_at_the_rate(void **state)
{
	struct bucket b = { 0 };

	(void)state;
	assert_int_equal(bucket_take(&b, 1000, 0), 0);
	assert_int_equal(bucket_debt(&b, 0), 0);
	bucket_set(&b, 4, 1e6, 0);
	assert_int_equal(bucket_take(&b, 1, 10), 0);
	assert_int_equal(bucket_take(&b, 2, 10), 250000);
	assert_int_equal(bucket_take(&b, 1, 10), 750000);
	assert_int_equal(bucket_debt(&b, 10), 1000000);
	/* Time that passes without a taker is lost ... */
	assert_int_equal(bucket_take(&b, 1, 9000000), 0);
	assert_int_equal(bucket_take(&b, 1, 9000000), 250000);
	/* ... but for what the bucket holds. */
	bucket_set(&b, 4, 1e6, 2);
	assert_int_equal(bucket_take(&b, 2, 9000000), 0);
	assert_int_equal(bucket_take(&b, 1, 9000000), 0);
	assert_int_equal(bucket_debt(&b, 9000000), 250000);
}

static void
no_debt_lasts_longer_than_an_hour(void **state)
{
	struct bucket b = { 0 };

	(void)state;
	bucket_set(&b, 1, 1e6, 0);
	(void)bucket_take(&b, UINT64_MAX, 0);
	assert_int_equal(bucket_debt(&b, 0), 3600000000);
}

static void
octets_cross_at_the_rate_whoever_moves_them(void **state)
{
	struct fake c;
	struct pace *p = pace_start(&c);
	size_t moved = 0, n;

	(void)state;
	pace_limit_octets(p, 100000);
	while (moved < 1000000) {
		n = pace_portion(p, 65536);
		assert_int_equal(n, 25000);
		pace_octets(p, n);
		moved += n;
	}
	/* All but what was saved up, which is one portion. */
	assert_int_equal(c.us - 5000000, 9750000);
	assert_int_equal(pace_room(p), 100000);
	pace_free(p);
}

static void
messages_are_asked_for_by_the_second(void **state)
{
	static const struct {
		double rate;
		size_t batch;
	} rows[] = { { 0.5, 1 }, { 1, 1 }, { 4, 4 }, { 4.9, 4 }, { 500, 500 },
		{ 1e6, 500 } };
	struct fault f = FAULT_INIT;
	struct fake c;
	struct pace *p = pace_start(&c);
	size_t i;

	(void)state;
	assert_int_equal(pace_batch(p, 500), 500);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pace_limit_messages(p, rows[i].rate);
		assert_int_equal(pace_batch(p, 500), rows[i].batch);
	}
	pace_limit_messages(p, 4);
	for (i = 0; i < 10; i++)
		assert_int_equal(pace_messages(p, 4, &f), RC_OK);
	assert_int_equal(c.us - 5000000, 8750000);
	pace_free(p);
}

static void
without_limits_nothing_waits(void **state)
{
	struct fault f = FAULT_INIT;
	struct fake c;
	struct pace *p = pace_start(&c);

	(void)state;
	pace_octets(p, 1 << 30);
	assert_int_equal(pace_messages(p, 1 << 20, &f), RC_OK);
	assert_int_equal(pace_gate(p, &f), RC_OK);
	assert_int_equal(c.us, 5000000);
	assert_int_equal(pace_portion(p, 65536), 65536);
	assert_int_equal(pace_room(p), 0);
	assert_int_equal(pace_pause_max(p), 600000);
	pace_free(p);
	pace_octets(NULL, 1 << 30);
	assert_int_equal(pace_messages(NULL, 5, &f), RC_OK);
	assert_int_equal(pace_gate(NULL, &f), RC_OK);
	assert_int_equal(pace_portion(NULL, 7), 7);
	assert_int_equal(pace_batch(NULL, 7), 7);
	assert_int_equal(pace_pause_max(NULL), 0);
	pace_join(NULL);
	pace_leave(NULL);
	pace_free(NULL);
}

static void
a_shared_pause_holds_all_and_is_told_once(void **state)
{
	struct fault f = FAULT_INIT;
	struct fake c;
	struct pace *p = pace_start(&c);

	(void)state;
	/* Nothing moves the clock for this one: it only makes the note. */
	interrupt_raise(SIGINT);
	assert_int_equal(pace_pause(p, true, 30000, "busy", &f), RC_STORE);
	assert_string_equal(f.text, "interrupted by SIGINT");
	assert_int_equal(pace_pause(p, true, 30500, "busy too", &f), RC_STORE);
	interrupt_raise(0);
	assert_string_equal(buf_str(&c.heard),
	    "pause 30000 busy|resume 0 "
	    "busy|");
	/* Another connection's next command. */
	c.waits = 0;
	assert_int_equal(pace_gate(p, &f), RC_OK);
	assert_int_equal(c.us - 5000000, 30500000);
	assert_true(c.waits > 100);
	assert_int_equal(pace_gate(p, &f), RC_OK);
	assert_int_equal(c.us - 5000000, 30500000);
	buf_release(&c.heard);
	pace_free(p);
}

static void
a_pause_of_one_holds_no_other(void **state)
{
	struct fault f = FAULT_INIT;
	struct fake c;
	struct pace *p = pace_start(&c);

	(void)state;
	interrupt_raise(SIGINT);
	assert_int_equal(pace_pause(p, false, 30000, "busy", &f), RC_STORE);
	interrupt_raise(0);
	assert_int_equal(pace_gate(p, &f), RC_OK);
	assert_int_equal(c.us, 5000000);
	assert_int_equal(pace_pause(p, false, 2000, "busy", &f), RC_OK);
	assert_int_equal(c.us, 7000000);
	assert_string_equal(buf_str(&c.heard),
	    "pause 30000 busy|resume 0 busy|"
	    "pause 2000 busy|resume 2000 busy|");
	buf_release(&c.heard);
	pace_free(p);
}

static void
a_signal_ends_every_wait(void **state)
{
	struct fault f = FAULT_INIT;
	struct pace *p = pace_new(NULL); /* the real clock: an hour each */

	(void)state;
	pace_limit_octets(p, 1024);
	pace_limit_messages(p, 0.001);
	interrupt_raise(SIGTERM);
	pace_octets(p, 1 << 22);
	assert_int_equal(pace_messages(p, 1, &f), RC_OK);
	assert_int_equal(pace_messages(p, 1, &f), RC_STORE);
	assert_string_equal(f.text, "interrupted by SIGTERM");
	assert_int_equal(f.cause, CAUSE_TEMPORARY);
	assert_int_equal(pace_pause(p, true, 3600000, "x", &f), RC_STORE);
	assert_int_equal(pace_gate(p, &f), RC_STORE);
	interrupt_raise(0);
	pace_free(p);
}

static void
connections_are_counted(void **state)
{
	struct pace *p = pace_new(NULL);

	(void)state;
	assert_int_equal(pace_joined(p), 0);
	pace_join(p);
	pace_join(p);
	pace_leave(p);
	assert_int_equal(pace_joined(p), 1);
	pace_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_gives_each_its_turn_at_the_rate),
		cmocka_unit_test(no_debt_lasts_longer_than_an_hour),
		cmocka_unit_test(octets_cross_at_the_rate_whoever_moves_them),
		cmocka_unit_test(messages_are_asked_for_by_the_second),
		cmocka_unit_test(without_limits_nothing_waits),
		cmocka_unit_test(a_shared_pause_holds_all_and_is_told_once),
		cmocka_unit_test(a_pause_of_one_holds_no_other),
		cmocka_unit_test(a_signal_ends_every_wait),
		cmocka_unit_test(connections_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
