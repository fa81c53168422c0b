#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "util/table.h"

enum { MANY = 20000 };

struct want {
	const uint64_t *key;
	uint64_t wanted;
};

static bool
is_wanted(const void *arg, uint32_t id)
{
	const struct want *w = arg;

	return w->key[id] == w->wanted;
}

static bool
is_any(const void *arg, uint32_t id)
{
	(void)arg;
	(void)id;
	return true;
}

static void
an_empty_table_holds_nothing(void **state)
{
	struct table t = TABLE_INIT;
	struct table_cursor c;

	(void)state;
	assert_int_equal(table_first(&t, 1, is_any, NULL, &c), TABLE_NONE);
	assert_int_equal(table_next(&t, is_any, NULL, &c), TABLE_NONE);
	table_release(&t);
}

/* Adds MANY ids with the keys that make() gives and finds each again. */
static void
check_keys(uint64_t (*make)(uint64_t i))
{
	struct table t = TABLE_INIT;
	struct table_cursor c;
	struct want w;
	uint64_t *key;
	uint32_t i;

	key = calloc(MANY, sizeof(*key));
	assert_non_null(key);
	for (i = 0; i < MANY; i++) {
		key[i] = make(i);
		table_add(&t, key[i], i);
		assert_true(t.used * 10 <= t.cap * 7);
	}
	w.key = key;
	for (i = 0; i < MANY; i++) {
		w.wanted = key[i];
		assert_int_equal(table_first(&t, key[i], is_wanted, &w, &c), i);
		assert_int_equal(table_next(&t, is_wanted, &w, &c), TABLE_NONE);
	}
	w.wanted = make(MANY + 1);
	assert_int_equal(table_first(&t, w.wanted, is_wanted, &w, &c),
	    TABLE_NONE);
	free(key);
	table_release(&t);
}

static uint64_t
low_bits_vary(uint64_t i)
{
	return i;
}

static uint64_t
high_bits_vary(uint64_t i)
{
	return i << 40;
}

static uint64_t
top_bits_vary(uint64_t i)
{
	return i << 49;
}

static uint64_t
both_halves_are_equal(uint64_t i)
{
	return i << 32 | i;
}

static uint64_t
all_bits_vary(uint64_t i)
{
	return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void
everything_is_found_whichever_bits_differ(void **state)
{
	(void)state;
	check_keys(low_bits_vary);
	check_keys(high_bits_vary);
	check_keys(top_bits_vary);
	check_keys(both_halves_are_equal);
	check_keys(all_bits_vary);
}

/* Slots that a search for each of n keys looks at, on average, times 10. */
static void
weak_keys_do_not_pile_up(void **state)
{
	uint64_t (*const make[])(uint64_t) = { low_bits_vary, high_bits_vary,
		top_bits_vary, both_halves_are_equal };
	struct table t = TABLE_INIT;
	size_t i, at, full, longest;
	uint64_t k;

	(void)state;
	for (i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		for (k = 0; k < MANY; k++)
			table_add(&t, make[i](k), (uint32_t)k);
		longest = full = 0;
		for (at = 0; at < t.cap; at++) {
			full = t.slot[at].id != 0 ? full + 1 : 0;
			if (full > longest)
				longest = full;
		}
		assert_true(longest < 300);
		table_release(&t);
	}
}

static void
equal_keys_come_by_rising_id_however_they_were_added(void **state)
{
	static const uint32_t order[] = { 5, 1, 9, 3, 7, 0, 8, 2, 6, 4 };
	uint64_t key[10];
	struct table t = TABLE_INIT;
	struct table_cursor c;
	struct want w = { key, 77 };
	uint32_t i, id;

	(void)state;
	for (i = 0; i < 10; i++) {
		key[i] = 77;
		table_add(&t, 77, order[i]);
		table_add(&t, 1000 + i, 100 + i);
	}
	id = table_first(&t, 77, is_wanted, &w, &c);
	for (i = 0; i < 10; i++) {
		assert_int_equal(id, i);
		id = table_next(&t, is_wanted, &w, &c);
	}
	assert_int_equal(id, TABLE_NONE);
	table_release(&t);
}

static void
the_layout_does_not_depend_on_the_order_of_adding(void **state)
{
	struct table a = TABLE_INIT, b = TABLE_INIT;
	uint32_t i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		table_add(&a, i / 3, i);
		table_add(&b, (2999 - i) / 3, 2999 - i);
	}
	assert_int_equal(a.cap, b.cap);
	assert_int_equal(a.used, b.used);
	assert_memory_equal(a.slot, b.slot, a.cap * sizeof(*a.slot));
	table_release(&a);
	table_release(&b);
}

static void
what_is_refused_by_the_owner_is_passed_over(void **state)
{
	uint64_t key[2] = { 1, 2 };
	struct want w = { key, 2 };
	struct table t = TABLE_INIT;
	struct table_cursor c;

	(void)state;
	/* The same hash for different things. */
	table_add(&t, 9, 0);
	table_add(&t, 9, 1);
	assert_int_equal(table_first(&t, 9, is_wanted, &w, &c), 1);
	assert_int_equal(table_next(&t, is_wanted, &w, &c), TABLE_NONE);
	table_release(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_holds_nothing),
		cmocka_unit_test(everything_is_found_whichever_bits_differ),
		cmocka_unit_test(weak_keys_do_not_pile_up),
		cmocka_unit_test(
		    equal_keys_come_by_rising_id_however_they_were_added),
		cmocka_unit_test(
		    the_layout_does_not_depend_on_the_order_of_adding),
		cmocka_unit_test(what_is_refused_by_the_owner_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
