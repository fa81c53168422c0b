#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/msg.h"

static void
messages_are_sorted_by_uid(void **state)
{
	static const uint32_t uids[] = { 7, UINT32_MAX, 1, 3000000000, 2 };
	struct msg m = { .keywords = "" };
	struct msgs l = MSGS_INIT;
	size_t i;

	(void)state;
	msgs_sort(&l);
	for (i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		m.uid = uids[i];
		m.size = uids[i];
		msgs_add(&l, &m);
	}
	msgs_sort(&l);
	assert_int_equal(l.n, 5);
	for (i = 1; i < l.n; i++)
		assert_true(l.v[i - 1].uid < l.v[i].uid);
	assert_int_equal(l.v[4].size, UINT32_MAX);
	msgs_clear(&l);
	assert_int_equal(l.n, 0);
	msgs_add(&l, &m);
	assert_int_equal(l.v[0].uid, 2);
	msgs_release(&l);
	assert_null(l.v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_sorted_by_uid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
