#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/status.h"

static void
every_cause_has_the_status_of_the_table(void **state)
{
	static const struct {
		enum cause cause;
		int status;
		const char *word;
	} rows[] = {
		{ CAUSE_NONE, 0, "none" },
		{ CAUSE_REFUSED, 3, "refused" },
		{ CAUSE_USAGE, 64, "usage" },
		{ CAUSE_DATA, 65, "data" },
		{ CAUSE_NOINPUT, 66, "no-input" },
		{ CAUSE_UNREACHABLE, 69, "unreachable" },
		{ CAUSE_BUG, 70, "bug" },
		{ CAUSE_CANTCREATE, 73, "cannot-create" },
		{ CAUSE_IO, 74, "io" },
		{ CAUSE_TEMPORARY, 75, "temporary" },
		{ CAUSE_LOGIN, 77, "login" },
		{ CAUSE_CONFIG, 78, "config" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(status_of_cause(rows[i].cause),
		    rows[i].status);
		assert_string_equal(cause_word(rows[i].cause), rows[i].word);
	}
}

static void
the_worst_state_of_an_outcome_wins(void **state)
{
	static const struct {
		struct outcome o;
		int status;
		const char *words;
	} rows[] = {
		{ { .done = 5 }, 0, "complete" },
		{ { .done = 5, .already = 2, .gone = 1 }, 0,
		    "complete, 1 message gone while running" },
		{ { .refused = 3 }, 3, "finished, 3 messages refused" },
		{ { .unlisted = 1 }, 3, "finished, 1 message never listed" },
		{ { .done = 4, .unproved = 2 }, 3,
		    "finished, 2 messages not proved" },
		{ { .folders_failed = 2 }, 3, "finished, 2 folders failed" },
		{ { .uncounted = true }, 3,
		    "finished, an unknown number lost" },
		{ { .uncounted = true, .refused = 2 }, 3,
		    "finished, 2 messages refused, an unknown number lost" },
		{ { .worst = CAUSE_REFUSED }, 3, "finished" },
		{ { .missing = 2 }, 1, "finished, 2 messages missing" },
		{ { .missing = 1, .refused = 1, .folders_failed = 1 }, 1,
		    "finished, 1 message missing, 1 message refused, "
		    "1 folder failed" },
		{ { .missing = 1, .worst = CAUSE_REFUSED }, 1,
		    "finished, 1 message missing" },
		{ { .differences = 4 }, 1,
		    "finished, 4 differences at the target" },
		{ { .differences = 4, .refused = 1 }, 3,
		    "finished, 1 message refused, "
		    "4 differences at the target" },
		{ { .missing = 1, .refused = 9, .worst = CAUSE_LOGIN }, 77,
		    "stopped: login refused, 1 message missing, "
		    "9 messages refused" },
		{ { .refused = 1, .worst = CAUSE_TEMPORARY }, 75,
		    "stopped: cut short, run it again, 1 message refused" },
	};
	char words[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(outcome_status(&rows[i].o), rows[i].status);
		outcome_words(&rows[i].o, words, sizeof(words));
		assert_string_equal(words, rows[i].words);
	}
}

static void
words_are_cut_to_their_room(void **state)
{
	const struct outcome o = { .refused = 3 };
	char words[12];

	(void)state;
	memset(words, 'x', sizeof(words));
	outcome_words(&o, words, 9);
	assert_string_equal(words, "finished");
	assert_int_equal(words[9], 'x');
}

static void
an_outcome_keeps_the_worse_of_two_faults(void **state)
{
	/* Worst first: status.h's order. */
	static const enum cause order[] = { CAUSE_BUG, CAUSE_DATA, CAUSE_IO,
		CAUSE_CANTCREATE, CAUSE_CONFIG, CAUSE_USAGE, CAUSE_LOGIN,
		CAUSE_UNREACHABLE, CAUSE_NOINPUT, CAUSE_TEMPORARY,
		CAUSE_REFUSED };
	enum { N = sizeof(order) / sizeof(order[0]) };
	struct fault f = FAULT_INIT;
	struct outcome o;
	size_t i, k;

	(void)state;
	for (i = 0; i < N; i++)
		for (k = 0; k < N; k++) {
			memset(&o, 0, sizeof(o));
			f.cause = order[i];
			outcome_fault(&o, &f);
			f.cause = order[k];
			outcome_fault(&o, &f);
			assert_int_equal(o.worst, order[i < k ? i : k]);
		}
}

static void
a_fault_without_a_cause_is_a_bug(void **state)
{
	const struct fault f = FAULT_INIT;
	struct outcome o = { 0 };

	(void)state;
	outcome_fault(&o, &f);
	assert_int_equal(outcome_status(&o), STATUS_BUG);
}

static void
several_runs_are_as_bad_as_the_worst_of_them(void **state)
{
	static const struct {
		struct outcome a, b;
		int status;
		const char *words;
	} rows[] = {
		{ { .done = 5 }, { .done = 2 }, 0, "complete" },
		{ { .missing = 2 }, { .missing = 1, .refused = 1 }, 1,
		    "finished, 3 messages missing, 1 message refused" },
		{ { .worst = CAUSE_LOGIN }, { .worst = CAUSE_TEMPORARY }, 77,
		    "stopped: login refused" },
		{ { .worst = CAUSE_TEMPORARY }, { .worst = CAUSE_LOGIN }, 77,
		    "stopped: login refused" },
		{ { .done = 1 }, { .uncounted = true }, 3,
		    "finished, an unknown number lost" },
		{ { .folders_failed = 1 }, { .differences = 1 }, 3,
		    "finished, 1 folder failed, 1 difference at the target" },
	};
	struct outcome all;
	char words[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		all = (struct outcome){ .done = 1 };
		outcome_merge(&all, &rows[i].a);
		outcome_merge(&all, &rows[i].b);
		assert_int_equal(all.done, 1 + rows[i].a.done + rows[i].b.done);
		assert_int_equal(outcome_status(&all), rows[i].status);
		outcome_words(&all, words, sizeof(words));
		assert_string_equal(words, rows[i].words);
	}
}

static void
a_status_and_a_word_tell_the_cause(void **state)
{
	(void)state;
	assert_int_equal(cause_of_status(0), CAUSE_NONE);
	assert_int_equal(cause_of_status(1), CAUSE_BUG);
	assert_int_equal(cause_of_status(3), CAUSE_REFUSED);
	assert_int_equal(cause_of_status(77), CAUSE_LOGIN);
	assert_int_equal(cause_of_status(2), CAUSE_BUG);
	assert_int_equal(cause_of_word("login"), CAUSE_LOGIN);
	assert_int_equal(cause_of_word("none"), CAUSE_NONE);
	assert_int_equal(cause_of_word("?"), CAUSE_BUG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_runs_are_as_bad_as_the_worst_of_them),
		cmocka_unit_test(a_status_and_a_word_tell_the_cause),
		cmocka_unit_test(every_cause_has_the_status_of_the_table),
		cmocka_unit_test(the_worst_state_of_an_outcome_wins),
		cmocka_unit_test(words_are_cut_to_their_room),
		cmocka_unit_test(an_outcome_keeps_the_worse_of_two_faults),
		cmocka_unit_test(a_fault_without_a_cause_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
