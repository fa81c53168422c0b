#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/meter.h"

static void
a_meter_says_what_is_known_and_no_more(void **state)
{
	char sent[] = "Sent", evil[] = "a\033[2Jb\n";
	const struct {
		struct meter m;
		int64_t elapsed_ms;
		const char *text;
	} rows[] = {
		{ { 0, 0, 0, 0, NULL }, 0, "0 messages, 0 B" },
		{ { 12, 412, 0, 0, sent }, 500, "12 messages, 412 B, Sent" },
		{ { 10, 2000, 20, 4000, sent }, 2000,
		    "10/20 messages, 2.0 kB/4.0 kB, 1.0 kB/s, 0:02 left, "
		    "Sent" },
		{ { 1, 1000, 100, 0, NULL }, 10000,
		    "1/100 messages, 1.0 kB, 100 B/s, 16:30 left" },
		{ { 1, 1000, 0, 7201000, NULL }, 1000,
		    "1 messages, 1.0 kB/7.2 MB, 1.0 kB/s, 2:00:00 left" },
		{ { 1, 1, 0, 1000000000, NULL }, 1000,
		    "1 messages, 1 B/1.00 GB, 1 B/s" },
		{ { 0, 0, 0, 0, evil }, 0, "0 messages, 0 B, a\\x1b[2Jb\\x0a" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		meter_text(&rows[i].m, rows[i].elapsed_ms, &b);
		assert_string_equal(buf_str(&b), rows[i].text);
	}
	buf_release(&b);
}

static void
a_meter_that_is_past_its_goal_has_nothing_left(void **state)
{
	const struct meter m = { 30, 5000, 20, 4000, NULL };

	(void)state;
	assert_int_equal(meter_left(&m, 5000), 0);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_meter_says_what_is_known_and_no_more),
		cmocka_unit_test(
		    a_meter_that_is_past_its_goal_has_nothing_left),
		cmocka_unit_test(
		    a_line_is_cut_between_characters_at_the_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
