#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "util/file.h"

/* Each test has an empty directory of its own, and stands in it. */
static int
enter(void **state)
{
	char dir[] = "/tmp/mailproof-file.XXXXXX";

	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		return -1;
	*state = strdup(dir);
	return *state == NULL ? -1 : 0;
}

/* Fails where a test left something behind. */
static int
leave(void **state)
{
	int rc;

	rc = chdir("/") != 0 || rmdir(*state) != 0 ? -1 : 0;
	free(*state);
	return rc;
}

static void
put(const char *path, const char *text)
{
	struct fault f = FAULT_INIT;

	assert_int_equal(file_create(path, 0600, text, strlen(text), &f),
	    RC_OK);
}

static void
holds(const char *path, const char *text)
{
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;

	assert_int_equal(file_slurp(path, 1 << 20, &b, &f), RC_OK);
	assert_string_equal(buf_str(&b), text);
	buf_release(&b);
}

static void
says(const struct fault *f, enum cause cause, const char *text)
{
	assert_int_equal(f->cause, cause);
	assert_string_equal(f->text, text);
}

static void
a_file_is_read_behind_what_the_buffer_holds(void **state)
{
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	put("f", "text");
	buf_adds(&b, "old ");
	assert_int_equal(file_slurp("f", 4, &b, &f), RC_OK);
	assert_string_equal(buf_str(&b), "old text");
	assert_int_equal(unlink("f"), 0);
	buf_release(&b);
}

static void
a_file_over_the_limit_is_refused(void **state)
{
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	put("f", "text");
	assert_int_equal(file_slurp("f", 3, &b, &f), RC_STORE);
	says(&f, CAUSE_DATA, "'f' has more than 3 octets");
	assert_int_equal(b.len, 0);
	assert_int_equal(file_slurp("none", 3, &b, &f), RC_STORE);
	says(&f, CAUSE_NOINPUT,
	    "cannot open 'none': No such file or directory");
	assert_int_equal(file_slurp("/dev/zero", 100000, &b, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_DATA);
	assert_int_equal(unlink("f"), 0);
	buf_release(&b);
}

static void
a_new_file_never_replaces_anything(void **state)
{
	struct fault f = FAULT_INIT;
	struct stat st;

	(void)state;
	put("f", "first");
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(file_create("f", 0600, "x", 1, &f), RC_STORE);
	says(&f, CAUSE_CANTCREATE,
	    "'f' exists already: remove it or give "
	    "another name");
	holds("f", "first");
	assert_int_equal(symlink("elsewhere", "l"), 0);
	assert_int_equal(file_create("l", 0600, "x", 1, &f), RC_STORE);
	assert_int_equal(access("elsewhere", F_OK), -1);
	assert_int_equal(file_create("no/dir", 0600, "x", 1, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_int_equal(unlink("f"), 0);
	assert_int_equal(unlink("l"), 0);
}

/* A limit on the size of files stands in for a full disk. */
static void
limit_files(rlim_t octets)
{
	struct rlimit r;

	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = octets;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

static void
a_file_that_does_not_fit_is_removed_again(void **state)
{
	struct fault f = FAULT_INIT;
	char big[5000];
	enum rc rc;

	(void)state;
	memset(big, 'x', sizeof(big));
	limit_files(4096);
	rc = file_create("f", 0600, big, sizeof(big), &f);
	limit_files(RLIM_INFINITY);
	assert_int_equal(rc, RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_int_equal(access("f", F_OK), -1);
}

static void
a_broken_pipe_is_told_in_words(void **state)
{
	struct fault f = FAULT_INIT;
	int fd[2];

	(void)state;
	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	assert_int_equal(file_write(fd[1], "standard output", "x", 1, &f),
	    RC_STORE);
	says(&f, CAUSE_IO, "cannot write 'standard output': broken pipe");
	close(fd[1]);
}

static void
an_output_appears_only_when_it_is_published(void **state)
{
	struct fault f = FAULT_INIT;
	struct outfile o;

	(void)state;
	assert_int_equal(outfile_create(&o, "a.tar", 0644, &f), RC_OK);
	assert_int_equal(outfile_write(&o, "one ", 4, &f), RC_OK);
	assert_int_equal(outfile_write(&o, "two", 3, &f), RC_OK);
	assert_int_equal(o.written, 7);
	assert_int_equal(access("a.tar", F_OK), -1);
	assert_int_equal(access("a.tar.part", F_OK), 0);
	assert_int_equal(outfile_publish(&o, &f), RC_OK);
	holds("a.tar", "one two");
	assert_int_equal(access("a.tar.part", F_OK), -1);
	/* Nothing is left to abandon. */
	outfile_abandon(&o, false);
	assert_int_equal(access("a.tar", F_OK), 0);
	assert_int_equal(unlink("a.tar"), 0);
}

static void
an_output_that_exists_is_left_alone(void **state)
{
	struct fault f = FAULT_INIT;
	struct outfile o;

	(void)state;
	put("a", "mine");
	assert_int_equal(outfile_create(&o, "a", 0644, &f), RC_STORE);
	says(&f, CAUSE_CANTCREATE,
	    "'a' exists already: remove it or give "
	    "another name");
	assert_int_equal(access("a.part", F_OK), -1);
	assert_int_equal(unlink("a"), 0);
	/* A dangling link is something, too. */
	assert_int_equal(symlink("nowhere", "a"), 0);
	assert_int_equal(outfile_create(&o, "a", 0644, &f), RC_STORE);
	assert_int_equal(unlink("a"), 0);
}

static void
the_rest_of_an_interrupted_run_is_left_alone(void **state)
{
	struct fault f = FAULT_INIT;
	struct outfile o;

	(void)state;
	put("a.part", "torso");
	assert_int_equal(outfile_create(&o, "a", 0644, &f), RC_STORE);
	says(&f, CAUSE_CANTCREATE,
	    "'a.part' is left from an interrupted run: "
	    "remove it or give another name");
	holds("a.part", "torso");
	outfile_abandon(&o, false);
	holds("a.part", "torso");
	assert_int_equal(unlink("a.part"), 0);
}

static void
what_an_interrupted_run_has_left_can_be_gone_on_with(void **state)
{
	struct fault f = FAULT_INIT;
	struct outfile o;

	(void)state;
	assert_int_equal(outfile_reopen(&o, "a", &f), RC_STORE);
	says(&f, CAUSE_NOINPUT,
	    "there is no 'a.part' to go on with: nothing was begun, or nothing "
	    "of it was read; begin without --resume");
	put("a.part", "torso and tail");
	assert_true(outfile_is_left("a"));
	assert_int_equal(outfile_reopen(&o, "a", &f), RC_OK);
	assert_int_equal(outfile_cut(&o, 5, &f), RC_OK);
	assert_int_equal(outfile_write(&o, " and legs", 9, &f), RC_OK);
	assert_int_equal(outfile_publish(&o, &f), RC_OK);
	holds("a", "torso and legs");
	assert_int_equal(outfile_reopen(&o, "a", &f), RC_STORE);
	says(&f, CAUSE_CANTCREATE,
	    "'a' is finished: there is nothing to go on with");
	assert_int_equal(outfile_reclaim(&o, "a", &f), RC_OK);
	holds("a.part", "torso and legs");
	outfile_abandon(&o, true);
	holds("a", "torso and legs");
	assert_int_equal(unlink("a"), 0);
}

static void
only_a_file_is_gone_on_with(void **state)
{
	struct fault f = FAULT_INIT;
	struct outfile o;

	(void)state;
	assert_int_equal(mkfifo("a.part", 0600), 0);
	assert_int_equal(outfile_reopen(&o, "a", &f), RC_STORE);
	says(&f, CAUSE_CANTCREATE, "'a.part' is no file");
	assert_int_equal(unlink("a.part"), 0);
	put("b", "somebody's");
	assert_int_equal(symlink("b", "a.part"), 0);
	assert_int_equal(outfile_reopen(&o, "a", &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_int_equal(unlink("a.part"), 0);
	assert_int_equal(unlink("b"), 0);
}

static void
an_output_that_is_being_written_is_left_alone(void **state)
{
	static const char text[] = "'a.part' is being written by another "
				   "process: wait for it, or give another "
				   "name";
	struct fault f = FAULT_INIT;
	struct outfile first, o;

	(void)state;
	assert_int_equal(outfile_create(&first, "a", 0644, &f), RC_OK);
	assert_int_equal(outfile_create(&o, "a", 0644, &f), RC_STORE);
	says(&f, CAUSE_CANTCREATE, text);
	assert_int_equal(outfile_reopen(&o, "a", &f), RC_STORE);
	says(&f, CAUSE_CANTCREATE, text);
	assert_false(outfile_is_left("a"));
	outfile_abandon(&first, true);
	assert_int_equal(outfile_reopen(&first, "a", &f), RC_OK);
	assert_int_equal(outfile_reopen(&o, "a", &f), RC_STORE);
	says(&f, CAUSE_CANTCREATE, text);
	outfile_abandon(&first, false);
	assert_int_equal(access("a.part", F_OK), -1);
}

static void
an_output_that_appeared_meanwhile_is_left_alone(void **state)
{
	struct fault f = FAULT_INIT;
	struct outfile o;

	(void)state;
	assert_int_equal(outfile_create(&o, "a", 0644, &f), RC_OK);
	assert_int_equal(outfile_write(&o, "ours", 4, &f), RC_OK);
	put("a", "theirs");
	assert_int_equal(outfile_publish(&o, &f), RC_STORE);
	says(&f, CAUSE_CANTCREATE,
	    "'a' appeared meanwhile and is left alone: "
	    "the output is 'a.part'");
	outfile_abandon(&o, true);
	holds("a", "theirs");
	holds("a.part", "ours");
	assert_int_equal(unlink("a"), 0);
	assert_int_equal(unlink("a.part"), 0);
}

static void
an_abandoned_output_is_kept_or_removed_as_asked(void **state)
{
	struct fault f = FAULT_INIT;
	struct outfile o;

	(void)state;
	assert_int_equal(outfile_create(&o, "a", 0644, &f), RC_OK);
	outfile_abandon(&o, false);
	assert_int_equal(access("a.part", F_OK), -1);
	assert_int_equal(outfile_create(&o, "a", 0644, &f), RC_OK);
	assert_int_equal(outfile_write(&o, "torso", 5, &f), RC_OK);
	outfile_abandon(&o, true);
	holds("a.part", "torso");
	assert_int_equal(unlink("a.part"), 0);
}

static void
a_borrowed_descriptor_stays_open(void **state)
{
	struct fault f = FAULT_INIT;
	struct outfile o;
	char got[8];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	outfile_borrow(&o, fd[1]);
	assert_int_equal(outfile_write(&o, "abc", 3, &f), RC_OK);
	assert_int_equal(outfile_publish(&o, &f), RC_OK);
	outfile_abandon(&o, false);
	assert_int_equal(write(fd[1], "d", 1), 1);
	assert_int_equal(read(fd[0], got, sizeof(got)), 4);
	assert_memory_equal(got, "abcd", 4);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_file_is_read_behind_what_the_buffer_holds, enter, leave),
		cmocka_unit_test_setup_teardown(
		    a_file_over_the_limit_is_refused, enter, leave),
		cmocka_unit_test_setup_teardown(
		    a_new_file_never_replaces_anything, enter, leave),
		cmocka_unit_test_setup_teardown(
		    a_file_that_does_not_fit_is_removed_again, enter, leave),
		cmocka_unit_test_setup_teardown(a_broken_pipe_is_told_in_words,
		    enter, leave),
		cmocka_unit_test_setup_teardown(
		    an_output_appears_only_when_it_is_published, enter, leave),
		cmocka_unit_test_setup_teardown(
		    an_output_that_exists_is_left_alone, enter, leave),
		cmocka_unit_test_setup_teardown(
		    the_rest_of_an_interrupted_run_is_left_alone, enter, leave),
		cmocka_unit_test_setup_teardown(
		    what_an_interrupted_run_has_left_can_be_gone_on_with, enter,
		    leave),
		cmocka_unit_test_setup_teardown(only_a_file_is_gone_on_with,
		    enter, leave),
		cmocka_unit_test_setup_teardown(
		    an_output_that_is_being_written_is_left_alone, enter,
		    leave),
		cmocka_unit_test_setup_teardown(
		    an_output_that_appeared_meanwhile_is_left_alone, enter,
		    leave),
		cmocka_unit_test_setup_teardown(
		    an_abandoned_output_is_kept_or_removed_as_asked, enter,
		    leave),
		cmocka_unit_test_setup_teardown(
		    a_borrowed_descriptor_stays_open, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
