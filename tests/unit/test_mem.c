#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/mem.h"

static void
nothing_is_still_something_to_free(void **state)
{
	void *p;

	(void)state;
	p = xmalloc(0);
	assert_non_null(p);
	p = xreallocarray(p, 0, 8);
	assert_non_null(p);
	free(p);
	p = xcalloc(0, 8);
	assert_non_null(p);
	free(p);
}

static void
a_copy_of_a_part_ends_with_nul(void **state)
{
	char *s;

	(void)state;
	s = xstrndup("folder", 4);
	assert_string_equal(s, "fold");
	free(s);
	s = xstrndup("ab", 10);
	assert_string_equal(s, "ab");
	free(s);
	s = xasprintf("%s-%u", "n", 7u);
	assert_string_equal(s, "n-7");
	free(s);
}

static void
an_array_grows_by_halves_and_keeps_its_contents(void **state)
{
	size_t n, cap = 0, moves = 0, was;
	unsigned *v = NULL;

	(void)state;
	for (n = 0; n < 10000; n++) {
		was = cap;
		v = xgrow(v, n, &cap, sizeof(*v));
		moves += was != cap;
		assert_true(cap > n);
		v[n] = (unsigned)n;
	}
	assert_true(moves < 15);
	for (n = 0; n < 10000; n++)
		assert_int_equal(v[n], n);
	free(v);
}

/* Runs f in a child with standard error closed; its exit status. */
static int
status_of(void (*f)(void))
{
	int status = 0;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(STDERR_FILENO);
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
multiply_too_much(void)
{
	free(xreallocarray(NULL, SIZE_MAX / 2, 4));
}

static void
grow_too_much(void)
{
	size_t cap = SIZE_MAX / 2 + 1;

	free(xgrow(NULL, cap, &cap, 1));
}

static void
too_much_memory_ends_the_program_with_75(void **state)
{
	(void)state;
	assert_int_equal(status_of(multiply_too_much), 75);
	assert_int_equal(status_of(grow_too_much), 75);
}

/* Without this ASan ends the program itself instead of giving NULL. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_still_something_to_free),
		cmocka_unit_test(a_copy_of_a_part_ends_with_nul),
		cmocka_unit_test(
		    an_array_grows_by_halves_and_keeps_its_contents),
		cmocka_unit_test(too_much_memory_ends_the_program_with_75),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
