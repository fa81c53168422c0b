#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "program/startup.h"
#include "util/clock.h"
#include "util/interrupt.h"

enum { FINE = 42 };

/* In a child, since what it sets is for the life of a process. */
static int
status_of(int (*run)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0)
		_exit(run());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
assert_fine(int (*run)(void))
{
	int status = status_of(run);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), FINE);
}

static int
starts(void)
{
	struct fault f = FAULT_INIT;
	struct rlimit core;
	struct stat st;

	close(0);
	if (startup(&f) != RC_OK || getrlimit(RLIMIT_CORE, &core) != 0)
		return 1;
	if (core.rlim_cur != 0 || core.rlim_max != 0)
		return 2;
	if (umask(0) != 077)
		return 3;
	if (fstat(0, &st) != 0)
		return 4;
	/* Would end us if it were not ignored. */
	raise(SIGPIPE);
	raise(SIGXFSZ);
	return interrupt_signal() == 0 ? FINE : 5;
}

static void
a_program_starts_without_cores_and_with_its_mail_to_itself(void **state)
{
	(void)state;
	assert_fine(starts);
}

static int
takes_a_signal(void)
{
	struct fault f = FAULT_INIT;

	if (startup(&f) != RC_OK)
		return 1;
	raise(SIGTERM);
	return interrupt_signal() == SIGTERM ? FINE : 2;
}

static void
a_signal_raises_the_flag(void **state)
{
	(void)state;
	assert_fine(takes_a_signal);
}

/* timeout(1) sends it to us and then to our group. */
static int
takes_an_echo(void)
{
	if (takes_a_signal() != FINE)
		return 1;
	raise(SIGTERM);
	return FINE;
}

static void
the_same_signal_at_once_again_is_one(void **state)
{
	(void)state;
	assert_fine(takes_an_echo);
}

static int
takes_two_signals(void)
{
	int64_t began = clock_ms();

	if (takes_a_signal() != FINE)
		return 1;
	while (clock_ms() - began < 1000)
		(void)poll(NULL, 0, 100);
	raise(SIGTERM);
	return 2;
}

static void
a_second_signal_ends_the_program(void **state)
{
	int status = status_of(takes_two_signals);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static int
keeps_ignoring(void)
{
	struct fault f = FAULT_INIT;

	signal(SIGHUP, SIG_IGN);
	if (startup(&f) != RC_OK)
		return 1;
	raise(SIGHUP);
	return interrupt_signal() == 0 ? FINE : 2;
}

static void
under_nohup_a_hangup_is_nothing(void **state)
{
	(void)state;
	assert_fine(keeps_ignoring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_program_starts_without_cores_and_with_its_mail_to_itself),
		cmocka_unit_test(a_signal_raises_the_flag),
		cmocka_unit_test(the_same_signal_at_once_again_is_one),
		cmocka_unit_test(a_second_signal_ends_the_program),
		cmocka_unit_test(under_nohup_a_hangup_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
