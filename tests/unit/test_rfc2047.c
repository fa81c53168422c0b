#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/rfc2047.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BAD "\xef\xbf\xbd"

struct text {
	const char *s;
	const char *want;
};

static void
check(const struct text *t, size_t n)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < n; i++) {
		buf_clear(&b);
		rfc2047_decode(&b, t[i].s, strlen(t[i].s), 300);
		assert_string_equal(buf_str(&b), t[i].want);
	}
	buf_release(&b);
}

static void
encoded_words_are_decoded(void **state)
{
	static const struct text t[] = {
		{ "", "" },
		{ "plain = ? text", "plain = ? text" },
		{ "=?utf-8?Q?J=C3=BCrg?= <a@b>", "J\xc3\xbcrg <a@b>" },
		{ "=?UTF-8?b?SsO8cmc=?=", "J\xc3\xbcrg" },
		{ "=?iso-8859-1?q?J=FCrg_x?=", "J\xc3\xbcrg x" },
		{ "=?iso-8859-15?Q?=A4?=", "\xe2\x82\xac" },
		{ "=?iso-8859-1?Q?=80?=", "\xe2\x82\xac" },
		{ "=?koi8-r?B?8NLJ18XU?=",
		    "\xd0\x9f\xd1\x80\xd0\xb8"
		    "\xd0\xb2\xd0\xb5\xd1\x82" },
		{ "=?iso-2022-jp?B?GyRCJDMbKEI=?=", "\xe3\x81\x93" },
		{ "=?us-ascii*en?Q?a?=", "a" },
		{ "=?utf-8?Q?"
		  "?=",
		    "" },
		{ "=?utf-8?Q?a b?=", "a b" },
	};

	(void)state;
	check(t, COUNT(t));
}

static void
neighbours_are_joined_and_the_blanks_between_them_go(void **state)
{
	static const struct text t[] = {
		{ "=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab" },
		{ "=?utf-8?Q?a?=\r\n\t=?iso-8859-1?B?Yg==?=", "ab" },
		{ "=?utf-8?Q?a?==?utf-8?Q?b?=", "ab" },
		{ "=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c" },
		{ "x =?utf-8?Q?a?= y", "x a y" },
		/* A character that is cut in two. */
		{ "=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "\xc3\xbc" },
		{ "=?utf-8?B?w7w=?= =?UTF-8?Q?=C3=BC?=", "\xc3\xbc\xc3\xbc" },
		{ "=?iso-2022-jp?B?GyRCJDM=?= =?iso-2022-jp?B?JHMbKEI=?=",
		    "\xe3\x81\x93\xe3\x82\x93" },
	};

	(void)state;
	check(t, COUNT(t));
}

static void
what_cannot_be_decoded_stays(void **state)
{
	static const struct text t[] = {
		{ "=?x-none?Q?a=20b?= c", "=?x-none?Q?a=20b?= c" },
		{ "=?x-none?Q?a?= =?x-none?Q?b?=",
		    "=?x-none?Q?a?= =?x-none?Q?b?=" },
		{ "=?utf-8?X?a?=", "=?utf-8?X?a?=" },
		{ "=?utf-8?Q?a", "=?utf-8?Q?a" },
		{ "=?utf-8?Q?a?", "=?utf-8?Q?a?" },
		{ "=?utf-8?Q", "=?utf-8?Q" },
		{ "=?utf-8?", "=?utf-8?" },
		{ "=?", "=?" },
		{ "=??Q?a?=", "=??Q?a?=" },
		{ "=?utf-8//TRANSLIT?Q?a?=", "=?utf-8//TRANSLIT?Q?a?=" },
		{ "=?=?utf-8?Q?a?=", "=?a" },
		{ "=?utf-8?Q?a=4?=", "a=4" },
		{ "=?utf-8?B?!YQ?=", "a" },
	};

	(void)state;
	check(t, COUNT(t));
}

static void
raw_bytes_are_utf8_or_else_latin1(void **state)
{
	static const struct text t[] = {
		{ "J\xc3\xbcrg", "J\xc3\xbcrg" },
		{ "J\xfcrg", "J\xc3\xbcrg" },
		{ "J\xc3\xbcrg \xfc", "J\xc3\x83\xc2\xbcrg \xc3\xbc" },
		{ "\xfc =?utf-8?Q?=C3=BC?=", "\xc3\xbc \xc3\xbc" },
	};

	(void)state;
	check(t, COUNT(t));
}

static void
nothing_that_comes_out_can_harm_a_terminal(void **state)
{
	static const struct text t[] = {
		{ "a\x1b[2Jb\x7f", "a" BAD "[2Jb" BAD },
		{ "a\tb\r\nc", "a b  c" },
		{ "=?utf-8?Q?a=1Bb=00c=0Ad?=", "a" BAD "b" BAD "c d" },
		{ "=?iso-8859-15?Q?=9Bx?=", BAD "x" },
		{ "\xc2\x9b", BAD },
		{ "\x9b", BAD },
		{ "=?utf-8?Q?=C3_=FF?=", BAD " " BAD },
		{ "=?iso-2022-jp?Q?=FF_a?=", BAD " a" },
		{ "=?euc-jp?Q?=A4?=", BAD },
	};

	(void)state;
	check(t, COUNT(t));
}

static void
long_text_is_cut_between_characters(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "x");
	rfc2047_decode(&b, "aaa=?utf-8?Q?=C3=BC=C3=BC?=", 27, 4);
	assert_string_equal(buf_str(&b), "xaaa");
	rfc2047_decode(&b, "bbb=?utf-8?Q?=C3=BC=C3=BC?=", 27, 5);
	assert_string_equal(buf_str(&b), "xaaabbb\xc3\xbc");
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encoded_words_are_decoded),
		cmocka_unit_test(
		    neighbours_are_joined_and_the_blanks_between_them_go),
		cmocka_unit_test(what_cannot_be_decoded_stays),
		cmocka_unit_test(raw_bytes_are_utf8_or_else_latin1),
		cmocka_unit_test(nothing_that_comes_out_can_harm_a_terminal),
		cmocka_unit_test(long_text_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
