#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/uidset.h"

static void
assert_set(const struct uidset *s, const char *wanted)
{
	struct buf b = BUF_INIT;

	uidset_format(s, &b);
	assert_string_equal(buf_str(&b), wanted);
	buf_release(&b);
}

static void
neighbours_join_to_runs(void **state)
{
	static const struct {
		uint32_t uid;
		const char *wanted;
	} steps[] = { { 5, "5" }, { 6, "5:6" }, { 9, "5:6,9" },
		{ 1, "1,5:6,9" }, { 8, "1,5:6,8:9" }, { 7, "1,5:9" },
		{ 2, "1:2,5:9" }, { 4, "1:2,4:9" }, { 3, "1:9" },
		{ UINT32_MAX, "1:9,4294967295" },
		{ UINT32_MAX - 1, "1:9,4294967294:4294967295" } };
	struct uidset s = UIDSET_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_false(uidset_has(&s, steps[i].uid));
		assert_true(uidset_add(&s, steps[i].uid));
		assert_false(uidset_add(&s, steps[i].uid));
		assert_true(uidset_has(&s, steps[i].uid));
		assert_set(&s, steps[i].wanted);
		assert_true(s.count == i + 1);
	}
	uidset_clear(&s);
	assert_set(&s, "");
	assert_true(uidset_add(&s, 3));
	uidset_release(&s);
}

static void
any_order_gives_the_same_set(void **state)
{
	struct uidset s = UIDSET_INIT;
	uint32_t i, uid;

	(void)state;
	for (i = 0; i < 4096; i++) {
		uid = i * 2731 % 4096; /* each once */
		assert_true(uidset_add(&s, uid + 1));
	}
	assert_set(&s, "1:4096");
	assert_true(s.count == 4096);
	uidset_release(&s);
}

static void
appenduid_tells_each_message_its_uid(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		uint32_t uid[4];
	} cases[] = {
		{ "[APPENDUID 38505 3955] done", 1, { 3955 } },
		{ "[APPENDUID 38505 3955:3957] done", 3, { 3955, 3956, 3957 } },
		{ "[APPENDUID 38505 1,5:6,9]", 4, { 1, 5, 6, 9 } },
		{ "[APPENDUID 38505 6:5]", 2, { 5, 6 } },
	};
	uint32_t uidvalidity, uid[4];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(uidset_appended(cases[i].text, &uidvalidity, uid,
		    cases[i].n));
		assert_int_equal(uidvalidity, 38505);
		assert_memory_equal(uid, cases[i].uid,
		    cases[i].n * sizeof(uid[0]));
	}
}

static void
appenduid_that_does_not_fit_tells_nothing(void **state)
{
	static const char *const cases[] = { "", "done", "[APPENDUID]",
		"[APPENDUID 1]", "[APPENDUID 1 ]", "[APPENDUID 1 2]",
		"[APPENDUID 1 2:4]", "[APPENDUID 1 2,3,4]", "[APPENDUID 1 2,",
		"[APPENDUID 1 2,3", "[APPENDUID 1 0:1]", "[APPENDUID 1 2:*]",
		"[APPENDUID 1 1:4294967295]", "[APPENDUID 1 2,3 4]" };
	uint32_t uidvalidity, uid[2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(uidset_appended(cases[i], &uidvalidity, uid, 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_join_to_runs),
		cmocka_unit_test(any_order_gives_the_same_set),
		cmocka_unit_test(appenduid_tells_each_message_its_uid),
		cmocka_unit_test(appenduid_that_does_not_fit_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
