#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes/hash.h"
#include "tests/unit/boxes.h"
#include "tests/unit/tempdir.h"
#include "util/mem.h"

static int
setup(void **state)
{
	(void)state;
	return hash_startup() ? 0 : -1;
}

static void
assert_folders(const char *dir, enum maildir_layout layout, const char *wanted)
{
	struct store *s = boxes_open(dir, layout, false);

	boxes_text(boxes_folders(s), wanted);
	store_free(s);
}

static void
a_flat_maildir_has_its_folders_beside_each_other(void **state)
{
	char *dir = tempdir_new();

	(void)state;
	tempdir_mkdir(dir, "cur");
	tempdir_mkdir(dir, ".A/cur");
	tempdir_mkdir(dir, ".A.B&AOQ-/cur");
	tempdir_mkdir(dir, ".INBOX.Sub/cur");
	tempdir_mkdir(dir, ".no-maildir/x");
	tempdir_mkdir(dir, "nested/cur");
	tempdir_mkdir(dir, ".Entw\xc3\xbcrfe/cur");
	tempdir_write(dir, ".file", "x");
	tempdir_write(dir, "subscriptions", "A\nINBOX\nGone\n");
	assert_folders(dir, MAILDIR_PLUSPLUS,
	    "INBOX* A* A/B\xc3\xa4 Entw\xc3\xbcrfe INBOX/Sub");
	tempdir_remove(dir);
}

static void
a_nested_maildir_has_its_folders_below_each_other(void **state)
{
	char *dir = tempdir_new();

	(void)state;
	tempdir_mkdir(dir, "cur");
	tempdir_mkdir(dir, "A/cur");
	tempdir_mkdir(dir, "A/B&AOQ-/cur");
	tempdir_mkdir(dir, "no/folder/but/cur");
	tempdir_mkdir(dir, "A/new/x/cur");
	tempdir_mkdir(dir, "a.b/cur");
	tempdir_write(dir, "subscriptions", "V\t2\n\nA\tB&AOQ-\na.b\n");
	assert_folders(dir, MAILDIR_NESTED,
	    "INBOX A A/B\xc3\xa4* a.b* no/folder/but");
	tempdir_remove(dir);
}

static void
an_inbox_can_be_a_directory_of_its_own(void **state)
{
	char *dir = tempdir_new();

	(void)state;
	tempdir_mkdir(dir, "INBOX/cur");
	tempdir_mkdir(dir, "A/cur");
	assert_folders(dir, MAILDIR_NESTED, "INBOX A");
	tempdir_remove(dir);
}

static void
two_directories_with_one_name_are_two_folders(void **state)
{
	char *dir = tempdir_new();

	(void)state;
	tempdir_mkdir(dir, "cur");
	tempdir_mkdir(dir, "INBOX/cur");
	tempdir_mkdir(dir, "\xc3\xa4/cur");
	tempdir_mkdir(dir, "&AOQ-/cur");
	assert_folders(dir, MAILDIR_NESTED,
	    "INBOX INBOX~2 \xc3\xa4 \xc3\xa4~2");
	tempdir_remove(dir);
}

static void
a_link_that_leads_up_ends_there(void **state)
{
	char *dir = tempdir_new();

	(void)state;
	tempdir_mkdir(dir, "A/cur");
	tempdir_mkdir(dir, "cur");
	assert_int_equal(symlink("..", tempdir_path(dir, "A/up")), 0);
	assert_folders(dir, MAILDIR_NESTED, "INBOX A");
	tempdir_remove(dir);
}

static void
what_is_no_maildir_is_no_input(void **state)
{
	char *dir = tempdir_new();
	struct fault f = FAULT_INIT;
	struct store *s;

	(void)state;
	tempdir_write(dir, "file", "x");
	assert_int_equal(maildir_open(dir, MAILDIR_PLUSPLUS, false, &s, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	assert_non_null(strstr(f.text, dir));
	assert_null(s);
	/* Somebody's home is not made a Maildir. */
	assert_int_equal(maildir_open(dir, MAILDIR_PLUSPLUS, true, &s, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	assert_int_equal(maildir_open(tempdir_path(dir, "none"),
			     MAILDIR_PLUSPLUS, false, &s, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	assert_int_equal(maildir_open(tempdir_path(dir, "file"), MAILDIR_NESTED,
			     true, &s, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	tempdir_remove(dir);
}

static void
folders_are_made_with_what_is_above_them(void **state)
{
	static const struct {
		enum maildir_layout layout;
		const char *name, *path;
	} rows[] = {
		{ MAILDIR_PLUSPLUS, "INBOX", "cur" },
		{ MAILDIR_PLUSPLUS, "A/B\xc3\xa4", ".A.B&AOQ-/cur" },
		{ MAILDIR_PLUSPLUS, "INBOX/Sub", ".INBOX.Sub/tmp" },
		{ MAILDIR_NESTED, "INBOX", "cur" },
		{ MAILDIR_NESTED, "A/B\xc3\xa4", "A/B&AOQ-/cur" },
		{ MAILDIR_NESTED, "a.b", "a.b/cur" },
	};
	struct stat st;
	struct store *s;
	char *dir;
	size_t i;
	int twice;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		dir = tempdir_new();
		assert_int_equal(rmdir(dir), 0);
		s = boxes_open(dir, rows[i].layout, true);
		for (twice = 0; twice < 2; twice++)
			boxes_create(s, rows[i].name);
		assert_int_equal(stat(tempdir_path(dir, rows[i].path), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0700);
		store_free(s);
		tempdir_remove(dir);
	}
}

static void
names_come_back_as_they_were_created(void **state)
{
	static const char *const names[] = { "a.b", "A/x~y", "100%25",
		"\xe6\x97\xa5\xe6\x9c\xac/\xf0\x9f\x93\xa7", "a&b", "a\\b" };
	char *dir, *wanted;
	struct store *s;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (k = 0; k < 2; k++) {
			dir = tempdir_new();
			s = boxes_open(dir,
			    k == 0 ? MAILDIR_PLUSPLUS : MAILDIR_NESTED, true);
			boxes_create(s, names[i]);
			wanted = xasprintf("INBOX %s", names[i]);
			boxes_text(boxes_folders(s), wanted);
			free(wanted);
			store_free(s);
			tempdir_remove(dir);
		}
}

static void
a_subfolder_is_marked_as_one(void **state)
{
	char *dir = tempdir_new();
	struct store *s;

	(void)state;
	s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
	boxes_create(s, "A");
	assert_int_equal(access(tempdir_path(dir, ".A/maildirfolder"), F_OK),
	    0);
	assert_int_equal(access(tempdir_path(dir, "maildirfolder"), F_OK), -1);
	store_free(s);
	tempdir_remove(dir);
}

static void
a_folder_that_is_there_by_another_spelling_is_used(void **state)
{
	char *dir = tempdir_new();
	struct store *s;

	(void)state;
	tempdir_mkdir(dir, "cur");
	tempdir_mkdir(dir, ".\xc3\xa4/cur");
	s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
	boxes_create(s, "\xc3\xa4");
	assert_int_equal(access(tempdir_path(dir, ".&AOQ-"), F_OK), -1);
	boxes_text(boxes_folders(s), "INBOX \xc3\xa4");
	store_free(s);
	tempdir_remove(dir);
}

static void
a_name_that_leads_elsewhere_is_refused(void **state)
{
	char *dir = tempdir_new(), long_name[301];
	struct {
		enum maildir_layout layout;
		const char *name;
	} rows[] = {
		{ MAILDIR_NESTED, ".." },
		{ MAILDIR_NESTED, "../x" },
		{ MAILDIR_NESTED, "a/../../x" },
		{ MAILDIR_NESTED, "a/./b" },
		{ MAILDIR_NESTED, "cur" },
		{ MAILDIR_NESTED, "a/tmp" },
		{ MAILDIR_NESTED, "a//b" },
		{ MAILDIR_NESTED, "/etc" },
		{ MAILDIR_NESTED, "a%2Fb" },
		{ MAILDIR_NESTED, long_name },
		{ MAILDIR_PLUSPLUS, long_name },
	};
	struct fault f = FAULT_INIT;
	struct folder folder;
	struct store *s;
	size_t i;

	(void)state;
	memset(long_name, 'x', 300);
	long_name[300] = '\0';
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = boxes_open(dir, rows[i].layout, true);
		assert_int_equal(s->ops->create(s, rows[i].name, &folder, &f),
		    RC_FOLDER);
		assert_int_equal(f.cause, CAUSE_REFUSED);
		folder_release(&folder);
		store_free(s);
	}
	tempdir_remove(dir);
}

static void
subscribe(struct store *s, const char *name)
{
	struct folders l = FOLDERS_INIT;
	struct fault f = FAULT_INIT;

	assert_int_equal(s->ops->folders(s, &l, &f), RC_OK);
	assert_int_equal(s->ops->subscribe(s, folders_find(&l, name), &f),
	    RC_OK);
	folders_release(&l);
}

static void
subscriptions_are_added_in_the_files_own_version(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{ NULL, "A.B\n" },
		{ "X\n", "X\nA.B\n" },
		{ "A.B\nX\n", "A.B\nX\n" },
		{ "V\t2\n\nX\tY\n", "V\t2\n\nX\tY\nA\tB\n" },
	};
	char *dir;
	struct store *s;
	size_t i;
	int twice;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		dir = tempdir_new();
		if (rows[i].before != NULL)
			tempdir_write(dir, "subscriptions", rows[i].before);
		s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
		boxes_create(s, "A/B");
		for (twice = 0; twice < 2; twice++)
			subscribe(s, "A/B");
		boxes_text(boxes_folders(s), "INBOX A/B*");
		boxes_text(tempdir_read(dir, "subscriptions"), rows[i].after);
		store_free(s);
		tempdir_remove(dir);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_flat_maildir_has_its_folders_beside_each_other),
		cmocka_unit_test(
		    a_nested_maildir_has_its_folders_below_each_other),
		cmocka_unit_test(an_inbox_can_be_a_directory_of_its_own),
		cmocka_unit_test(two_directories_with_one_name_are_two_folders),
		cmocka_unit_test(a_link_that_leads_up_ends_there),
		cmocka_unit_test(what_is_no_maildir_is_no_input),
		cmocka_unit_test(folders_are_made_with_what_is_above_them),
		cmocka_unit_test(names_come_back_as_they_were_created),
		cmocka_unit_test(a_subfolder_is_marked_as_one),
		cmocka_unit_test(
		    a_folder_that_is_there_by_another_spelling_is_used),
		cmocka_unit_test(a_name_that_leads_elsewhere_is_refused),
		cmocka_unit_test(
		    subscriptions_are_added_in_the_files_own_version),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
