#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/meter.h"

/* A meter as it is after the octets and messages of one call. */
static struct meter
meter_at(uint64_t messages, uint64_t octets, uint64_t want, uint64_t listed)
{
	struct meter m = { .messages = messages,
		.octets = octets,
		.want_messages = want,
		.listed_octets = listed };

	m.listed_messages = listed > 0 ? want : 0;
	return m;
}

static void
a_meter_says_what_is_known_and_no_more(void **state)
{
	static const struct {
		uint64_t messages, octets, want, listed;
		int64_t elapsed_ms;
		const char *text;
	} rows[] = {
		{ 0, 0, 0, 0, 0, "0 messages, 0 B, a\\x1b[2Jb\\x0a" },
		{ 12, 412, 0, 0, 500, "12 messages, 412 B, a\\x1b[2Jb\\x0a" },
		{ 10, 2000, 20, 4000, 2000,
		    "10/20 messages, 2.0 kB/4.0 kB, 1.0 kB/s, 0:02 left, "
		    "a\\x1b[2Jb\\x0a" },
		{ 1, 1000, 100, 0, 10000,
		    "1/100 messages, 1.0 kB, 100 B/s, 16:30 left, "
		    "a\\x1b[2Jb\\x0a" },
		{ 1, 1000, 0, 7201000, 1000,
		    "1 messages, 1.0 kB/7.2 MB, 1.0 kB/s, 2:00:00 left, "
		    "a\\x1b[2Jb\\x0a" },
		{ 1, 1, 0, 1000000000, 1000,
		    "1 messages, 1 B/1.00 GB, 1 B/s, a\\x1b[2Jb\\x0a" },
	};
	char evil[] = "a\033[2Jb\n";
	struct buf b = BUF_INIT;
	struct meter m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		m = meter_at(rows[i].messages, rows[i].octets, rows[i].want,
		    rows[i].listed);
		m.folder = evil;
		meter_text(&m, rows[i].elapsed_ms, &b);
		assert_string_equal(buf_str(&b), rows[i].text);
	}
	buf_release(&b);
}

static void
a_meter_that_is_past_its_goal_has_nothing_left(void **state)
{
	const struct meter m = meter_at(30, 5000, 20, 4000);

	(void)state;
	assert_int_equal(meter_left(&m, 5000), 0);
}

static void
what_is_not_listed_yet_is_taken_to_be_alike(void **state)
{
	struct meter m = meter_at(10, 10000, 100, 0);
	struct buf b = BUF_INIT;

	(void)state;
	/* 20 of 100 are listed, with 20,000 octets: 100,000 in all */
	m.listed_messages = 20;
	m.listed_octets = 20000;
	assert_int_equal(meter_left(&m, 10000), 90000);
	meter_text(&m, 10000, &b);
	assert_string_equal(buf_str(&b),
	    "10/100 messages, 10.0 kB, 1.0 kB/s, 1:30 left");
	buf_release(&b);
}

static void
messages_count_as_well_as_octets(void **state)
{
	/* a tenth of the octets, half of the messages, in 10 s */
	const struct meter m = meter_at(50, 10000, 100, 100000);

	(void)state;
	assert_int_equal(meter_left(&m, 10000), (90000 + 10000) / 2);
}

/* One message of 1,000 octets a second for so long. */
static int64_t
run_for(struct meter *m, int64_t from_ms, int seconds, uint64_t octets)
{
	int i;

	for (i = 0; i < seconds; i++) {
		meter_add(m, from_ms, 1, octets);
		from_ms += 1000;
	}
	return from_ms;
}

static void
the_rate_is_that_of_the_last_minute(void **state)
{
	struct meter m = meter_at(0, 0, 0, 0);
	struct buf b = BUF_INIT;
	int64_t now;

	(void)state;
	now = run_for(&m, 0, 600, 10000);
	meter_text(&m, now, &b);
	assert_non_null(strstr(buf_str(&b), ", 10.0 kB/s"));
	buf_clear(&b);
	now = run_for(&m, now, 70, 1000);
	meter_text(&m, now, &b);
	assert_non_null(strstr(buf_str(&b), ", 1.0 kB/s"));
	/* Nothing came for a while: that is slow too. */
	buf_clear(&b);
	meter_text(&m, now + 60000, &b);
	assert_non_null(strstr(buf_str(&b), ", 508 B/s"));
	buf_release(&b);
}

static void
a_pause_is_shown_and_what_is_left_does_not_leap(void **state)
{
	struct meter m = meter_at(0, 0, 400, 400000);
	struct buf b = BUF_INIT;
	int64_t now, left, before, i;

	(void)state;
	now = run_for(&m, 0, 100, 1000);
	before = meter_left(&m, now);
	assert_int_equal(before, 300000);
	for (i = 0; i < 30; i++) {
		meter_pause(&m, now, 30000 - i * 1000);
		left = meter_left(&m, now);
		assert_true(left >= before && left - before <= 2000);
		before = left;
		now += 1000;
	}
	meter_text(&m, now, &b);
	/* 300 s of work, and the pauses that may come */
	assert_string_equal(buf_str(&b),
	    "100/400 messages, 100.0 kB/400.0 kB, waiting 1 s for the server, "
	    "5:57 left");
	meter_pause(&m, now, 0);
	left = meter_left(&m, now);
	assert_true(left - before <= 2000 && before - left <= 2000);
	/* The pause is not taken for slowness. */
	now = run_for(&m, now, 10, 1000);
	buf_clear(&b);
	meter_text(&m, now, &b);
	assert_string_equal(buf_str(&b),
	    "110/400 messages, 110.0 kB/400.0 kB, 1.0 kB/s, 5:42 left");
	buf_release(&b);
}

static void
a_pause_before_anything_came_is_shown(void **state)
{
	struct meter m = meter_at(0, 0, 0, 0);
	struct buf b = BUF_INIT;

	(void)state;
	meter_pause(&m, 0, 299609);
	meter_text(&m, 0, &b);
	assert_string_equal(buf_str(&b),
	    "0 messages, 0 B, waiting 300 s for the server");
	buf_release(&b);
}

static void
seconds_are_told_as_exactly_as_they_matter(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = { { 1, "0.1 s" }, { 200, "0.2 s" }, { 1000, "1 s" },
		{ 1250, "1.3 s" }, { 9950, "10 s" }, { 12345, "13 s" },
		{ 299609, "300 s" }, { 0, "0 s" } };
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		meter_seconds(&b, rows[i].ms);
		assert_string_equal(buf_str(&b), rows[i].text);
	}
	buf_release(&b);
}

static void
a_line_is_cut_between_characters_at_the_columns(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *cut;
		size_t used;
	} rows[] = {
		{ "abc", 5, "abc", 3 },
		{ "abcdef", 5, "abcde", 5 },
		{ "", 5, "", 0 },
		{ "abc", 0, "", 0 },
		/* two columns at most for two octets ... */
		{ "a\xc3\xa4\xc3\xb6", 2, "a\xc3\xa4", 2 },
		/* ... and a wide character is not cut in two */
		{ "\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5", 2 },
		{ "\xf0\x9f\x93\xa7x", 2, "\xf0\x9f\x93\xa7", 2 },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		buf_adds(&b, rows[i].text);
		assert_int_equal(meter_cut(&b, rows[i].columns), rows[i].used);
		assert_string_equal(buf_str(&b), rows[i].cut);
	}
	buf_release(&b);
}

static void
what_a_stream_still_holds_is_taken_to_be_alike(void **state)
{
	static const struct {
		uint64_t read, listed_then, listed, done;
		int64_t left;
		const char *text;
	} rows[] = {
		/* nothing is known before the second segment */
		{ 0, 0, 4000, 1000, -1, "9 messages, 1.0 kB, 100 B/s" },
		{ 250, 2000, 4000, 1000, 70000,
		    "9 messages, 1.0 kB, 100 B/s, 1:10 left" },
		{ 500, 4000, 6000, 1000, 70000,
		    "9 messages, 1.0 kB, 100 B/s, 1:10 left" },
		/* all was read: what was listed is all */
		{ 1000, 6000, 6000, 1000, 50000,
		    "9 messages, 1.0 kB/6.0 kB, 100 B/s, 0:50 left" },
		{ 1000, 1000, 1000, 1000, 0,
		    "9 messages, 1.0 kB/1.0 kB, 100 B/s, 0:00 left" },
	};
	struct buf b = BUF_INIT;
	struct meter m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		m = meter_at(9, rows[i].done, 0, rows[i].listed_then);
		meter_share(&m, rows[i].read, 1000);
		m.listed_octets = rows[i].listed;
		assert_int_equal(meter_left(&m, 10000), rows[i].left);
		buf_clear(&b);
		meter_text(&m, 10000, &b);
		assert_string_equal(buf_str(&b), rows[i].text);
	}
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_meter_says_what_is_known_and_no_more),
		cmocka_unit_test(
		    a_meter_that_is_past_its_goal_has_nothing_left),
		cmocka_unit_test(what_is_not_listed_yet_is_taken_to_be_alike),
		cmocka_unit_test(
		    what_a_stream_still_holds_is_taken_to_be_alike),
		cmocka_unit_test(messages_count_as_well_as_octets),
		cmocka_unit_test(the_rate_is_that_of_the_last_minute),
		cmocka_unit_test(
		    a_pause_is_shown_and_what_is_left_does_not_leap),
		cmocka_unit_test(a_pause_before_anything_came_is_shown),
		cmocka_unit_test(seconds_are_told_as_exactly_as_they_matter),
		cmocka_unit_test(
		    a_line_is_cut_between_characters_at_the_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
