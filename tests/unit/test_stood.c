#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "restore/stood.h"

static const struct row {
	unsigned now;
	const char *words;
	unsigned then;
	const char *wanted;
	unsigned can;     /* be kept */
	const char *keep; /* NULL: any keyword; else the one */
	bool same;
} rows[] = {
	{ 0, "", 0, "", FLAG_ALL, NULL, true },
	{ FLAG_SEEN, "", FLAG_SEEN, "", FLAG_ALL, NULL, true },
	{ FLAG_SEEN, "", 0, "", FLAG_ALL, NULL, false },
	{ 0, "", FLAG_SEEN, "", FLAG_ALL, NULL, false },
	{ 0, "", FLAG_SEEN, "", FLAG_ALL & ~FLAG_SEEN, NULL, true },
	{ FLAG_SEEN, "", 0, "", FLAG_ALL & ~FLAG_SEEN, NULL, true },
	{ 0, "a b", 0, "a b", FLAG_ALL, NULL, true },
	{ 0, "$Forwarded a", 0, "$forwarded a", FLAG_ALL, NULL, true },
	{ 0, "B a", 0, "a b", FLAG_ALL, NULL, true },
	{ 0, "a", 0, "a b", FLAG_ALL, NULL, false },
	{ 0, "a b", 0, "a", FLAG_ALL, NULL, false },
	{ 0, "", 0, "a", FLAG_ALL, "b", true },
	{ 0, "", 0, "b", FLAG_ALL, "b", false },
	/* What is there and was not can always go. */
	{ 0, "c", 0, "", FLAG_ALL, "b", false },
};

static void
flags_are_compared_as_far_as_they_can_be_kept(void **state)
{
	struct folder_state keeps;
	struct stood then;
	struct msg now = { .uid = 1 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		folder_state_init(&keeps);
		keeps.permanent_flags = rows[i].can;
		keeps.permanent_any = rows[i].keep == NULL;
		if (rows[i].keep != NULL)
			strs_add(&keeps.permanent_keywords, rows[i].keep);
		now.flags = rows[i].now;
		now.keywords = rows[i].words;
		then = (struct stood){ 1, rows[i].then, rows[i].wanted };
		if (stood_is(&now, &then, &keeps) != rows[i].same)
			fail_msg("row %zu", i);
		folder_state_release(&keeps);
	}
}

static void
where_nothing_is_known_all_can_be_kept(void **state)
{
	const struct msg now = { .uid = 1, .keywords = "" };
	const struct stood then = { 1, FLAG_SEEN, "" };

	(void)state;
	assert_false(stood_is(&now, &then, NULL));
}

static void
a_message_is_found_by_its_uid(void **state)
{
	static const uint32_t uid[] = { 9, 3, 4000000000, 1, 7 };
	struct stoods s = { .n = 0 };
	struct msg m = { .keywords = "" };
	size_t i;

	(void)state;
	assert_null(stood_find(&s, 1));
	for (i = 0; i < 5; i++) {
		m.flags = (unsigned)i;
		stood_add(&s, uid[i], &m);
		assert_int_equal(stood_find(&s, uid[i])->flags, i);
	}
	for (i = 0; i < 5; i++)
		assert_int_equal(stood_find(&s, uid[i])->flags, i);
	assert_null(stood_find(&s, 2));
	stood_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_are_compared_as_far_as_they_can_be_kept),
		cmocka_unit_test(where_nothing_is_known_all_can_be_kept),
		cmocka_unit_test(a_message_is_found_by_its_uid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
