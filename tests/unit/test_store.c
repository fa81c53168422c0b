#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "mail/store.h"

struct fake {
	struct store store;
	int freed;
};

static void
fake_free(struct store *s)
{
	struct fake *fake = (struct fake *)s;

	fake->freed++;
}

static void
a_store_is_freed_by_its_own_kind(void **state)
{
	static const struct store_ops ops = { .free = fake_free };
	struct fake fake = { { &ops }, 0 };

	(void)state;
	store_free(NULL);
	store_free(&fake.store);
	assert_int_equal(fake.freed, 1);
}

static void
a_folder_state_starts_and_ends_empty(void **state)
{
	struct folder_state s;

	(void)state;
	folder_state_init(&s);
	assert_int_equal(s.exists, 0);
	assert_false(s.status_known);
	strs_add(&s.permanent_keywords, "$Junk");
	s.exists = 3;
	folder_state_release(&s);
	assert_int_equal(s.exists, 0);
	assert_int_equal(s.permanent_keywords.n, 0);
	folder_state_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_is_freed_by_its_own_kind),
		cmocka_unit_test(a_folder_state_starts_and_ends_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
