#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "accounts/secret.h"
#include "program/startup.h"
#include "tests/unit/tempdir.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* Fetches and compares; the fault is left in f. */
static enum rc
fetch(const char *spec, const char *wanted, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc = secret_fetch(spec, &b, f);

	if (rc == RC_OK)
		assert_string_equal(buf_str(&b), wanted);
	buf_wipe(&b);
	return rc;
}

static void
specifications_are_checked_before_anything_starts(void **state)
{
	static const char *const good[] = { "file:x", "cmd:pass a", "env:P",
		"fd:0", "fd:63", "file:fd:3", "token-cmd:x" };
	static const char *const bad[] = { "", "hunter2",
		"file:", "cmd:", "env:", "env:a=b", "fd:", "fd:x", "fd:-1",
		"fd:3x", "FILE:x", "token-cmd:", "token:x" };
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(secret_check(good[i], &f), RC_OK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f.cause = CAUSE_NONE;
		assert_int_equal(secret_check(bad[i], &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_USAGE);
		assert_null(strstr(f.text, "hunter2"));
	}
	assert_true(secret_is_single("fd:3"));
	assert_false(secret_is_single("file:fd:3"));
	assert_false(secret_is_single("token-cmd:x"));
	assert_true(secret_is_command("cmd:x"));
	assert_true(secret_is_command("token-cmd:x"));
	assert_false(secret_is_command("file:cmd:x"));
	assert_true(secret_is_token("token-cmd:x"));
	assert_false(secret_is_token("cmd:token-cmd:x"));
}

static void
a_file_gives_its_content_without_the_line_end(void **state)
{
	static const char *const texts[] = { "s3cret", "s3cret\n", "s3cret\r\n",
		"s3cret\n\n" };
	char *dir = tempdir_new(), *spec;
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	spec = xasprintf("file:%s", tempdir_path(dir, "pw"));
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tempdir_write(dir, "pw", texts[i]);
		assert_int_equal(fetch(spec, "s3cret", &f), RC_OK);
	}
	free(spec);
	tempdir_remove(dir);
}

static void
a_file_that_others_may_read_is_refused_with_the_way_out(void **state)
{
	static const unsigned modes[] = { 0640, 0604, 0660, 0610 };
	char *dir = tempdir_new(), *spec;
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	tempdir_write(dir, "pw", "x");
	spec = xasprintf("file:%s", tempdir_path(dir, "pw"));
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		chmod(tempdir_path(dir, "pw"), modes[i]);
		assert_int_equal(fetch(spec, "", &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_CONFIG);
		assert_non_null(strstr(f.text, "chmod 600"));
	}
	chmod(tempdir_path(dir, "pw"), 0400);
	assert_int_equal(fetch(spec, "x", &f), RC_OK);
	free(spec);
	tempdir_remove(dir);
}

static void
what_cannot_be_a_password_is_a_configuration_fault(void **state)
{
	static const struct {
		const char *spec;
		const char *text;
	} rows[] = {
		{ "file:/nonexistent/x", "No such file" },
		{ "file:/tmp", "directory" },
		{ "env:NO_SUCH_VARIABLE", "no such environment variable" },
		{ "env:TEST_EMPTY", "the secret is empty" },
		{ "env:TEST_LINES", "more than one line" },
		{ "fd:777", "Bad file descriptor" },
		{ "cmd:exit 3", "ended with status 3" },
		{ "cmd:echo x; exit 1", "ended with status 1" },
		{ "cmd:kill -9 $$", "ended by signal 9" },
		{ "cmd:true", "the secret is empty" },
		{ "cmd:printf 'a\\0b\\n'", "holds a NUL" },
		{ "cmd:yes", "more than 16384 octets" },
		{ "token-cmd:exit 3",
		    "token-cmd:: the command ended with "
		    "status 3" },
		{ "token-cmd:kill -9 $$", "ended by signal 9" },
		{ "token-cmd:true", "token-cmd:: the secret is empty" },
		{ "token-cmd:yes", "more than 16384 octets" },
		/* Not the first line alone: it may be a greeting. */
		{ "token-cmd:printf 'a\\nb\\n'", "more than one line" },
	};
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	setenv("TEST_EMPTY", "\n", 1);
	setenv("TEST_LINES", "a\nb", 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(fetch(rows[i].spec, "", &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_CONFIG);
		if (strstr(f.text, rows[i].text) == NULL)
			fail_msg("%s: got %s", rows[i].spec, f.text);
	}
}

static void
a_command_gives_its_first_line_and_is_not_shown(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(fetch("cmd:printf 'a b\\nuser: x\\n'", "a b", &f),
	    RC_OK);
	/* It cannot take from us what stands on standard input. */
	assert_int_equal(fetch("cmd:cat; echo ok", "ok", &f), RC_OK);
	assert_int_equal(fetch("cmd:false hunter2", "", &f), RC_STORE);
	assert_null(strstr(f.text, "hunter2"));
}

static void
a_token_command_that_hangs_is_ended_with_all_it_started(void **state)
{
	/* That ends; that minds no signal; that left somebody behind; that is
	 * done with its output only. */
	static const char *const commands[] = { "token-cmd:sleep 600",
		"token-cmd:trap '' TERM; sleep 600; sleep 600",
		"token-cmd:echo t; sleep 600 & exit 0",
		"token-cmd:echo t; exec >&-; sleep 600" };
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		f = (struct fault)FAULT_INIT;
		assert_int_equal(secret_fetch_within(commands[i], 50, &b, &f),
		    RC_STORE);
		assert_int_equal(f.cause, CAUSE_CONFIG);
		assert_string_equal(f.text,
		    "token-cmd:: the command is not done after 1 s: it was "
		    "ended");
		/* None of our children, nor of theirs in its group. */
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	}
	buf_wipe(&b);
	assert_int_equal(fetch("token-cmd:echo ya29.a0", "ya29.a0", &f), RC_OK);
}

static void
a_descriptor_gives_a_line_a_time(void **state)
{
	struct fault f = FAULT_INIT;
	int fd[2];
	char *spec;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "one\ntwo", 7), 7);
	close(fd[1]);
	spec = xasprintf("fd:%d", fd[0]);
	assert_int_equal(fetch(spec, "one", &f), RC_OK);
	assert_int_equal(fetch(spec, "two", &f), RC_OK);
	assert_int_equal(fetch(spec, "", &f), RC_STORE);
	close(fd[0]);
	free(spec);
}

/* The child of a terminal of its own: its exit status is the result. */
static int
with_terminal(int (*child)(void), const char *typed, char *seen, size_t room)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, status;
	struct termios t;
	ssize_t n;
	pid_t pid;
	size_t have = 0;

	assert_true(master != -1 && grantpt(master) == 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave != -1);
	pid = fork();
	if (pid == 0) {
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		_exit(child());
	}
	/* Typed once the prompt is there: what came before is dropped. */
	while (have + 1 < room && memchr(seen, ' ', have) == NULL) {
		n = read(master, seen + have, 1);
		assert_int_equal(n, 1);
		have++;
	}
	do
		assert_int_equal(tcgetattr(slave, &t), 0);
	while (typed[0] != '\0' && (t.c_lflag & (tcflag_t)ECHO) != 0);
	assert_int_equal(write(master, typed, strlen(typed)),
	    (ssize_t)strlen(typed));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(tcgetattr(slave, &t), 0);
	assert_true((t.c_lflag & (tcflag_t)ECHO) != 0);
	fcntl(master, F_SETFL, O_NONBLOCK);
	n = read(master, seen + have, room - 1 - have);
	seen[have + (size_t)(n > 0 ? n : 0)] = '\0';
	close(slave);
	close(master);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
asks(void)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;

	if (secret_prompt("word? ", &b, &f) != RC_OK)
		return 1;
	return strcmp(buf_str(&b), "s3 cret") == 0 ? 42 : 2;
}

static int
is_interrupted(void)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;

	if (startup(&f) != RC_OK)
		return 1;
	if (secret_prompt("word? ", &b, &f) != RC_STORE)
		return 2;
	return f.cause == CAUSE_TEMPORARY ? 42 : 3;
}

/* The signal comes when nobody waits yet. */
static int
was_interrupted(void)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;

	interrupt_raise(SIGINT);
	if (secret_prompt("word? ", &b, &f) != RC_STORE)
		return 2;
	return f.cause == CAUSE_TEMPORARY ? 42 : 3;
}

static int
gets_nothing(void)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;

	if (secret_prompt("word? ", &b, &f) != RC_STORE)
		return 1;
	return f.cause == CAUSE_CONFIG ? 42 : 2;
}

static void
a_prompt_takes_a_line_without_echo(void **state)
{
	char seen[256] = "";

	(void)state;
	assert_int_equal(with_terminal(asks, "s3 cret\n", seen, sizeof(seen)),
	    42);
	assert_string_equal(seen, "word? \r\n");
}

static void
a_prompt_that_is_interrupted_turns_the_echo_on_again(void **state)
{
	char seen[256] = "";

	(void)state;
	assert_int_equal(
	    with_terminal(is_interrupted, "s3\003", seen, sizeof(seen)), 42);
}

static void
a_signal_before_the_prompt_ends_it_too(void **state)
{
	char seen[256] = "";

	(void)state;
	assert_int_equal(with_terminal(was_interrupted, "", seen, sizeof(seen)),
	    42);
}

static void
an_empty_answer_is_no_secret(void **state)
{
	char seen[256] = "";

	(void)state;
	assert_int_equal(with_terminal(gets_nothing, "\n", seen, sizeof(seen)),
	    42);
}

static int
has_no_terminal(void)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;

	setsid();
	return secret_prompt("word? ", &b, &f) == RC_END ? 42 : 1;
}

static void
without_a_terminal_nobody_is_asked(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(has_no_terminal());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    specifications_are_checked_before_anything_starts),
		cmocka_unit_test(a_file_gives_its_content_without_the_line_end),
		cmocka_unit_test(
		    a_file_that_others_may_read_is_refused_with_the_way_out),
		cmocka_unit_test(
		    what_cannot_be_a_password_is_a_configuration_fault),
		cmocka_unit_test(
		    a_command_gives_its_first_line_and_is_not_shown),
		cmocka_unit_test(
		    a_token_command_that_hangs_is_ended_with_all_it_started),
		cmocka_unit_test(a_descriptor_gives_a_line_a_time),
		cmocka_unit_test(a_prompt_takes_a_line_without_echo),
		cmocka_unit_test(
		    a_prompt_that_is_interrupted_turns_the_echo_on_again),
		cmocka_unit_test(a_signal_before_the_prompt_ends_it_too),
		cmocka_unit_test(an_empty_answer_is_no_secret),
		cmocka_unit_test(without_a_terminal_nobody_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
