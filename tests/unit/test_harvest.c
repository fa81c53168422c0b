#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/harvest_work.h"
#include "tests/unit/harvest_kit.h"
#include "util/mem.h"

static void
what_is_told_is_what_is_asked(void **state)
{
	static const struct {
		size_t messages;
		uint64_t size;
	} cases[] = { { 0, 1 }, { 1, 1 }, { 100, 60000 }, { 5000, 4000 },
		{ 40, 30 << 20 } };
	struct world *w = xcalloc(1, sizeof(*w));
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world_fill(w, cases[i].messages, cases[i].size);
		assert_int_equal(world_run(w, 1), RC_OK);
		world_all_came(w);
		assert_int_equal(w->apart, 0);
		assert_true(w->told >= 1);
	}
	free(w);
}

static void
no_folder_waits_for_another_to_be_read(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	(void)state;
	world_fill(w, 10, 1000);
	assert_int_equal(world_run(w, 1), RC_OK);
	/* all lists behind the first, then all that is to be read */
	assert_int_equal(w->told, FOLDERS - 1);
	free(w);
}

static void
what_was_left_out_is_read_alone(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	unsigned connections;

	(void)state;
	for (connections = 1; connections <= 4; connections += 3) {
		world_fill(w, 3000, 10000);
		w->forgetful = true;
		assert_int_equal(world_run(w, connections), RC_OK);
		world_all_came(w);
	}
	free(w);
}

static void
a_store_that_cannot_be_told_does_as_well(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	unsigned connections;

	(void)state;
	for (connections = 1; connections <= 4; connections += 3) {
		world_fill(w, 5000, 10000);
		w->blind = true;
		assert_int_equal(world_run(w, connections), RC_OK);
		world_all_came(w);
		assert_int_equal(w->told, 0);
	}
	free(w);
}

static void
what_a_lost_connection_had_taken_others_do(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	unsigned at;

	(void)state;
	for (at = 1; at <= 3; at++) {
		world_fill(w, 5000, 20000);
		w->frail = 1; /* the first of all */
		w->frail_at = at;
		assert_int_equal(world_run(w, 3), RC_OK);
		world_all_came(w);
		assert_true(w->lost <= 1);
	}
	free(w);
}

static void
the_last_connection_that_is_lost_ends_the_run(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	(void)state;
	world_fill(w, 5000, 20000);
	w->frail = 1;
	w->frail_at = 1;
	w->most = 1;
	assert_int_equal(world_run(w, 4), RC_STORE);
	assert_true(w->ended < FOLDERS);
	free(w);
}

static void
connections_that_are_not_to_be_had_are_no_failure(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	(void)state;
	world_fill(w, 5000, 20000);
	w->most = 1;
	assert_int_equal(world_run(w, 8), RC_OK);
	world_all_came(w);
	assert_int_equal(w->lost, 7);
	free(w);
}

static void
what_nobody_asks_for_is_as_the_work_and_the_store_say(void **state)
{
	static const struct {
		size_t messages; /* in each folder */
		unsigned connections;
		unsigned worth;
		unsigned stores;
	} cases[] = { { 5000, 0, 0, 1 }, { 5000, 0, 3, 3 }, { 500, 0, 3, 2 },
		{ 10, 0, 3, 1 }, { 5000, 2, 3, 2 }, { 5000, 5, 3, 5 },
		{ 5000, 1, 3, 1 } };
	struct world *w = xcalloc(1, sizeof(*w));
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world_fill(w, cases[i].messages, 100);
		w->worth = cases[i].worth;
		assert_int_equal(world_run(w, cases[i].connections), RC_OK);
		world_all_came(w);
		assert_int_equal(w->stores, cases[i].stores);
	}
	free(w);
}

static void
a_folder_known_is_told_by_what_changed(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	unsigned connections;

	(void)state;
	for (connections = 1; connections <= 4; connections += 3) {
		world_fill(w, 500, 10000);
		w->news = 7;
		assert_int_equal(world_run(w, connections), RC_OK);
		world_last_came(w, 7);
		assert_int_equal(w->changes, FOLDERS);
		assert_int_equal(w->apart, 0);
		/* there is little to share */
		assert_int_equal(w->stores,
		    connections > 1 + FOLDERS ? 1 + FOLDERS : connections);
	}
	world_fill(w, 500, 10000);
	w->news = 7;
	w->worth = 4;
	assert_int_equal(world_run(w, 0), RC_OK);
	assert_int_equal(w->stores, 1);
	free(w);
}

static void
changes_that_are_not_all_are_listed(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	(void)state;
	world_fill(w, 500, 10000);
	w->news = 7;
	w->vague = true;
	assert_int_equal(world_run(w, 2), RC_OK);
	world_all_came(w);
	assert_int_equal(w->changes, 0);
	free(w);
}

/* What is listed lies in memory: not all connections list at once what has a
 * million messages. */
static void
very_many_messages_are_not_listed_at_once(void **state)
{
	static const struct {
		uint32_t messages[3];
		size_t lists; /* of them that are taken together */
	} t[] = { { { 200000, 1, 1 }, 1 }, { { 100000, 100000, 1 }, 2 },
		{ { 4000000, 1, 1 }, 1 }, { { 10, 10, 10 }, 3 } };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct folder folder[3] = { { .status_known = true },
			{ .status_known = true }, { .status_known = true } };
		struct harvest_tasks plan = { .n = 0 };
		struct harvest_work w;
		size_t done = 0;

		for (k = 0; k < 3; k++)
			folder[k].messages = t[i].messages[k];
		work_init(&w, folder, 3);
		work_plan(&w, &plan, NULL, UINT64_MAX);
		assert_int_equal(plan.n, t[i].lists);
		/* the others have their turn behind them */
		for (; plan.n > 0; done++) {
			work_done(&w, tasks_shift(&plan));
			work_plan(&w, &plan, NULL, UINT64_MAX);
		}
		assert_int_equal(done, 3);
		assert_true(work_is_empty(&w));
		work_release(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_what_is_asked),
		cmocka_unit_test(very_many_messages_are_not_listed_at_once),
		cmocka_unit_test(no_folder_waits_for_another_to_be_read),
		cmocka_unit_test(what_was_left_out_is_read_alone),
		cmocka_unit_test(a_store_that_cannot_be_told_does_as_well),
		cmocka_unit_test(what_a_lost_connection_had_taken_others_do),
		cmocka_unit_test(the_last_connection_that_is_lost_ends_the_run),
		cmocka_unit_test(
		    connections_that_are_not_to_be_had_are_no_failure),
		cmocka_unit_test(
		    what_nobody_asks_for_is_as_the_work_and_the_store_say),
		cmocka_unit_test(a_folder_known_is_told_by_what_changed),
		cmocka_unit_test(changes_that_are_not_all_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
