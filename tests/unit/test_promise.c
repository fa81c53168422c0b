#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restore/promise.h"

enum { UNTOLD_FLOOR = 20, MANY = 200000 };

static const unsigned char *
canon(unsigned content)
{
	static unsigned char c[16];

	memset(c, 0, sizeof(c));
	memcpy(c, &content, sizeof(content));
	return c;
}

static void
add(struct promises *l, uint32_t uid, unsigned content)
{
	promises_add(l, uid, UNTOLD_FLOOR, canon(content), 1000 + content);
}

/* What a message that was read settles: 0 nothing, else its state. */
static int
settle(struct promises *l, uint32_t uid, unsigned content)
{
	const struct promise *p = promises_settle(l, uid, canon(content));

	return p == NULL ? 0 : p->state;
}

static size_t
count_open(const struct promises *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		n += l->v[i].state == PROMISE_OPEN;
	return n;
}

static void
one_with_a_uid_is_held_against_that_message_alone(void **state)
{
	struct promises l = { .n = 0 };

	(void)state;
	add(&l, 9, 1);
	add(&l, 7, 2);
	add(&l, 8, 1);
	add(&l, 6, 4);
	promises_begin(&l, false);
	assert_int_equal(promises_first(&l), 6);
	assert_true(promises_want(&l, 9));
	assert_false(promises_want(&l, 10));
	assert_int_equal(settle(&l, 9, 1), PROMISE_KEPT);
	assert_int_equal(settle(&l, 7, 3), PROMISE_DIFFERS);
	assert_int_equal(settle(&l, 10, 1), 0);
	assert_int_equal(promises_settle(&l, 6, NULL)->state, PROMISE_DIFFERS);
	assert_int_equal(count_open(&l), 1);
	promises_release(&l);
}

static void
one_without_a_uid_is_found_by_content_each_copy_once(void **state)
{
	struct promises l = { .n = 0 };

	(void)state;
	add(&l, 0, 1);
	add(&l, 5, 1);
	add(&l, 0, 2);
	add(&l, 0, 1);
	promises_begin(&l, false);
	assert_int_equal(promises_first(&l), 5);
	assert_false(promises_want(&l, UNTOLD_FLOOR - 1));
	assert_true(promises_want(&l, UNTOLD_FLOOR));
	assert_int_equal(settle(&l, 20, 1), PROMISE_KEPT);
	assert_int_equal(settle(&l, 21, 3), 0);
	assert_null(promises_settle(&l, 22, NULL));
	assert_int_equal(settle(&l, 5, 1), PROMISE_KEPT);
	assert_int_equal(settle(&l, 23, 1), PROMISE_KEPT);
	assert_int_equal(settle(&l, 24, 1), 0);
	assert_int_equal(count_open(&l), 1);
	promises_release(&l);
}

static void
of_two_with_one_uid_the_equal_one_is_kept(void **state)
{
	struct promises l = { .n = 0 };

	(void)state;
	add(&l, 4, 1);
	add(&l, 4, 2);
	add(&l, 4, 3);
	promises_begin(&l, false);
	assert_int_equal(settle(&l, 4, 2), PROMISE_KEPT);
	assert_int_equal(count_open(&l), 2);
	assert_int_equal(l.v[1].state, PROMISE_KEPT);
	promises_release(&l);
}

static void
where_uids_mean_nothing_content_decides_about_all(void **state)
{
	struct promises l = { .n = 0 };

	(void)state;
	add(&l, 5, 1);
	add(&l, 0, 2);
	add(&l, 6, 1);
	promises_begin(&l, false);
	promises_begin(&l, true);
	assert_int_equal(promises_first(&l), 1);
	assert_true(promises_want(&l, 1));
	assert_int_equal(settle(&l, 5, 9), 0);
	assert_int_equal(settle(&l, 1, 1), PROMISE_KEPT);
	assert_int_equal(settle(&l, 2, 1), PROMISE_KEPT);
	assert_int_equal(settle(&l, 3, 1), 0);
	assert_int_equal(settle(&l, 4, 2), PROMISE_KEPT);
	assert_int_equal(count_open(&l), 0);
	promises_release(&l);
}

/* Takes hours if each looks at all before it. */
static void
many_that_are_equal_are_no_trouble(void **state)
{
	struct promises l = { .n = 0 };
	uint32_t i, kept = 0;

	(void)state;
	for (i = 0; i < MANY; i++)
		add(&l, 0, 1);
	promises_begin(&l, false);
	for (i = 0; i < MANY; i++)
		kept += settle(&l, 20 + i, 1) == PROMISE_KEPT;
	assert_int_equal(kept, MANY);
	assert_int_equal(settle(&l, 1, 1), 0);
	assert_int_equal(count_open(&l), 0);
	promises_release(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    one_with_a_uid_is_held_against_that_message_alone),
		cmocka_unit_test(
		    one_without_a_uid_is_found_by_content_each_copy_once),
		cmocka_unit_test(of_two_with_one_uid_the_equal_one_is_kept),
		cmocka_unit_test(
		    where_uids_mean_nothing_content_decides_about_all),
		cmocka_unit_test(many_that_are_equal_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
