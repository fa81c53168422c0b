#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/utf8.h"

static void
every_code_point_but_surrogates_is_written_and_read(void **state)
{
	struct buf b = BUF_INIT;
	uint32_t cp, again;

	(void)state;
	for (cp = 0; cp <= 0x10FFFF; cp++) {
		buf_clear(&b);
		utf8_encode(&b, cp);
		if (cp >= 0xD800 && cp <= 0xDFFF) {
			assert_int_equal(utf8_decode(b.data, b.len, &again), 0);
			continue;
		}
		assert_int_equal(utf8_decode(b.data, b.len, &again), b.len);
		assert_int_equal(again, cp);
		/* A cut one is none. */
		assert_int_equal(utf8_decode(b.data, b.len - 1, &again), 0);
	}
	buf_release(&b);
}

static void
what_is_not_utf8_is_refused(void **state)
{
	static const char *const t[] = { "\x80", "\xc0\x80", "\xc1\xbf",
		"\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "\xc3(", "\xe2\x82(" };
	uint32_t cp;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(utf8_decode(t[i], strlen(t[i]), &cp), 0);
}

static void
a_cut_goes_between_characters(void **state)
{
	static const char text[] = "a\xc3\xa4\xf0\x9f\x90\xaa";
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 3, 7, 7 };
	size_t max;

	(void)state;
	for (max = 0; max < sizeof(want) / sizeof(want[0]); max++)
		assert_int_equal(utf8_cut(text, strlen(text), max), want[max]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_code_point_but_surrogates_is_written_and_read),
		cmocka_unit_test(what_is_not_utf8_is_refused),
		cmocka_unit_test(a_cut_goes_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
