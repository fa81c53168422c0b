#include <fcntl.h>
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

#include "tests/unit/boxes.h"
#include "tests/unit/tempdir.h"

static uint64_t
version_of(struct store *s)
{
	struct folders all = FOLDERS_INIT;
	struct fault f = FAULT_INIT;
	uint64_t version;

	assert_int_equal(s->ops->folders(s, &all, &f), RC_OK);
	version = folders_find(&all, "INBOX")->version;
	folders_release(&all);
	return version;
}

/* So that what is in it did not change just now. */
static void
age(const char *dir, const char *part, int64_t seconds)
{
	const struct timespec times[] = { { .tv_sec = (time_t)seconds },
		{ .tv_sec = (time_t)seconds } };

	assert_int_equal(utimensat(AT_FDCWD, tempdir_path(dir, part), times, 0),
	    0);
}

static void
a_folder_that_changed_has_another_version(void **state)
{
	char *dir = boxes_small();
	struct store *s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	uint64_t before;

	(void)state;
	/* too fresh to be told from what comes next */
	assert_true(version_of(s) == 0);
	age(dir, "cur", 1000);
	assert_true(version_of(s) == 0);
	age(dir, "new", 1000);
	before = version_of(s);
	assert_true(before != 0);
	assert_true(version_of(s) == before);
	age(dir, "new", 1001);
	assert_true(version_of(s) != before && version_of(s) != 0);
	age(dir, "new", 1000);
	age(dir, "cur", 999);
	assert_true(version_of(s) != before && version_of(s) != 0);
	store_free(s);
	tempdir_remove(dir);
}

static void
steady_uids_stay_whatever_comes_and_goes(void **state)
{
	char *dir = boxes_small();
	struct folder_state st;
	struct store *s;
	uint32_t uidvalidity;

	(void)state;
	tempdir_mkdir(dir, ".Sent");
	tempdir_mkdir(dir, ".Sent/cur");
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	boxes_select(s, "INBOX", STORE_STEADY, &st);
	uidvalidity = st.uidvalidity;
	folder_state_release(&st);
	boxes_select(s, "Sent", STORE_STEADY, &st);
	folder_state_release(&st);
	/* one sorts before the others, one goes, one moves */
	tempdir_write(dir, "new/0.z", "Subject: z\n\nz\n");
	assert_int_equal(unlink(tempdir_path(dir, "cur/2.b:2,S")), 0);
	assert_int_equal(rename(tempdir_path(dir, "new/3.c"),
			     tempdir_path(dir, "cur/3.c:2,S")),
	    0);
	/* and Dovecot gives UIDs of its own */
	tempdir_write(dir, "dovecot-uidlist",
	    "3 V99 N9 G01234567890123456789012345678901\n7 :0.z\n8 :3.c\n");
	boxes_select(s, "INBOX", STORE_AGAIN, &st);
	assert_int_equal(st.uidvalidity, uidvalidity);
	boxes_text(boxes_scan(s, 1),
	    "1 \\Answered \\Flagged todo; 3 \\Seen; 9");
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steady_uids_stay_whatever_comes_and_goes),
		cmocka_unit_test(a_folder_that_changed_has_another_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
