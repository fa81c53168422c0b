#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/folder.h"
#include "util/mem.h"

static void
inbox_comes_first_and_then_the_bytes_of_the_name(void **state)
{
	static const char *const given[] = { "a/b", "INBOX/x", "B", "INBOX",
		"a" };
	static const char *const want[] = { "INBOX", "B", "INBOX/x", "a",
		"a/b" };
	struct folders l = FOLDERS_INIT;
	size_t i;

	(void)state;
	folders_sort(&l);
	for (i = 0; i < 5; i++)
		folders_add(&l)->name = xstrdup(given[i]);
	folders_sort(&l);
	for (i = 0; i < 5; i++)
		assert_string_equal(l.v[i].name, want[i]);
	folders_release(&l);
	assert_int_equal(l.n, 0);
}

static void
folders_are_found_by_their_canonical_name(void **state)
{
	struct folders l = FOLDERS_INIT;

	(void)state;
	assert_null(folders_find(&l, "a"));
	folders_add(&l)->name = xstrdup("a");
	folders_add(&l)->name = xstrdup("b");
	assert_ptr_equal(folders_find(&l, "b"), &l.v[1]);
	assert_null(folders_find(&l, "c"));
	folders_release(&l);
}

static void
a_copy_owns_its_strings(void **state)
{
	struct folder a = { .wire = NULL }, b;

	(void)state;
	a.wire = xstrdup("INBOX.a");
	a.name = xstrdup("a");
	a.sep = '.';
	a.uidvalidity = 7;
	folder_copy(&b, &a);
	folder_release(&a);
	assert_null(a.name);
	assert_string_equal(b.wire, "INBOX.a");
	assert_string_equal(b.name, "a");
	assert_null(b.special);
	assert_int_equal(b.uidvalidity, 7);
	folder_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    inbox_comes_first_and_then_the_bytes_of_the_name),
		cmocka_unit_test(folders_are_found_by_their_canonical_name),
		cmocka_unit_test(a_copy_owns_its_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
