#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "mail/civil.h"
#include "mail/date.h"
#include "util/buf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
internaldates_are_read(void **state)
{
	static const struct {
		const char *s;
		int64_t epoch;
		int zone;
	} t[] = {
		{ " 1-Feb-2020 10:11:12 +0100", 1580548272, 60 },
		{ "01-Feb-2020 10:11:12 +0100", 1580548272, 60 },
		{ "1-Feb-2020 10:11:12 +0100", 1580548272, 60 },
		{ "01-feb-2020 10:11:12 +0100", 1580548272, 60 },
		{ "17-Jul-1996 02:44:25 -0700", 837596665, -420 },
		{ "17-Jul-1996 09:44:25 +0000", 837596665, 0 },
		{ "17-Jul-1996 09:44:25 -0000", 837596665, 0 },
		{ " 1-Jan-1970 00:00:00 +0000", 0, 0 },
		{ "31-Dec-1969 23:59:59 +0000", -1, 0 },
		{ "29-Feb-2000 00:00:00 +0000", 951782400, 0 },
		{ "30-Jun-2015 23:59:60 +0000", 1435708800, 0 },
		{ " 1-Jan-0000 00:00:00 +0000", CIVIL_FIRST, 0 },
		{ "31-Dec-9999 23:59:59 +0000", CIVIL_LAST, 0 },
		{ "31-Dec-9999 23:59:60 +0000", CIVIL_LAST, 0 },
		{ " 1-Jan-2020 00:00:00 +0545", 1577816100, 345 },
		{ " 1-Jan-2020 00:00:00 -2359", 1577923140, -1439 },
	};
	struct mdate d;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		print_message("# %s\n", t[i].s);
		memset(&d, 0, sizeof(d));
		assert_true(date_parse_internal(t[i].s, strlen(t[i].s), &d));
		assert_true(d.known);
		assert_int_equal(d.epoch, t[i].epoch);
		assert_int_equal(d.zone, t[i].zone);
	}
}

static void
what_is_no_internaldate_is_refused(void **state)
{
	static const char *const t[] = {
		"",
		"00-Jan-0000 00:00:00 +0000",
		" 0-Jan-2020 00:00:00 +0000",
		"32-Jan-2020 00:00:00 +0000",
		"30-Feb-2020 00:00:00 +0000",
		"29-Feb-1900 00:00:00 +0000",
		"01-Foo-2020 00:00:00 +0000",
		"01-Feb-2020 24:00:00 +0000",
		"01-Feb-2020 00:60:00 +0000",
		"01-Feb-2020 00:00:61 +0000",
		"01-Feb-2020 00:00:00 +2400",
		"01-Feb-2020 00:00:00 +0060",
		"01-Feb-2020 00:00:00 0000",
		"01-Feb-2020 00:00:00 +000",
		"01-Feb-2020 00:00:00 +00000",
		"01-Feb-2020 00:00:00",
		"01-Feb-2020 0:00:00 +0000",
		"01-Feb-20 00:00:00 +0000",
		"01-Feb-02020 00:00:00 +0000",
		"  1-Feb-2020 00:00:00 +000 ",
		"  1-Feb-2020 00:00:00 +0000",
		"01-Feb-2020  00:00:00 +0000",
		"01 Feb 2020 00:00:00 +0000",
		"\"01-Feb-2020 00:00:00 +0000\"",
		"+1-Feb-2020 00:00:00 +0000",
	};
	struct mdate d;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		print_message("# %s\n", t[i]);
		assert_false(date_parse_internal(t[i], strlen(t[i]), &d));
	}
}

static void
an_internaldate_is_written_in_its_own_zone(void **state)
{
	static const struct {
		struct mdate d;
		const char *s;
	} t[] = {
		{ { 1580548272, 60, true }, "\" 1-Feb-2020 10:11:12 +0100\"" },
		{ { 837596665, -420, true }, "\"17-Jul-1996 02:44:25 -0700\"" },
		{ { -1, 0, true }, "\"31-Dec-1969 23:59:59 +0000\"" },
		{ { 1577816100, 345, true }, "\" 1-Jan-2020 00:00:00 +0545\"" },
		{ { 1577923140, -1439, true },
		    "\" 1-Jan-2020 00:00:00 -2359\"" },
		/* Zones and years that cannot be told. */
		{ { 0, 1440, true }, "\" 1-Jan-1970 00:00:00 +0000\"" },
		{ { CIVIL_LAST, 1, true }, "\"31-Dec-9999 23:59:59 +0000\"" },
		{ { CIVIL_FIRST, -1, true }, "\" 1-Jan-0000 00:00:00 +0000\"" },
		{ { INT64_MAX, 0, true }, "\"31-Dec-9999 23:59:59 +0000\"" },
		{ { INT64_MIN, -5, true }, "\" 1-Jan-0000 00:00:00 +0000\"" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		buf_clear(&b);
		date_format_internal(&b, &t[i].d);
		assert_string_equal(buf_str(&b), t[i].s);
	}
	buf_release(&b);
}

static void
every_day_of_ten_thousand_years_comes_after_the_last(void **state)
{
	struct civil c = { 0, 1, 1, 12, 0, 0 }, again;
	int64_t epoch = CIVIL_FIRST + 43200;
	long days = 0;

	(void)state;
	while (c.year <= 9999) {
		if (!civil_is_valid(&c)) {
			c.day = 1;
			c.month++;
			if (c.month > 12) {
				c.month = 1;
				c.year++;
			}
			continue;
		}
		assert_int_equal(civil_to_epoch(&c), epoch);
		civil_from_epoch(epoch, &again);
		assert_memory_equal(&again, &c, sizeof(c));
		epoch += 86400;
		c.day++;
		days++;
	}
	assert_int_equal(days, 3652425);
}

static void
utc_dates_are_written_and_read(void **state)
{
	static const char *const bad[] = { "", "2026-11-23",
		"2026-11-23T21:45:00", "2026-11-23 21:45:00Z",
		"2026-11-23T21:45:00Zx", "2026-13-23T21:45:00Z",
		"2026-11-31T21:45:00Z", "2026-11-23T25:45:00Z" };
	struct buf b = BUF_INIT;
	int64_t epoch = 0;
	size_t i;

	(void)state;
	date_format_utc(&b, 1795470300);
	assert_string_equal(buf_str(&b), "2026-11-23T21:45:00Z");
	assert_true(date_parse_utc(buf_str(&b), b.len, &epoch));
	assert_int_equal(epoch, 1795470300);
	for (i = 0; i < COUNT(bad); i++)
		assert_false(date_parse_utc(bad[i], strlen(bad[i]), &epoch));
	buf_release(&b);
}

static int
in_berlin(void **state)
{
	(void)state;
	/* As a rule, so that no zone files are needed. */
	if (setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1) != 0)
		return -1;
	tzset();
	return 0;
}

static int
anywhere(void **state)
{
	(void)state;
	if (unsetenv("TZ") != 0)
		return -1;
	tzset();
	return 0;
}

static void
arguments_are_local_time_unless_they_say_z(void **state)
{
	static const struct {
		const char *s;
		int64_t epoch;
	} t[] = {
		{ "2026-11-23", 1795388400 },
		{ "2026-11-23Z", 1795392000 },
		{ "2026-11-23T21:45", 1795466700 },
		{ "2026-11-23T21:45:00Z", 1795470300 },
		{ "2026-11-23T21:45Z", 1795470300 },
		{ "2026-07-01", 1782856800 },
		{ "1970-01-01T01:00:00", 0 },
		{ "1970-01-01T00:59:59", -1 },
	};
	int64_t epoch;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		print_message("# %s\n", t[i].s);
		assert_true(date_parse_argument(t[i].s, &epoch));
		assert_int_equal(epoch, t[i].epoch);
	}
}

static void
what_is_no_argument_is_refused(void **state)
{
	static const char *const t[] = { "", "yesterday", "2026", "2026-11",
		"2026-11-31", "2026-11-23T", "2026-11-23T21",
		"2026-11-23T24:00", "2026-11-23T21:45:", "2026-11-23T21:45z",
		"2026-11-23 21:45", " 2026-11-23", "2026-11-23 ", "26-11-23",
		"2026-1-3", "-2026-11-23" };
	int64_t epoch;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_false(date_parse_argument(t[i], &epoch));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(internaldates_are_read),
		cmocka_unit_test(what_is_no_internaldate_is_refused),
		cmocka_unit_test(an_internaldate_is_written_in_its_own_zone),
		cmocka_unit_test(
		    every_day_of_ten_thousand_years_comes_after_the_last),
		cmocka_unit_test(utc_dates_are_written_and_read),
		cmocka_unit_test_setup_teardown(
		    arguments_are_local_time_unless_they_say_z, in_berlin,
		    anywhere),
		cmocka_unit_test(what_is_no_argument_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
