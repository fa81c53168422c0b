#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "survey/sources.h"
#include "survey/walk/archive.h"
#include "survey/walk/estimate.h"
#include "tests/unit/survey_kit.h"

static void
operands_are_one_store_or_a_chain(void **state)
{
	static const struct {
		const char *operand[4];
		size_t archives;
		const char *refused; /* in the message; NULL: it is taken */
	} rows[] = {
		{ { "maildir:/m" }, 0, NULL },
		{ { "imaps://a@b" }, 0, NULL },
		{ { "a.tar.zst" }, 1, NULL },
		{ { "-" }, 1, NULL },
		{ { "b.tar.zst", "-", "a.tar.zst" }, 3, NULL },
		{ { NULL }, 0, "give one SOURCE" },
		{ { "maildir:/m", "maildir:/n" }, 0, "--target" },
		{ { "a.tar.zst", "maildir:/m" }, 0, "--target" },
		{ { "maildir:/m", "a.tar.zst" }, 0, "--target" },
		{ { "-", "a.tar.zst", "-" }, 0, "standard input" },
		{ { "a.tar.zst", "maildir:" }, 0, "maildir:" },
	};
	struct sources s;
	struct fault f;
	size_t i;
	int n;
	enum rc rc;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (n = 0; n < 4 && rows[i].operand[n] != NULL; n++)
			continue;
		f = (struct fault)FAULT_INIT;
		rc = sources_parse(&s, n, (char **)(uintptr_t)rows[i].operand,
		    &f);
		if (rows[i].refused == NULL) {
			assert_int_equal(rc, RC_OK);
			assert_int_equal(s.n, n);
			assert_int_equal(s.archives, rows[i].archives);
		} else {
			assert_int_equal(rc, RC_STORE);
			assert_int_equal(f.cause, CAUSE_USAGE);
			assert_non_null(strstr(f.text, rows[i].refused));
		}
		sources_release(&s);
	}
}

/* Its reading is measured, and tells of no backup and of no target. */
static void
of_an_archive_the_restore_alone_is_estimated(void **state)
{
	struct survey s;

	(void)state;
	kit_survey(&s, true);
	(void)kit_box(&s, "INBOX", 10);
	s.source.kind = SIDE_ARCHIVE;
	s.depth = DEPTH_ALL;
	s.read[s.reads++] = (struct pass){ 1, 10, 10000, 1000000 };
	estimate(&s);
	assert_int_equal(s.outlook[TASK_BACKUP].n, 0);
	assert_int_equal(s.outlook[TASK_AUDIT].n, 0);
	assert_int_equal(s.outlook[TASK_RESTORE].n, ESTIMATES_MAX);
	assert_true(s.outlook[TASK_RESTORE].guessed);
	assert_non_null(strstr(s.outlook[TASK_BACKUP].basis, "already"));
	survey_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operands_are_one_store_or_a_chain),
		cmocka_unit_test(of_an_archive_the_restore_alone_is_estimated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
