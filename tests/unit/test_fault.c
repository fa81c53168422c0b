#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/fault.h"
#include "util/text.h"

static void
setting_a_fault_returns_the_scope_it_was_given(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(fault_set(&f, RC_FOLDER, CAUSE_DATA, "%s %d", "x", 4),
	    RC_FOLDER);
	assert_int_equal(f.cause, CAUSE_DATA);
	assert_string_equal(f.text, "x 4");
}

static void
the_old_text_may_be_an_argument_of_the_new_one(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	fault_set(&f, RC_STORE, CAUSE_IO, "cannot read");
	fault_set(&f, RC_STORE, CAUSE_IO, "[%s]", f.text);
	assert_string_equal(f.text, "[cannot read]");
}

static void
context_stands_before_the_story(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	fault_set(&f, RC_MESSAGE, CAUSE_REFUSED, "NO [OVERQUOTA]");
	assert_int_equal(fault_wrap(&f, RC_MESSAGE, "append"), RC_MESSAGE);
	fault_wrap(&f, RC_MESSAGE, "%s/%d", "INBOX", 42);
	assert_string_equal(f.text, "INBOX/42: append: NO [OVERQUOTA]");
	assert_int_equal(f.cause, CAUSE_REFUSED);
}

static void
a_long_text_is_cut_between_characters(void **state)
{
	static const char *const tail[] = { "\xc3\xa4", "\xe2\x82\xac",
		"\xf0\x9f\x93\xa7" };
	struct fault f = FAULT_INIT;
	char text[FAULT_MAX + 8];
	size_t i, fill;

	(void)state;
	for (i = 0; i < sizeof(tail) / sizeof(tail[0]); i++) {
		/* Each place where the end can cut the character. */
		for (fill = FAULT_MAX - 6; fill < FAULT_MAX + 2; fill++) {
			memset(text, 'a', fill);
			memcpy(text + fill, tail[i], strlen(tail[i]) + 1);
			fault_set(&f, RC_STORE, CAUSE_IO, "%s", text);
			assert_true(text_is_utf8(f.text, strlen(f.text)));
			assert_true(
			    strlen(f.text) + strlen(tail[i]) >= FAULT_MAX ||
			    strcmp(f.text, text) == 0);
			assert_true(strlen(f.text) >= FAULT_MAX - 4 ||
			    strcmp(f.text, text) == 0);
		}
	}
}

static void
a_long_context_is_cut_as_well(void **state)
{
	struct fault f = FAULT_INIT;
	char text[FAULT_MAX];

	(void)state;
	memset(text, 'b', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fault_set(&f, RC_STORE, CAUSE_IO, "%s", text);
	fault_wrap(&f, RC_STORE, "first");
	assert_int_equal(strlen(f.text), FAULT_MAX - 1);
	assert_memory_equal(f.text, "first: bbb", 10);
}

static void
errno_decides_the_cause_where_it_says_more(void **state)
{
	static const struct {
		int error;
		enum cause given, want;
	} table[] = {
		{ ENOSPC, CAUSE_IO, CAUSE_CANTCREATE },
		{ EDQUOT, CAUSE_IO, CAUSE_CANTCREATE },
		{ EFBIG, CAUSE_IO, CAUSE_CANTCREATE },
		{ EROFS, CAUSE_IO, CAUSE_CANTCREATE },
		{ EEXIST, CAUSE_IO, CAUSE_CANTCREATE },
		{ ENOENT, CAUSE_IO, CAUSE_NOINPUT },
		{ ENOENT, CAUSE_CANTCREATE, CAUSE_CANTCREATE },
		{ EACCES, CAUSE_CANTCREATE, CAUSE_CANTCREATE },
		{ EACCES, CAUSE_NOINPUT, CAUSE_NOINPUT },
		{ EIO, CAUSE_IO, CAUSE_IO },
		{ ECONNREFUSED, CAUSE_UNREACHABLE, CAUSE_UNREACHABLE },
	};
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		errno = table[i].error;
		fault_errno(&f, RC_STORE, table[i].given, "x");
		assert_int_equal(f.cause, table[i].want);
	}
}

static void
errno_is_told_in_words(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	errno = ENOSPC;
	assert_int_equal(
	    fault_errno(&f, RC_STORE, CAUSE_IO, "cannot '%s'", "x"), RC_STORE);
	assert_string_equal(f.text, "cannot 'x': No space left on device");
}

static void
a_name_stands_before_the_story_once(void **state)
{
	struct fault f = FAULT_INIT;

	(void)state;
	(void)fault_set(&f, RC_FOLDER, CAUSE_REFUSED, "Sentinel: no");
	assert_int_equal(fault_name(&f, RC_FOLDER, "Sent"), RC_FOLDER);
	assert_string_equal(f.text, "Sent: Sentinel: no");
	assert_int_equal(fault_name(&f, RC_FOLDER, "Sent"), RC_FOLDER);
	assert_string_equal(f.text, "Sent: Sentinel: no");
	assert_int_equal(f.cause, CAUSE_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    setting_a_fault_returns_the_scope_it_was_given),
		cmocka_unit_test(
		    the_old_text_may_be_an_argument_of_the_new_one),
		cmocka_unit_test(context_stands_before_the_story),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(a_long_context_is_cut_as_well),
		cmocka_unit_test(errno_decides_the_cause_where_it_says_more),
		cmocka_unit_test(errno_is_told_in_words),
		cmocka_unit_test(a_name_stands_before_the_story_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
