#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/fingerprint.h"
#include "util/buf.h"

static void
a_headline_is_the_first_of_each_field_decoded(void **state)
{
	static const char header[] =
	    "From a@b Mon Feb  1 10:11:12 2020\n"
	    "Subject: =?utf-8?Q?caf=C3=A9?=\r\n =?utf-8?Q?_now?= \r\n"
	    "subject: second\r\n"
	    "FROM: =?iso-8859-1?Q?J=FCrg?= <a@b>\r\n"
	    "Message-Id:\r\n <x@y>\r\n"
	    "Date: Sat, 1 Feb 2020 10:11:12 +0100\r\n"
	    "\r\n"
	    "Date: not this";
	struct headline h;

	(void)state;
	headline_of(header, strlen(header), &h);
	assert_string_equal(h.from, "J\xc3\xbcrg <a@b>");
	assert_string_equal(h.subject, "caf\xc3\xa9 now");
	assert_string_equal(h.message_id, "<x@y>");
	assert_string_equal(h.date, "Sat, 1 Feb 2020 10:11:12 +0100");
	headline_release(&h);
	assert_null(h.from);
}

static void
what_is_absent_is_empty(void **state)
{
	struct headline h;

	(void)state;
	headline_of("", 0, &h);
	assert_string_equal(h.from, "");
	assert_string_equal(h.subject, "");
	assert_string_equal(h.message_id, "");
	assert_string_equal(h.date, "");
	headline_release(&h);
}

static void
a_long_field_is_cut(void **state)
{
	struct buf b = BUF_INIT;
	struct headline h;
	int i;

	(void)state;
	buf_adds(&b, "Subject: a");
	for (i = 0; i < 100000; i++)
		buf_adds(&b, "\xc3\xbc");
	headline_of(b.data, b.len, &h);
	assert_int_equal(strlen(h.subject), 299);
	assert_memory_equal(h.subject, "a\xc3\xbc", 3);
	headline_release(&h);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_headline_is_the_first_of_each_field_decoded),
		cmocka_unit_test(what_is_absent_is_empty),
		cmocka_unit_test(a_long_field_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
