#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "restore/journal.h"

static char dir[64], path[96];

static int
begin(void **state)
{
	(void)state;
	memcpy(dir, "/tmp/journalXXXXXX", 19);
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/a/b.journal", dir);
	return 0;
}

static int
end(void **state)
{
	char sub[80];

	(void)state;
	(void)unlink(path);
	(void)snprintf(sub, sizeof(sub), "%s/a", dir);
	(void)rmdir(sub);
	return rmdir(dir);
}

static struct journal *
open_it(bool read_only)
{
	struct fault f = FAULT_INIT;
	struct journal *j = NULL;

	assert_int_equal(
	    journal_open(path, "id", "maildir:/x", read_only, &j, &f), RC_OK);
	return j;
}

static void
write_one(struct journal *j, uint32_t uid)
{
	static const struct fingerprint fp = { { 1, 2, 3 } };
	static const unsigned char canon[16] = { 4, 5, 6 };
	struct journal_line l = { "A\tB", 7, uid, "C", 8, 100 + uid, &fp,
		canon };
	struct fault f = FAULT_INIT;

	assert_int_equal(journal_done(j, &l, &f), RC_OK);
	assert_int_equal(journal_repair(j, &l, "keyword x dropped", &f), RC_OK);
	assert_int_equal(journal_sync(j, &f), RC_OK);
}

static void
a_later_run_finds_what_an_earlier_one_did(void **state)
{
	const struct journal_entry *e;
	struct journal *j = open_it(false);

	(void)state;
	assert_null(journal_find(j, "A\tB", 7, 1));
	write_one(j, 1);
	write_one(j, 2);
	journal_free(j);
	j = open_it(false);
	assert_int_equal(journal_count(j), 2);
	e = journal_find(j, "A\tB", 7, 2);
	assert_non_null(e);
	assert_int_equal(e->to_uid, 102);
	assert_int_equal(e->to_uidvalidity, 8);
	assert_string_equal(journal_folder(j, e->to_folder), "C");
	assert_int_equal(e->fp.b[1], 2);
	assert_int_equal(e->canon[2], 6);
	assert_null(journal_find(j, "A\tB", 8, 2));
	assert_null(journal_find(j, "C", 7, 2));
	journal_free(j);
}

static void
a_line_that_a_crash_cut_is_dropped(void **state)
{
	struct journal *j = open_it(false);
	FILE *f;

	(void)state;
	write_one(j, 1);
	journal_free(j);
	f = fopen(path, "a");
	assert_non_null(f);
	(void)fputs("d\tA\t1\t", f);
	(void)fclose(f);
	j = open_it(false);
	assert_int_equal(journal_count(j), 1);
	write_one(j, 2);
	journal_free(j);
	j = open_it(false);
	assert_int_equal(journal_count(j), 2);
	journal_free(j);
}

static void
two_runs_at_once_are_refused(void **state)
{
	struct journal *j = open_it(false), *second = NULL;
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(journal_open(path, "id", "maildir:/x", false, &second,
			     &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_TEMPORARY);
	journal_free(j);
}

static void
another_archives_journal_is_refused(void **state)
{
	struct journal *j = open_it(false), *second = NULL;
	struct fault f = FAULT_INIT;

	(void)state;
	journal_free(j);
	assert_int_equal(journal_open(path, "other", "maildir:/x", false,
			     &second, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
}

static void
a_dry_run_leaves_no_journal(void **state)
{
	struct journal *j = open_it(true);

	(void)state;
	write_one(j, 1);
	journal_free(j);
	assert_int_equal(access(path, F_OK), -1);
}

static void
what_the_mailbox_has_no_more_stays_doubted(void **state)
{
	struct journal *j = open_it(false);

	(void)state;
	write_one(j, 1);
	write_one(j, 1); /* found again elsewhere */
	write_one(j, 2);
	journal_free(j);
	j = open_it(false);
	assert_false(journal_at(j, 0)->doubted);
	journal_doubt(j, "A\tB", 7, 1);
	journal_doubt(j, "A\tB", 8, 9);
	journal_doubt(j, "C", 7, 9);
	assert_false(journal_at(j, 0)->doubted);
	journal_doubt(j, "A\tB", 7, 2);
	assert_true(journal_at(j, 0)->doubted);
	assert_false(journal_at(j, 2)->doubted);
	journal_doubt(j, NULL, 0, 0);
	journal_vouch(j, "A\tB", 7, 1);
	journal_vouch(j, "A\tB", 8, 2);
	journal_vouch(j, "C", 7, 2);
	assert_false(journal_at(j, 0)->doubted);
	assert_false(journal_at(j, 1)->doubted);
	assert_true(journal_at(j, 2)->doubted);
	/* It is known all the same. */
	assert_non_null(journal_find(j, "A\tB", 7, 2));
	journal_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
		T(a_later_run_finds_what_an_earlier_one_did),
		T(a_line_that_a_crash_cut_is_dropped),
		T(two_runs_at_once_are_refused),
		T(another_archives_journal_is_refused),
		T(a_dry_run_leaves_no_journal),
		T(what_the_mailbox_has_no_more_stays_doubted),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
