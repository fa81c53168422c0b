#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "restore/stood.h"

static const struct row {
	unsigned now;
	unsigned then;
	unsigned can; /* be kept */
	bool same;
	const char *words;
	const char *wanted;
	const char *keep; /* NULL: any keyword; else the one */
} rows[] = {
	{ 0, 0, FLAG_ALL, true, "", "", NULL },
	{ FLAG_SEEN, FLAG_SEEN, FLAG_ALL, true, "", "", NULL },
	{ FLAG_SEEN, 0, FLAG_ALL, false, "", "", NULL },
	{ 0, FLAG_SEEN, FLAG_ALL, false, "", "", NULL },
	{ 0, FLAG_SEEN, FLAG_ALL & ~FLAG_SEEN, true, "", "", NULL },
	{ FLAG_SEEN, 0, FLAG_ALL & ~FLAG_SEEN, true, "", "", NULL },
	{ 0, 0, FLAG_ALL, true, "a b", "a b", NULL },
	{ 0, 0, FLAG_ALL, true, "$Forwarded a", "$forwarded a", NULL },
	{ 0, 0, FLAG_ALL, true, "B a", "a b", NULL },
	{ 0, 0, FLAG_ALL, false, "a", "a b", NULL },
	{ 0, 0, FLAG_ALL, false, "a b", "a", NULL },
	{ 0, 0, FLAG_ALL, true, "", "a", "b" },
	{ 0, 0, FLAG_ALL, false, "", "b", "b" },
	/* What is there and was not can always go. */
	{ 0, 0, FLAG_ALL, false, "c", "", "b" },
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
		then = (struct stood){ .uid = 1,
			.flags = rows[i].then,
			.keywords = rows[i].wanted };
		if (stood_is(&now, &then, &keeps) != rows[i].same)
			fail_msg("row %zu", i);
		folder_state_release(&keeps);
	}
}

static void
where_nothing_is_known_all_can_be_kept(void **state)
{
	const struct msg now = { .uid = 1, .keywords = "" };
	const struct stood then = { .uid = 1,
		.flags = FLAG_SEEN,
		.keywords = "" };

	(void)state;
	assert_false(stood_is(&now, &then, NULL));
}

static void
a_message_is_found_by_its_uid(void **state)
{
	static const uint32_t uid[] = { 9, 3, 4000000000, 1, 7 };
	static const struct fingerprint fp = { { 1 } };
	struct stoods s = { .n = 0 };
	struct msg m = { .keywords = "" };
	size_t i;

	(void)state;
	assert_null(stood_find(&s, 1));
	for (i = 0; i < 5; i++) {
		m.flags = (unsigned)i;
		stood_add(&s, uid[i], &m, &fp);
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
