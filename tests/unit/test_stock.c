#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restore/stock.h"
#include "util/mem.h"

/* Orders who gets what, without any thread: nothing here waits. */

static const struct store_ops ops = { .kind = "none" };
static struct store target = { &ops };
static struct restore run = { .target = &target, .connections = 2 };
static struct spool *octets;

/* A parcel of n messages for the folder of that name, in a load. */
static struct parcel *
put(struct stock *s, struct load *l, const char *name, size_t first, size_t n)
{
	struct parcel *p = parcel_new(l, first, n, stock_destination(s, name));

	stock_put(s, p);
	return p;
}

static struct load *
room(struct stock *s, size_t n)
{
	struct load *l = stock_room(s);
	size_t i;

	assert_non_null(l);
	l->v = xcalloc(n, sizeof(*l->v));
	l->n = n;
	for (i = 0; i < n; i++)
		l->v[i].body.spool = octets;
	return l;
}

static void
finish(struct stock *s, struct lane *l, struct parcel *p)
{
	p->open = 0;
	stock_reap(s, l);
}

static void
a_folder_belongs_to_one_lane_at_a_time(void **state)
{
	struct stock *s = stock_new(2, 1000);
	struct lane a = { .restore = &run }, b = { .restore = &run };
	struct load *l = room(s, 5);
	struct parcel *p[5];
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++)
		p[i] = put(s, l, i < 3 ? "x" : "y", i, 1);
	stock_put_end(s, l);
	assert_ptr_equal(stock_take(s, &a, false), p[0]);
	assert_ptr_equal(stock_take(s, &b, false), p[3]);
	assert_ptr_equal(stock_take(s, &b, false), p[4]);
	assert_null(stock_take(s, &b, false));
	/* while one is under way the folder is kept */
	assert_ptr_equal(stock_take(s, &a, false), p[1]);
	finish(s, &a, p[0]);
	assert_null(stock_take(s, &b, false));
	finish(s, &a, p[1]);
	assert_ptr_equal(stock_take(s, &b, false), p[2]);
	stock_give_back(s, &b, true);
	stock_free(s);
}

static void
what_is_given_back_comes_first_and_in_order(void **state)
{
	struct stock *s = stock_new(1, 1000);
	struct lane a = { .restore = &run }, b = { .restore = &run };
	struct load *l = room(s, 4);
	struct parcel *p[4];
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		p[i] = put(s, l, "x", i, 1);
	stock_put_end(s, l);
	for (i = 0; i < 3; i++)
		assert_ptr_equal(stock_take(s, &a, false), p[i]);
	finish(s, &a, p[1]);
	p[0]->to->known = true;
	/* who makes its connection anew keeps its folders */
	stock_give_back(s, &a, false);
	assert_true(p[0]->to->stale);
	assert_null(stock_take(s, &b, false));
	stock_give_back(s, &a, true);
	assert_ptr_equal(stock_take(s, &b, false), p[0]);
	assert_ptr_equal(stock_take(s, &b, false), p[2]);
	assert_ptr_equal(stock_take(s, &b, false), p[3]);
	assert_false(stock_is_done(s));
	for (i = 0; i < 4; i++)
		if (i != 1)
			finish(s, &b, p[i]);
	assert_true(stock_is_done(s));
	stock_free(s);
}

static void
room_comes_back_when_all_of_a_load_is_done(void **state)
{
	struct stock *s = stock_new(1, 1000);
	struct lane a = { .restore = &run };
	struct load *l = room(s, 2);
	struct parcel *p = put(s, l, "x", 0, 1), *q = put(s, l, "y", 1, 1);

	(void)state;
	assert_ptr_equal(stock_take(s, &a, false), p);
	finish(s, &a, p);
	assert_ptr_equal(stock_take(s, &a, false), q);
	finish(s, &a, q);
	/* who fills it is not done with it */
	assert_non_null(l->v);
	stock_put_end(s, l);
	assert_ptr_equal(stock_room(s), l);
	assert_null(l->v);
	stock_put_end(s, l);
	stock_free(s);
}

static void
nothing_comes_after_the_end_or_a_stop(void **state)
{
	struct stock *s = stock_new(1, 1000);
	struct lane a = { .restore = &run };
	struct load *l = room(s, 1);
	struct parcel *p = put(s, l, "x", 0, 1);

	(void)state;
	stock_put_end(s, l);
	stock_end(s);
	assert_ptr_equal(stock_take(s, &a, true), p);
	finish(s, &a, p);
	assert_null(stock_take(s, &a, true));
	assert_false(stock_await(s));
	assert_true(stock_is_done(s));
	stock_stop(s);
	assert_null(stock_room(s));
	assert_false(stock_is_done(s));
	stock_free(s);
}

static int
begin(void **state)
{
	(void)state;
	octets = spool_new(1);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	spool_free(octets);
	return 0;
}

/* Who waits for room, and whether there was any when it came. */
struct waiter {
	struct stock *stock;
	struct load *got;
	atomic_bool made, early;
};

static void *
wait_for_room(void *arg)
{
	struct waiter *w = arg;

	w->got = stock_room(w->stock);
	w->early = !w->made;
	return NULL;
}

/* Their records take memory, whatever their octets do. */
static void
with_very_many_messages_at_hand_there_is_no_room(void **state)
{
	struct waiter w = { .stock = stock_new(4, 1000) };
	struct stock *s = w.stock;
	struct lane a = { .restore = &run };
	struct load *l[2];
	struct parcel *p[2];
	pthread_t thread;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		l[i] = room(s, 10000);
		p[i] = put(s, l[i], "x", 0, 10000);
		stock_put_end(s, l[i]);
		assert_ptr_equal(stock_take(s, &a, false), p[i]);
	}
	assert_int_equal(pthread_create(&thread, NULL, wait_for_room, &w), 0);
	(void)poll(NULL, 0, 50);
	w.made = true;
	finish(s, &a, p[0]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_false(w.early);
	assert_non_null(w.got);
	stock_put_end(s, w.got);
	finish(s, &a, p[1]);
	stock_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_belongs_to_one_lane_at_a_time),
		cmocka_unit_test(what_is_given_back_comes_first_and_in_order),
		cmocka_unit_test(room_comes_back_when_all_of_a_load_is_done),
		cmocka_unit_test(
		    with_very_many_messages_at_hand_there_is_no_room),
		cmocka_unit_test(nothing_comes_after_the_end_or_a_stop),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
