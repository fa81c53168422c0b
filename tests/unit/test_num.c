#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/num.h"

static void
only_digits_make_a_number(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1",
		"1.", "18446744073709551616", "99999999999999999999", "1a" };
	uint64_t v = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(num_u64(bad[i], strlen(bad[i]), UINT64_MAX, &v));
		assert_int_equal(v, 7);
	}
	assert_true(num_u64("18446744073709551615", 20, UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	assert_true(num_u64("0012", 4, 12, &v));
	assert_int_equal(v, 12);
	assert_false(num_u64("13", 2, 12, &v));
	/* The length ends the number, not a NUL. */
	assert_true(num_u64("123", 2, UINT64_MAX, &v));
	assert_int_equal(v, 12);
	assert_false(num_u64("1\0", 2, UINT64_MAX, &v));
}

static void
an_imap_number_has_32_bits(void **state)
{
	uint32_t v = 7;

	(void)state;
	assert_true(num_u32("4294967295", 10, &v));
	assert_true(v == UINT32_MAX);
	v = 7;
	assert_false(num_u32("4294967296", 10, &v));
	assert_int_equal(v, 7);
}

static void
a_signed_number_reaches_both_ends(void **state)
{
	int64_t v = 7;

	(void)state;
	assert_true(num_i64("-9223372036854775808", 20, &v));
	assert_true(v == INT64_MIN);
	assert_true(num_i64("9223372036854775807", 19, &v));
	assert_true(v == INT64_MAX);
	assert_true(num_i64("-3600", 5, &v));
	assert_true(v == -3600);
	assert_true(num_i64("-0", 2, &v));
	assert_true(v == 0);
	v = 7;
	assert_false(num_i64("-9223372036854775809", 20, &v));
	assert_false(num_i64("9223372036854775808", 19, &v));
	assert_false(num_i64("-", 1, &v));
	assert_false(num_i64("--1", 3, &v));
	assert_int_equal(v, 7);
}

static void
sizes_have_binary_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
	} good[] = {
		{ "500", 500 },
		{ "0", 0 },
		{ "64k", 65536 },
		{ "64K", 65536 },
		{ "20M", 20971520 },
		{ "1G", 1073741824 },
		{ "2t", UINT64_C(2199023255552) },
		{ "16777215t", UINT64_C(16777215) << 40 },
	};
	static const char *const bad[] = { "", "k", "1kk", "1 k", "-1", "1.5M",
		"16777216t", "1x", "1KB" };
	uint64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(num_size(good[i].text, &v));
		assert_true(v == good[i].want);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(num_size(bad[i], &v));
}

static void
narrowing_keeps_what_fits(void **state)
{
	(void)state;
	assert_true(num_to_u32(UINT32_MAX) == UINT32_MAX);
	assert_true(num_to_int(INT_MAX) == INT_MAX);
}

static void
a_rate_is_so_many_a_second(void **state)
{
	static const struct {
		const char *text;
		double rate;
	} good[] = { { "4", 4 }, { "0.5", 0.5 }, { "30/min", 0.5 },
		{ "3600/h", 1 }, { "2/s", 2 }, { "0", 0 }, { "1.25", 1.25 },
		{ "999999.999", 999999.999 }, { "007", 7 } };
	static const char *const bad[] = { "", "-1", "+1", ".5", "4.", "1e3",
		"1000000", "0.1234", "4 ", " 4", "4/day", "4/", "4min", "0x4",
		"nan", "inf", "1,5", "1.5.2", "99999999999999999999" };
	double rate;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(num_rate(good[i].text, &rate));
		assert_true(rate == good[i].rate);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rate = 7;
		if (num_rate(bad[i], &rate) || rate != 7)
			fail_msg("'%s' is taken for a rate", bad[i]);
	}
}

static void
a_time_has_a_unit_or_is_seconds(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = { { "0", 0 }, { "90", 90000 }, { "90s", 90000 },
		{ "30m", 1800000 }, { "48h", INT64_C(172800000) },
		{ "2d", INT64_C(172800000) },
		{ "9223372036854775", INT64_C(9223372036854775000) } };
	static const char *const bad[] = { "", "h", "-1s", "1.5h", "1 h", "1hh",
		"1w", "9223372036854776", "9223372036854775m" };
	int64_t ms = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(num_duration(bad[i], &ms));
		assert_int_equal(ms, 7);
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(num_duration(good[i].text, &ms));
		assert_true(ms == good[i].ms);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_digits_make_a_number),
		cmocka_unit_test(an_imap_number_has_32_bits),
		cmocka_unit_test(a_signed_number_reaches_both_ends),
		cmocka_unit_test(sizes_have_binary_units),
		cmocka_unit_test(narrowing_keeps_what_fits),
		cmocka_unit_test(a_rate_is_so_many_a_second),
		cmocka_unit_test(a_time_has_a_unit_or_is_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
