#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/folder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	const char *dir;
} both[] = {
	{ "INBOX", "" },
	{ "a", ".a" },
	{ "a/b", ".a.b" },
	{ "INBOX/x", ".INBOX.x" },
	{ "cur", ".cur" },
	{ " a ", ". a " },
	{ "a.b", ".a\\2eb" },
	{ "..", ".\\2e\\2e" },
	{ "a%2Fb", ".a\\2fb" },
	{ "a\\b", ".a\\b" },
	{ "a\\bc", ".a\\5cbc" },
	{ "a\\.", ".a\\\\2e" },
	{ "a\\", ".a\\" },
	{ "a\\2eb", ".a\\5c2eb" },
	{ "100%25", ".100%" },
	{ "100%2541", ".100%41" },
	{ "a&b", ".a&-b" },
	{ "Entw\xc3\xbcrfe/\xf0\x9f\x90\xaa", ".Entw&APw-rfe.&2D3cKg-" },
	/* Names that keep their wire bytes: "\25" marks them. */
	{ "Entw%FCrfe", ".Entw\\25FCrfe" },
	{ "%26AGE-", ".\\2526AGE-" },
	{ "%26%25%2F.", ".\\2526%\\2f\\2e" },
	{ "a/%00/b", ".a.\\2500.b" },
	{ "/shared/a", ".\\25.shared.a" },
	/* This looks like a hash and is none. */
	{ "~0123456789abcdef0123456789abcdef",
	    ".\\7e0123456789abcdef0123456789abcdef" },
	{ "~0123456789abcdef0123456789abcdeg",
	    ".~0123456789abcdef0123456789abcdeg" },
};

static void
names_have_directories(void **state)
{
	char *dir;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(both); i++) {
		dir = folder_maildir_name(both[i].name);
		assert_string_equal(dir, both[i].dir);
		free(dir);
	}
}

static void
directories_have_names(void **state)
{
	char *name;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(both); i++) {
		name = folder_from_maildir_name(both[i].dir);
		assert_non_null(name);
		assert_string_equal(name, both[i].name);
		free(name);
	}
}

static void
a_directory_of_others_is_read_as_a_wire_name(void **state)
{
	static const struct {
		const char *dir;
		const char *name;
	} t[] = {
		{ ".Entw\xc3\xbcrfe", "Entw%C3%BCrfe" },
		{ ".&AGE-", "%26AGE-" },
		{ ".inbox.x", "INBOX/x" },
		{ ".a..b", "a/%00/b" },
		{ ".a&b", "a%26b" },
		{ ".&AC4-", "%26AC4-" },
		{ ".a\\2Eb", "a\\2Eb" },
		{ ".a\\41", "a\\41" },
		{ ".\\25", "\\25" },
	};
	char *name;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		name = folder_from_maildir_name(t[i].dir);
		assert_non_null(name);
		assert_string_equal(name, t[i].name);
		free(name);
	}
}

static void
what_is_no_folder_is_refused(void **state)
{
	static const char *const t[] = { "cur", ".", "..", ".INBOX", ".inbox",
		".~0123456789abcdef0123456789abcdef" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_null(folder_from_maildir_name(t[i]));
}

static void
a_directory_that_would_be_too_long_is_a_hash(void **state)
{
	char name[256], *dir, *other;

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[255] = '\0';
	dir = folder_maildir_name(name);
	assert_int_equal(strlen(dir), 34);
	assert_memory_equal(dir, ".~", 2);
	assert_null(folder_from_maildir_name(dir));
	name[0] = 'b';
	other = folder_maildir_name(name);
	assert_string_not_equal(dir, other);
	free(dir);
	free(other);
	name[254] = '\0';
	dir = folder_maildir_name(name);
	assert_int_equal(strlen(dir), 255);
	free(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_directories),
		cmocka_unit_test(directories_have_names),
		cmocka_unit_test(a_directory_of_others_is_read_as_a_wire_name),
		cmocka_unit_test(what_is_no_folder_is_refused),
		cmocka_unit_test(a_directory_that_would_be_too_long_is_a_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
