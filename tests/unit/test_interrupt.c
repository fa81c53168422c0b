#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/clock.h"
#include "util/interrupt.h"

static void
nothing_raised_is_no_fault(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	interrupt_raise(0);
	assert_int_equal(interrupt_signal(), 0);
	assert_int_equal(interrupt_check(&f), RC_OK);
}

static void
a_signal_stops_the_run_by_name(void **state)
{
	static const struct {
		int signo;
		const char *want;
	} table[] = {
		{ SIGINT, "interrupted by SIGINT" },
		{ SIGTERM, "interrupted by SIGTERM" },
		{ SIGHUP, "interrupted by SIGHUP" },
		{ SIGQUIT, "interrupted by SIGQUIT" },
		{ 99, "interrupted by signal 99" },
	};
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		interrupt_raise(table[i].signo);
		assert_int_equal(interrupt_signal(), table[i].signo);
		assert_int_equal(interrupt_check(&f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_TEMPORARY);
		assert_string_equal(f.text, table[i].want);
	}
	interrupt_raise(0);
}

static void
a_handler_may_raise_it(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	assert_true(signal(SIGUSR1, interrupt_raise) != SIG_ERR);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(interrupt_signal(), SIGUSR1);
	assert_int_equal(interrupt_check(&f), RC_STORE);
	interrupt_raise(0);
}

static void
the_clock_does_not_go_back(void **state)
{
	int64_t before;

	(void)state;
	before = clock_ms();
	assert_true(clock_ms() >= before);
	assert_true(clock_utc() > 1600000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_raised_is_no_fault),
		cmocka_unit_test(a_signal_stops_the_run_by_name),
		cmocka_unit_test(a_handler_may_raise_it),
		cmocka_unit_test(the_clock_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
