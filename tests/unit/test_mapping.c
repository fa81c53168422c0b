#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/mapping.h"

static void
check(const struct mapping *m, const char *name, const char *wanted)
{
	char *got = mapping_apply(m, name);

	assert_string_equal(got, wanted);
	free(got);
}

static void
without_rules_names_stay(void **state)
{
	struct mapping m = MAPPING_INIT;

	(void)state;
	check(&m, "INBOX", "INBOX");
	check(&m, "A/B", "A/B");
	mapping_release(&m);
}

static void
a_rule_moves_a_folder_and_all_below_it(void **state)
{
	struct mapping m = MAPPING_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(mapping_add(&m, "A=X/Y", &f), RC_OK);
	check(&m, "A", "X/Y");
	check(&m, "A/B", "X/Y/B");
	check(&m, "AB", "AB");
	check(&m, "C/A", "C/A");
	mapping_release(&m);
}

static void
the_longest_rule_decides_and_only_once(void **state)
{
	struct mapping m = MAPPING_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(mapping_add(&m, "A=B", &f), RC_OK);
	assert_int_equal(mapping_add(&m, "A/C=D", &f), RC_OK);
	assert_int_equal(mapping_add(&m, "B=E", &f), RC_OK);
	check(&m, "A/X", "B/X");
	check(&m, "A/C/X", "D/X");
	mapping_release(&m);
}

static void
a_name_outside_of_the_namespace_can_be_mapped(void **state)
{
	struct mapping m = MAPPING_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(mapping_add(&m, "/shared=S", &f), RC_OK);
	assert_int_equal(mapping_add(&m, "A=/S", &f), RC_STORE);
	check(&m, "/shared/a", "S/a");
	check(&m, "/other/a", "/other/a");
	assert_int_equal(mapping_set_into(&m, "x", &f), RC_OK);
	check(&m, "/shared/a", "x/S/a");
	check(&m, "/other/a", "x/other/a");
	mapping_release(&m);
}

static void
into_stands_before_every_name(void **state)
{
	struct mapping m = MAPPING_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(mapping_set_into(&m, "Old mail", &f), RC_OK);
	assert_int_equal(mapping_add(&m, "inbox=In", &f), RC_OK);
	check(&m, "INBOX", "Old mail/In");
	check(&m, "Sent", "Old mail/Sent");
	mapping_release(&m);
}

static void
a_doubled_equals_sign_is_a_character(void **state)
{
	struct mapping m = MAPPING_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(mapping_add(&m, "a==b=c==d", &f), RC_OK);
	check(&m, "a=b", "c=d");
	mapping_release(&m);
}

static void
bad_rules_are_usage_errors(void **state)
{
	static const char *const bad[] = { "", "A", "=", "A=", "=B", "A=B=C",
		"A=/B", "//A=B", "A/=B", "A=B//C" };
	struct mapping m = MAPPING_INIT;
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(mapping_add(&m, bad[i], &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_USAGE);
	}
	assert_int_equal(mapping_add(&m, "A=B", &f), RC_OK);
	assert_int_equal(mapping_add(&m, "A=C", &f), RC_STORE);
	assert_int_equal(mapping_set_into(&m, "x/", &f), RC_STORE);
	mapping_release(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rules_names_stay),
		cmocka_unit_test(a_rule_moves_a_folder_and_all_below_it),
		cmocka_unit_test(the_longest_rule_decides_and_only_once),
		cmocka_unit_test(a_name_outside_of_the_namespace_can_be_mapped),
		cmocka_unit_test(into_stands_before_every_name),
		cmocka_unit_test(a_doubled_equals_sign_is_a_character),
		cmocka_unit_test(bad_rules_are_usage_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
