#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/text.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static void
valid_utf8_is_told_from_the_rest(void **state)
{
	static const char *const good[] = { "", "a", "\xc3\xa4", "\xe2\x82\xac",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "\xc3", "\xc0\x80",
		"\xc1\xbf", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff", "a\xc3(", "\xe2\x82(" };
	size_t i;

	(void)state;
	for (i = 0; i < LEN(good); i++)
		assert_true(text_is_utf8(good[i], strlen(good[i])));
	for (i = 0; i < LEN(bad); i++)
		assert_false(text_is_utf8(bad[i], strlen(bad[i])));
	assert_true(text_is_utf8("a\0b", 3));
}

static const struct {
	const char *plain;
	size_t n;
	const char *percent;
} escapes[] = {
	{ "plain", 5, "plain" },
	{ "a\tb\nc\rd", 7, "a%09b%0Ac%0Dd" },
	{ "100%", 4, "100%25" },
	{ "\x7f\x1b", 2, "%7F%1B" },
	{ "\0", 1, "%00" },
	{ "\xc3\xa4", 2, "\xc3\xa4" },
	{ "\xc3(", 2, "%C3(" },
	{ "\xff\xfe", 2, "%FF%FE" },
	{ "", 0, "" },
};

static void
fields_are_escaped_and_come_back(void **state)
{
	struct buf b = BUF_INIT, back = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(escapes); i++) {
		buf_clear(&b);
		buf_clear(&back);
		text_percent(&b, escapes[i].plain, escapes[i].n);
		assert_string_equal(buf_str(&b), escapes[i].percent);
		assert_true(text_unpercent(&back, buf_str(&b), b.len));
		assert_int_equal(back.len, escapes[i].n);
		if (back.len > 0)
			assert_memory_equal(back.data, escapes[i].plain,
			    back.len);
	}
	buf_release(&b);
	buf_release(&back);
}

static void
a_bad_escape_leaves_the_buffer_alone(void **state)
{
	static const char *const bad[] = { "%", "a%4", "%zz", "%4g", "%%41",
		"ok%2" };
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	buf_adds(&b, "kept");
	for (i = 0; i < LEN(bad); i++) {
		assert_false(text_unpercent(&b, bad[i], strlen(bad[i])));
		assert_string_equal(buf_str(&b), "kept");
	}
	buf_clear(&b);
	assert_true(text_unpercent(&b, "%c3%A4", 6));
	assert_string_equal(buf_str(&b), "\xc3\xa4");
	buf_release(&b);
}

static void
nothing_reaches_a_terminal_that_could_steer_it(void **state)
{
	static const struct {
		const char *in;
		size_t max;
		const char *want;
	} table[] = {
		{ "hello", 99, "hello" },
		{ "\x1b[2J", 99, "\\x1b[2J" },
		{ "a\r\n\tb\x7f", 99, "a\\x0d\\x0a\\x09b\\x7f" },
		{ "\xc2\x9b"
		  "2J",
		    99, "\\xc2\\x9b2J" },
		{ "\xc2\xa0\xc3\xa4", 99, "\xc2\xa0\xc3\xa4" },
		{ "\xff", 99, "\\xff" },
		{ "hello", 5, "hello" },
		{ "hello", 4, "hell..." },
		{ "\xc3\xa4\xc3\xa4", 3, "\xc3\xa4..." },
		{ "\x01", 3, "..." },
		{ "", 0, "" },
		{ "a", 0, "..." },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(table); i++) {
		buf_clear(&b);
		text_visible(&b, table[i].in, strlen(table[i].in),
		    table[i].max);
		assert_string_equal(buf_str(&b), table[i].want);
	}
	buf_release(&b);
}

static void
json_strings_are_always_valid(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	text_json(&b, "a\"b\\c\n\r\t\b\f\x01\x7f\0\xc3\xa4\xff/", 17);
	assert_string_equal(buf_str(&b),
	    "\"a\\\"b\\\\c\\n\\r\\t\\b\\f"
	    "\\u0001\\u007f\\u0000\xc3\xa4\xef\xbf\xbd/\"");
	buf_clear(&b);
	text_json(&b, "", 0);
	assert_string_equal(buf_str(&b), "\"\"");
	buf_release(&b);
}

static void
hex_goes_both_ways_and_wants_its_length(void **state)
{
	unsigned char out[3];
	struct buf b = BUF_INIT;

	(void)state;
	text_hex(&b, (const unsigned char *)"\x00\x9f\xff", 3);
	assert_string_equal(buf_str(&b), "009fff");
	assert_true(text_unhex("009FfF", 6, out, 3));
	assert_memory_equal(out, "\x00\x9f\xff", 3);
	assert_false(text_unhex("009fff", 6, out, 2));
	assert_false(text_unhex("009ff", 5, out, 3));
	assert_false(text_unhex("009ffg", 6, out, 3));
	buf_release(&b);
}

static void
fields_are_cut_at_tabs(void **state)
{
	static const struct {
		const char *line;
		size_t want;
	} table[] = { { "", 1 }, { "a", 1 }, { "a\tb", 2 }, { "\t\t", 3 },
		{ "a\tb\tc", 3 }, { "a\tb\tc\td", 4 }, { "a\tb\tc\td\te", 4 } };
	char line[32], *field[3];
	size_t i;

	(void)state;
	for (i = 0; i < LEN(table); i++) {
		memcpy(line, table[i].line, strlen(table[i].line) + 1);
		assert_int_equal(text_fields(line, field, 3), table[i].want);
	}
	memcpy(line, "x\t\tz", 5);
	assert_int_equal(text_fields(line, field, 3), 3);
	assert_string_equal(field[0], "x");
	assert_string_equal(field[1], "");
	assert_string_equal(field[2], "z");
}

static void
octets_are_told_in_the_unit_that_fits(void **state)
{
	static const struct {
		unsigned long long n;
		const char *want;
	} table[] = {
		{ 0, "0 B" },
		{ 412, "412 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 kB" },
		{ 8123, "8.1 kB" },
		{ 8150, "8.2 kB" },
		{ 999949, "999.9 kB" },
		{ 999950, "1.0 MB" },
		{ 105000000, "105.0 MB" },
		{ 999949999, "999.9 MB" },
		{ 999950000, "1.00 GB" },
		{ 1250000000, "1.25 GB" },
		{ 999994999999, "999.99 GB" },
		{ 1000000000000, "1.00 TB" },
		{ 18446744073709551615ULL, "18.45 EB" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(table); i++) {
		buf_clear(&b);
		text_bytes(&b, table[i].n);
		assert_string_equal(buf_str(&b), table[i].want);
	}
	buf_release(&b);
}

static void
one_is_told_in_the_singular(void **state)
{
	static const struct {
		unsigned long long n;
		const char *want;
	} t[] = { { 0, "0 messages" }, { 1, "1 message" }, { 2, "2 messages" },
		{ 18446744073709551615ULL, "18446744073709551615 messages" } };
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_clear(&b);
		text_count(&b, t[i].n, "message");
		assert_string_equal(buf_str(&b), t[i].want);
	}
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_told_in_the_singular),
		cmocka_unit_test(valid_utf8_is_told_from_the_rest),
		cmocka_unit_test(fields_are_escaped_and_come_back),
		cmocka_unit_test(a_bad_escape_leaves_the_buffer_alone),
		cmocka_unit_test(
		    nothing_reaches_a_terminal_that_could_steer_it),
		cmocka_unit_test(json_strings_are_always_valid),
		cmocka_unit_test(hex_goes_both_ways_and_wants_its_length),
		cmocka_unit_test(fields_are_cut_at_tabs),
		cmocka_unit_test(octets_are_told_in_the_unit_that_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
