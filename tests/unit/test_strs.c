#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "util/mem.h"
#include "util/strs.h"

static void
a_list_copies_or_takes_what_it_is_given(void **state)
{
	struct strs s = STRS_INIT;
	char text[] = "one";

	(void)state;
	strs_add(&s, text);
	text[0] = 'X';
	strs_addn(&s, "twofold", 3);
	strs_take(&s, xstrdup("three"));
	assert_int_equal(s.n, 3);
	assert_string_equal(s.v[0], "one");
	assert_string_equal(s.v[1], "two");
	assert_string_equal(s.v[2], "three");
	assert_true(strs_has(&s, "two"));
	assert_false(strs_has(&s, "twofold"));
	strs_release(&s);
	assert_int_equal(s.n, 0);
	assert_false(strs_has(&s, "two"));
}

static void
sorting_goes_by_octets(void **state)
{
	struct strs s = STRS_INIT;
	char *joined;

	(void)state;
	strs_sort(&s);
	strs_add(&s, "\xc3\xa4");
	strs_add(&s, "b");
	strs_add(&s, "B");
	strs_add(&s, "");
	strs_sort(&s);
	joined = strs_join(&s, ",");
	assert_string_equal(joined, ",B,b,\xc3\xa4");
	free(joined);
	strs_release(&s);
}

static void
an_empty_list_joins_to_an_empty_string(void **state)
{
	struct strs s = STRS_INIT;
	char *joined;

	(void)state;
	joined = strs_join(&s, ",");
	assert_string_equal(joined, "");
	free(joined);
}

static void
a_copy_replaces_what_was_there(void **state)
{
	struct strs a = STRS_INIT, b = STRS_INIT;

	(void)state;
	strs_add(&a, "new");
	strs_add(&b, "old");
	strs_add(&b, "older");
	strs_copy(&b, &a);
	strs_copy(&b, &b);
	strs_release(&a);
	assert_int_equal(b.n, 1);
	assert_string_equal(b.v[0], "new");
	strs_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_copies_or_takes_what_it_is_given),
		cmocka_unit_test(sorting_goes_by_octets),
		cmocka_unit_test(an_empty_list_joins_to_an_empty_string),
		cmocka_unit_test(a_copy_replaces_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
