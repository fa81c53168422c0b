#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/glob.h"

static void
globs_match_like_a_shell_but_star_crosses_slash(void **state)
{
	static const struct {
		const char *glob;
		const char *name;
		bool match;
	} t[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "a/b", true },
		{ "**", "a/b", true },
		{ "a*", "a", true },
		{ "a*", "a/b", true },
		{ "*b", "a/b", true },
		{ "a*c*e", "abcde", true },
		{ "a*c*e", "abcdef", false },
		{ "*ab", "aab", true },
		{ "*aab*", "aaab", true },
		{ "a?c", "abc", true },
		{ "a?c", "ac", false },
		{ "a?c", "a/c", true },
		{ "?", "", false },
		{ "?", "\xc3\xa4", true },
		{ "??", "\xc3\xa4", false },
		{ "?", "\xf0\x9f\x90\xaa", true },
		{ "?", "\xff", true },
		{ "*\xa4", "\xc3\xa4", false },
		{ "[abc]", "b", true },
		{ "[a-c]", "b", true },
		{ "[a-c]", "d", false },
		{ "[!a-c]", "d", true },
		{ "[^a-c]", "b", false },
		{ "[]]", "]", true },
		{ "[!]]", "a", true },
		{ "[a-]", "-", true },
		{ "[\\]]", "]", true },
		{ "[\xc3\xa4-\xc3\xb6]", "\xc3\xa5", true },
		{ "[\xc3\xa4-\xc3\xb6]", "a", false },
		{ "[", "[", true },
		{ "[a", "[a", true },
		{ "[a", "a", false },
		{ "[]", "[]", true },
		{ "\\*", "*", true },
		{ "\\*", "a", false },
		{ "\\[Gmail]/*", "[Gmail]/All Mail", true },
		{ "[Gmail]/All Mail", "[Gmail]/All Mail", true },
		{ "\\", "\\", true },
		{ "a", "A", false },
		{ "inbox", "INBOX", true },
		{ "InBox/*", "INBOX/a", true },
		{ "inbox/a", "INBOX/A", false },
		{ "i*x", "INBOX", true },
		{ "[a-z]nbox", "INBOX", true },
		{ "[!a-z]nbox", "INBOX", false },
		{ "inboxes", "INBOXes", false },
		{ "a/inbox", "a/INBOX", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		print_message("# %s on %s\n", t[i].glob, t[i].name);
		assert_int_equal(glob_match(t[i].glob, t[i].name), t[i].match);
	}
}

static void
many_stars_take_no_more_than_a_moment(void **state)
{
	char glob[2001], name[10001];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(glob) - 2; i += 2)
		memcpy(glob + i, "*a", 2);
	memcpy(glob + sizeof(glob) - 3, "*b", 3);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(glob_match(glob, name));
}

static void
an_empty_selection_is_everything(void **state)
{
	struct selection s;
	struct mdate d = { INT64_MAX, 0, true };

	(void)state;
	selection_init(&s);
	assert_true(selection_is_everything(&s));
	assert_true(selection_has_folder(&s, "a"));
	assert_true(selection_has_date(&s, &d));
	s.since = 0;
	assert_false(selection_is_everything(&s));
	selection_release(&s);
	assert_true(selection_is_everything(&s));
}

static void
folders_are_chosen_and_then_excluded(void **state)
{
	struct selection s;

	(void)state;
	selection_init(&s);
	strs_add(&s.exclude, "*/Trash");
	assert_true(selection_has_folder(&s, "Trash"));
	assert_false(selection_has_folder(&s, "a/Trash"));
	strs_add(&s.folder, "a");
	strs_add(&s.folder, "a/*");
	assert_true(selection_has_folder(&s, "a"));
	assert_true(selection_has_folder(&s, "a/b"));
	assert_false(selection_has_folder(&s, "a/Trash"));
	assert_false(selection_has_folder(&s, "b"));
	selection_release(&s);
}

static void
dates_are_in_from_since_up_to_before(void **state)
{
	static const struct {
		struct mdate d;
		bool in;
	} t[] = {
		{ { 9, 0, true }, false },
		{ { 10, 0, true }, true },
		{ { 19, 0, true }, true },
		{ { 20, 0, true }, false },
		{ { 0, 0, false }, true },
	};
	struct selection s;
	size_t i;

	(void)state;
	selection_init(&s);
	s.since = 10;
	s.before = 20;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(selection_has_date(&s, &t[i].d), t[i].in);
	selection_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    globs_match_like_a_shell_but_star_crosses_slash),
		cmocka_unit_test(many_stars_take_no_more_than_a_moment),
		cmocka_unit_test(an_empty_selection_is_everything),
		cmocka_unit_test(folders_are_chosen_and_then_excluded),
		cmocka_unit_test(dates_are_in_from_since_up_to_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
