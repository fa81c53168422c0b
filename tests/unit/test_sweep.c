#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/sweep_kit.h"

/* A folder is looked into again and again while it changes and fails: each
 * UID that is listed ends in one fate. */

static void
only_what_is_new_is_read(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[1] = "a\r\n";
	s.mail[3] = "b\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.reads, 2);
	/* nothing has changed: it is not even selected */
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.scans, 1);
	s.mail[4] = "c\r\n";
	s.mail[1] = NULL;
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.first, 4);
	assert_int_equal(s.reads, 3);
	source_finish(&s, 3, 0, 0);
}

static void
a_line_that_is_lost_costs_nothing_twice(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[1] = "a\r\n";
	s.mail[2] = "b\r\n";
	s.mail[3] = "c\r\n";
	s.lost_at = 2;
	assert_int_equal(source_look(&s), RC_STORE);
	assert_int_equal(s.all.first->opens, 2);
	s.lost_at = 0;
	/* one of those that were open goes meanwhile */
	s.mail[3] = NULL;
	s.mail[4] = "d\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.first, 2);
	assert_int_equal(s.reads, 3);
	source_finish(&s, 3, 1, 0);
}

static void
what_is_open_in_the_end_is_refused(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[1] = "a\r\n";
	s.mail[2] = "b\r\n";
	s.lost_at = 2;
	assert_int_equal(source_look(&s), RC_STORE);
	source_finish(&s, 1, 0, 1);
}

static void
a_folder_in_trouble_is_read_another_time(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[1] = "a\r\n";
	s.mail[2] = "b\r\n";
	s.trouble = 2;
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.b.outcome.refused, 0);
	s.trouble = 0;
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.reads, 2);
	source_finish(&s, 2, 0, 0);
}

static void
what_is_refused_is_not_asked_for_again(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[1] = "a\r\n";
	s.mail[2] = "b\r\n";
	s.refused = 1;
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.b.outcome.refused, 1);
	s.mail[3] = "c\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.first, 3);
	source_finish(&s, 2, 0, 1);
}

static void
another_uidvalidity_stores_only_what_is_new(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[1] = "a\r\n";
	s.mail[2] = "b\r\n";
	s.mail[3] = "b\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	s.uidvalidity = 8;
	s.mail[1] = "b\r\n";
	s.mail[2] = "b\r\n";
	s.mail[3] = "b\r\n"; /* one more of these */
	s.mail[4] = "a\r\n";
	s.mail[5] = "c\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.first, 1);
	assert_int_equal(s.b.outcome.done, 5);
	/* and once more, back to a number that was */
	s.uidvalidity = 7;
	s.mail[6] = "d\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.all.first->copy.claim.stored, 1);
	source_finish(&s, 6, 0, 0);
}

static void
mail_that_comes_below_the_others_is_found(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[2] = "b\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	s.mail[1] = "a\r\n";
	s.mail[3] = "c\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.b.outcome.done, 2);
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.first, 1);
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.scans, 3);
	source_finish(&s, 3, 0, 0);
}

/* Moved away and back: it has another UID, and is the same message. */
static void
what_comes_back_is_not_stored_again(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[1] = "a\r\n";
	s.mail[2] = "b\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	s.mail[1] = NULL;
	s.mail[3] = "a\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_true(s.sweep.unclear);
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.first, 1);
	assert_int_equal(s.b.outcome.done, 2);
	/* and again; what is a copy of it is another message */
	s.mail[3] = NULL;
	s.mail[4] = "a\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.b.outcome.done, 2);
	s.mail[5] = "a\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.first, 5);
	assert_int_equal(s.b.outcome.done, 3);
	source_finish(&s, 3, 0, 0);
}

/* What is new is stored at once, whatever went. */
static void
what_goes_delays_nothing(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[1] = "a\r\n";
	s.mail[2] = "b\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	s.mail[1] = NULL;
	s.mail[3] = "c\r\n";
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.b.outcome.done, 3);
	assert_int_equal(s.scans, 2);
	assert_false(s.sweep.unclear);
	source_finish(&s, 3, 0, 0);
}

static void
a_folder_that_opens_late_is_whole(void **state)
{
	struct source s;

	(void)state;
	source_start(&s);
	s.mail[1] = "a\r\n";
	s.closed = true;
	assert_int_equal(source_look(&s), RC_OK);
	assert_true(s.sweep.stuck);
	s.closed = false;
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(s.b.outcome.folders_failed, 0);
	source_finish(&s, 1, 0, 0);
}

static void
a_folder_that_never_opens_is_no_empty_one(void **state)
{
	struct source s;
	struct archive_totals t;

	(void)state;
	source_start(&s);
	s.closed = true;
	assert_int_equal(source_look(&s), RC_OK);
	assert_int_equal(source_look(&s), RC_OK);
	followed_finish(&s.b, s.all.first, "");
	archive_writer_totals(s.b.archive, &t);
	assert_int_equal(t.refused, 1);
	assert_int_equal(s.b.outcome.folders_failed, 1);
	free(s.all.first->why);
	s.all.first->why = NULL;
	source_finish(&s, 0, 0, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_new_is_read),
		cmocka_unit_test(a_line_that_is_lost_costs_nothing_twice),
		cmocka_unit_test(what_is_open_in_the_end_is_refused),
		cmocka_unit_test(a_folder_in_trouble_is_read_another_time),
		cmocka_unit_test(what_is_refused_is_not_asked_for_again),
		cmocka_unit_test(another_uidvalidity_stores_only_what_is_new),
		cmocka_unit_test(mail_that_comes_below_the_others_is_found),
		cmocka_unit_test(what_comes_back_is_not_stored_again),
		cmocka_unit_test(what_goes_delays_nothing),
		cmocka_unit_test(a_folder_that_opens_late_is_whole),
		cmocka_unit_test(a_folder_that_never_opens_is_no_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
