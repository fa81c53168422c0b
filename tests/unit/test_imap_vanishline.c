#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/vanishline.h"
#include "util/buf.h"

static void
what_vanished_is_told_range_by_range(void **state)
{
	static const struct {
		const char *line;
		bool earlier;
		const char *ranges; /* NULL: it is no such line */
	} cases[] = {
		{ "* VANISHED 7", false, "7-7 " },
		{ "* VANISHED 41,43:116", false, "41-41 43-116 " },
		{ "* VANISHED (EARLIER) 41,43:116,118", true,
		    "41-41 43-116 118-118 " },
		{ "* vanished (earlier) 9:3", true, "3-9 " },
		{ "* VANISHED (EARLIER) 4294967295", true,
		    "4294967295-4294967295 " },
		{ "* VANISHED (EARLIER)", true, "" },
		{ "* VANISHED (EARLIER) 3,0,5", true, "3-3 " },
		{ "* VANISHED 3,5:*", false, "3-3 " },
		{ "* VANISHED 3;4", false, "3-3 " },
		{ "* VANISHED 4294967296", false, "" },
		{ "* VANISHEDX 3", false, NULL },
		{ "* 3 EXPUNGE", false, NULL },
		{ "VANISHED 3", false, NULL },
		{ "", false, NULL },
	};
	struct vanishline v;
	struct buf b = BUF_INIT;
	uint32_t first, last;
	size_t i;
	bool is;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is = vanishline_begin(&v, cases[i].line, strlen(cases[i].line));
		assert_int_equal(is, cases[i].ranges != NULL);
		if (!is)
			continue;
		assert_int_equal(v.earlier, cases[i].earlier);
		buf_clear(&b);
		while (vanishline_next(&v, &first, &last))
			buf_addf(&b, "%lu-%lu ", (unsigned long)first,
			    (unsigned long)last);
		assert_string_equal(buf_str(&b), cases[i].ranges);
	}
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_vanished_is_told_range_by_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
