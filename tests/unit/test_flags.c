#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mail/flags.h"

static void
system_flags_are_known_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(flag_parse("\\Seen", 5), FLAG_SEEN);
	assert_int_equal(flag_parse("\\ANSWERED", 9), FLAG_ANSWERED);
	assert_int_equal(flag_parse("\\flagged", 8), FLAG_FLAGGED);
	assert_int_equal(flag_parse("\\Deleted", 8), FLAG_DELETED);
	assert_int_equal(flag_parse("\\Draft", 6), FLAG_DRAFT);
	assert_int_equal(flag_parse("\\Recent", 7), 0);
	assert_int_equal(flag_parse("Seen", 4), 0);
	assert_int_equal(flag_parse("\\Seen", 4), 0);
	assert_int_equal(flag_parse("\\Seen2", 6), 0);
	assert_int_equal(flag_parse("", 0), 0);
}

static void
every_set_of_flags_survives_both_notations(void **state)
{
	struct buf b = BUF_INIT;
	unsigned flags, again;
	struct strs words;
	size_t i;

	(void)state;
	for (flags = 0; flags <= FLAG_ALL; flags++) {
		buf_clear(&b);
		flags_to_letters(&b, flags);
		assert_int_equal(flags_from_letters(buf_str(&b), b.len), flags);
		buf_clear(&b);
		flags_format(&b, flags);
		keywords_split(buf_str(&b), &words);
		for (again = 0, i = 0; i < words.n; i++)
			again |= flag_parse(words.v[i], strlen(words.v[i]));
		strs_release(&words);
		assert_int_equal(again, flags);
	}
	buf_release(&b);
}

static void
letters_are_sorted_and_others_are_ignored(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	flags_to_letters(&b, FLAG_ALL);
	assert_string_equal(buf_str(&b), "DFRST");
	assert_int_equal(flags_from_letters("PSTab", 5),
	    FLAG_SEEN | FLAG_DELETED);
	buf_clear(&b);
	flags_format(&b, FLAG_SEEN | FLAG_FLAGGED);
	assert_string_equal(buf_str(&b), "\\Seen \\Flagged");
	buf_release(&b);
}

static void
equal_strings_are_one_atom(void **state)
{
	struct atoms *a = atoms_new();
	const char *first[2000];
	char text[16];
	int i, n, round;

	(void)state;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 2000; i++) {
			n = snprintf(text, sizeof(text), "k%d.", i);
			assert_in_range(n, 1, 10);
			if (round == 0)
				first[i] = atoms_get(a, text, (size_t)n - 1);
			else
				assert_ptr_equal(first[i],
				    atoms_get(a, text, (size_t)n - 1));
			text[n - 1] = '\0';
			assert_string_equal(first[i], text);
		}
	}
	assert_string_equal(atoms_get(a, "", 0), "");
	assert_string_equal(atoms_get(a, "a\0b", 3), "a");
	atoms_free(a);
	atoms_free(NULL);
}

static void
keywords_are_sorted_and_unique(void **state)
{
	static const char *const given[] = { "b", "$Junk", "a", "", "B", "a" };
	struct atoms *a = atoms_new();
	struct strs list = STRS_INIT, split;
	const char *r;
	size_t i;

	(void)state;
	assert_string_equal(keywords_canonical(a, &list), "");
	for (i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		strs_add(&list, given[i]);
	r = keywords_canonical(a, &list);
	assert_string_equal(r, "$Junk B a b");
	keywords_split(r, &split);
	assert_int_equal(split.n, 4);
	assert_string_equal(split.v[0], "$Junk");
	assert_string_equal(split.v[3], "b");
	assert_ptr_equal(keywords_canonical(a, &split), r);
	strs_release(&split);
	keywords_split("", &split);
	assert_int_equal(split.n, 0);
	strs_release(&split);
	strs_release(&list);
	atoms_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_flags_are_known_in_any_case),
		cmocka_unit_test(every_set_of_flags_survives_both_notations),
		cmocka_unit_test(letters_are_sorted_and_others_are_ignored),
		cmocka_unit_test(equal_strings_are_one_atom),
		cmocka_unit_test(keywords_are_sorted_and_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
