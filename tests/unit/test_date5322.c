#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/date.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct date {
	const char *s;
	int64_t epoch;
	int zone;
};

static void
check(const struct date *t, size_t n)
{
	struct mdate d;
	size_t i;

	for (i = 0; i < n; i++) {
		print_message("# %s\n", t[i].s);
		memset(&d, 0, sizeof(d));
		assert_true(date_parse_5322(t[i].s, strlen(t[i].s), &d));
		assert_true(d.known);
		assert_int_equal(d.epoch, t[i].epoch);
		assert_int_equal(d.zone, t[i].zone);
	}
}

static void
dates_of_the_standard_are_read(void **state)
{
	static const struct date t[] = {
		{ "Sat, 1 Feb 2020 10:11:12 +0100", 1580548272, 60 },
		{ "1 Feb 2020 10:11:12 +0100", 1580548272, 60 },
		{ "  Sat,  01  Feb\r\n 2020 10:11:12 +0100 ", 1580548272, 60 },
		{ "Sat, 1 Feb 2020 10:11 +0100", 1580548260, 60 },
		{ "Sat, 1 Feb 2020 10:11:12 +0100 (CET)", 1580548272, 60 },
		{ "Sat, 1 Feb 2020 02:11:12 -0700", 1580548272, -420 },
		{ "Sat, 1 Feb 2020 09:11:12 -0000", 1580548272, 0 },
	};

	(void)state;
	check(t, COUNT(t));
}

static void
obsolete_dates_are_read(void **state)
{
	static const struct date t[] = {
		{ "Sat, 1 Feb 20 10:11:12 +0100", 1580548272, 60 },
		{ "Mon, 1 Feb 99 10:11:12 GMT", 917863872, 0 },
		{ "1 Feb 103 10:11:12 GMT", 1044094272, 0 },
		{ "1 Feb 49 00:00:00 UT", 2495750400, 0 },
		{ "1 Feb 50 00:00:00 UT", -628473600, 0 },
		{ "1 Feb 2020 09:11:12 UT", 1580548272, 0 },
		{ "1 Feb 2020 09:11:12 Z", 1580548272, 0 },
		{ "1 Feb 2020 04:11:12 EST", 1580548272, -300 },
		{ "1 Feb 2020 05:11:12 edt", 1580548272, -240 },
		{ "1 Feb 2020 03:11:12 CST", 1580548272, -360 },
		{ "1 Feb 2020 04:11:12 CDT", 1580548272, -300 },
		{ "1 Feb 2020 02:11:12 MST", 1580548272, -420 },
		{ "1 Feb 2020 03:11:12 MDT", 1580548272, -360 },
		{ "1 Feb 2020 01:11:12 PST", 1580548272, -480 },
		{ "1 Feb 2020 02:11:12 PDT", 1580548272, -420 },
		{ "1 Feb 2020 09:11:12 A", 1580548272, 0 },
		{ "1 Feb 2020 09:11:12 Foo", 1580548272, 0 },
		{ "1 Feb 2020 09:11:12", 1580548272, 0 },
		{ "Sat (a (nested \\) one))(,), 1 (x) Feb (y) 2020 (z) "
		  "10:11:12 (+0500) +0100",
		    1580548272, 60 },
	};

	(void)state;
	check(t, COUNT(t));
}

static void
dates_of_real_mail_are_read(void **state)
{
	static const struct date t[] = {
		{ "Foo 1 Feb 2020 10:11:12 +0100", 1580548272, 60 },
		{ "mar., 1 Feb 2020 10:11:12 +0100", 1580548272, 60 },
		{ "Mar, 1 Feb 2020 10:11:12 +0100", 1580548272, 60 },
		{ "\xd1\x81\xd0\xb1, 1 Feb 2020 10:11:12 +0100", 1580548272,
		    60 },
		{ ", 1 Feb 2020 10:11:12 +0100", 1580548272, 60 },
		{ "Sat, 1 February 2020 10:11:12 +0100", 1580548272, 60 },
		{ "Sat, 1-Feb-2020 10:11:12 +0100", 1580548272, 60 },
		{ "Sat, 1 Feb 2020 9:11:12 GMT", 1580548272, 0 },
		{ "Sat, 1 Feb 2020 10:11:12 GMT+0100", 1580548272, 60 },
		{ "Sat, 1 Feb 2020 10:11:12 +01:00", 1580548272, 60 },
		{ "Sat, 1 Feb 2020 10:11:12 +01", 1580548272, 60 },
		{ "Sat, 1 Feb 2020 09:11:12 +9999", 1580548272, 0 },
		{ "Sat, 1 Feb 2020 09:11:12.345 +0000", 1580548272, 0 },
		{ "Sat Feb  1 09:11:12 2020", 1580548272, 0 },
		{ "Sat Feb  1 04:11:12 EST 2020", 1580548272, -300 },
		{ "Sat Feb  1 10:11:12 2020 +0100", 1580548272, 60 },
		{ "Sat Feb  1 10:11:12 +0100 2020", 1580548272, 60 },
		{ "Sat, 1 Feb 2020 10:11:12 +0100 and more", 1580548272, 60 },
	};

	(void)state;
	check(t, COUNT(t));
}

static void
what_is_no_date_is_refused(void **state)
{
	static const char *const t[] = {
		"",
		"Sat",
		"Sat, 1 Feb 2020",
		"Sat, 1 Feb 2020 10",
		"Sat, 0 Feb 2020 10:11:12 +0100",
		"Sat, 30 Feb 2020 10:11:12 +0100",
		"Sat, 111 Feb 2020 10:11:12 +0100",
		"Sat, 1 Fev 2020 10:11:12 +0100",
		"Sat, 1 Feb 2 10:11:12 +0100",
		"Sat, 1 Feb 20200 10:11:12 +0100",
		"Sat, 1 Feb 2020 24:11:12 +0100",
		"Sat, 1 Feb 2020 10:60:12 +0100",
		"Sat, 1 Feb 2020 10:11:61 +0100",
		"(Sat, 1 Feb 2020 10:11:12 +0100",
		"Feb 1 2020",
		"Feb Feb Feb",
	};
	struct mdate d;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		print_message("# %s\n", t[i]);
		assert_false(date_parse_5322(t[i], strlen(t[i]), &d));
	}
}

static void
the_date_of_a_header_is_date_or_else_the_topmost_received(void **state)
{
	static const struct {
		const char *header;
		int64_t epoch; /* 0: none */
	} t[] = {
		{ "Received: from a; Sat, 1 Feb 2020 10:11:13 +0100\r\n"
		  "DATE : Sat, 1 Feb 2020\r\n 10:11:12 +0100\r\n\r\n",
		    1580548272 },
		{ "Received: from a by b (c; d)\n"
		  "\tid x; Sat, 1 Feb 2020 10:11:12 +0100\n"
		  "Received: from a; Sat, 1 Feb 2020 10:11:13 +0100\n"
		  "Date: rubbish\n",
		    1580548272 },
		{ "Received: from a without any date\n"
		  "Received: from a; Sat, 1 Feb 2020 10:11:12 +0100\n",
		    1580548272 },
		{ "Subject: x\n\nDate: Sat, 1 Feb 2020 10:11:12 +0100\n", 0 },
		{ "", 0 },
	};
	struct mdate d;
	size_t i;
	bool known;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		known = date_from_header(t[i].header, strlen(t[i].header), &d);
		assert_int_equal(known, t[i].epoch != 0);
		if (known)
			assert_int_equal(d.epoch, t[i].epoch);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_of_the_standard_are_read),
		cmocka_unit_test(obsolete_dates_are_read),
		cmocka_unit_test(dates_of_real_mail_are_read),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(
		    the_date_of_a_header_is_date_or_else_the_topmost_received),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
