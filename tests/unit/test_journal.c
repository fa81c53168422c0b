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

static const struct journal_about about = { "imap://a@x", "maildir:/x", "id" };

static struct journal *
open_it(bool read_only)
{
	struct fault f = FAULT_INIT;
	struct journal *j = NULL;

	assert_int_equal(journal_open(path, &about, read_only, &j, &f), RC_OK);
	return j;
}

/* A message of this content, one octet of it. */
static struct journal_line
line_of(uint32_t uidvalidity, uint32_t uid, unsigned char content)
{
	static const struct fingerprint fp = { { 1, 2, 3 } };
	static unsigned char canon[256][16];

	canon[content][2] = content;
	return (struct journal_line){ "A\tB", uidvalidity, uid, "C", 8,
		100 + uid, &fp, canon[content] };
}

static void
write_one(struct journal *j, uint32_t uid)
{
	struct journal_line l = line_of(7, uid, (unsigned char)uid);
	struct fault f = FAULT_INIT;

	assert_int_equal(journal_done(j, &l, &f), RC_OK);
	assert_int_equal(journal_repair(j, &l, "keyword x dropped", &f), RC_OK);
	assert_int_equal(journal_sync(j, &f), RC_OK);
}

/* The UID at the target of the entry that stands for it; 0: none does. */
static uint32_t
take(struct journal *j, struct journal_line l)
{
	const struct journal_entry *e = NULL;
	struct fault f = FAULT_INIT;

	assert_int_equal(journal_take(j, &l, &e, &f), RC_OK);
	return e == NULL ? 0 : e->to_uid;
}

static void
a_later_run_finds_what_an_earlier_one_did(void **state)
{
	const struct journal_entry *e;
	struct journal_line l;
	struct journal *j = open_it(false);

	(void)state;
	assert_int_equal(take(j, line_of(7, 1, 1)), 0);
	write_one(j, 1);
	write_one(j, 2);
	journal_free(j);
	j = open_it(false);
	assert_int_equal(journal_count(j), 2);
	e = journal_at(j, 1);
	assert_int_equal(e->to_uid, 102);
	assert_int_equal(e->to_uidvalidity, 8);
	assert_string_equal(journal_folder(j, e->to_folder), "C");
	assert_int_equal(e->fp.b[1], 2);
	assert_int_equal(e->canon[2], 2);
	assert_int_equal(take(j, line_of(7, 2, 2)), 102);
	/* another folder, there or here, is another story */
	l = line_of(7, 1, 1);
	l.folder = "C";
	assert_int_equal(take(j, l), 0);
	l = line_of(7, 1, 1);
	l.to_uidvalidity = 9;
	assert_int_equal(take(j, l), 0);
	assert_int_equal(take(j, line_of(7, 1, 1)), 101);
	journal_free(j);
}

static void
an_entry_stands_for_one_message(void **state)
{
	struct journal *j = open_it(false);

	(void)state;
	write_one(j, 1);
	journal_free(j);
	j = open_it(false);
	assert_int_equal(take(j, line_of(7, 1, 1)), 101);
	assert_int_equal(take(j, line_of(7, 1, 1)), 0);
	assert_int_equal(take(j, line_of(7, 5, 1)), 0);
	journal_free(j);
}

static void
a_message_under_another_uid_is_known_by_its_content(void **state)
{
	struct journal *j = open_it(false);

	(void)state;
	write_one(j, 1);
	write_one(j, 2);
	journal_free(j);
	/* the first was expunged, and UIDs count anew */
	j = open_it(false);
	assert_int_equal(take(j, line_of(9, 1, 2)), 102);
	assert_int_equal(take(j, line_of(9, 2, 3)), 0);
	journal_free(j);
	/* which is remembered, and makes no second entry of it */
	j = open_it(false);
	assert_int_equal(journal_count(j), 2);
	assert_int_equal(take(j, line_of(9, 1, 2)), 102);
	assert_int_equal(take(j, line_of(9, 7, 2)), 0);
	journal_free(j);
}

static void
a_uid_with_another_content_is_another_message(void **state)
{
	struct journal *j = open_it(false);

	(void)state;
	write_one(j, 1);
	journal_free(j);
	j = open_it(false);
	assert_int_equal(take(j, line_of(7, 1, 2)), 0);
	assert_int_equal(take(j, line_of(7, 1, 1)), 101);
	journal_free(j);
}

static void
what_is_told_again_takes_the_place(void **state)
{
	struct journal_line l = line_of(7, 1, 1);
	struct journal *j = open_it(false);
	struct fault f = FAULT_INIT;

	(void)state;
	write_one(j, 1);
	l.to_uid = 300;
	assert_int_equal(journal_done(j, &l, &f), RC_OK);
	journal_free(j);
	j = open_it(false);
	assert_int_equal(journal_count(j), 1);
	assert_int_equal(take(j, line_of(7, 1, 1)), 300);
	journal_free(j);
}

static void
put_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

#define FORMER_LINES                                                    \
	"d\tA%09B\t7\t1\tC\t8\t101\t01020300000000000000000000000000\t" \
	"00000100000000000000000000000000\n"

static void
one_kept_for_this_archive_goes_on(void **state)
{
	struct journal *j = open_it(false);

	(void)state;
	journal_free(j);
	put_file(path, "#mailproof\t1\tjournal\tid\tmaildir:/x\n" FORMER_LINES);
	j = open_it(false);
	assert_int_equal(take(j, line_of(7, 1, 1)), 101);
	write_one(j, 2);
	journal_free(j);
	/* now it is the account's: another archive's id does not matter */
	j = NULL;
	assert_int_equal(journal_open(path,
			     &(struct journal_about){ about.account,
				 about.target, "other" },
			     false, &j, &(struct fault)FAULT_INIT),
	    RC_OK);
	assert_int_equal(journal_count(j), 2);
	journal_free(j);
}

static void
one_kept_for_another_archive_is_refused(void **state)
{
	struct journal *j = open_it(false);
	struct fault f = FAULT_INIT;

	(void)state;
	journal_free(j);
	put_file(path, "#mailproof\t1\tjournal\tno\tmaildir:/x\n" FORMER_LINES);
	assert_int_equal(journal_open(path, &about, false, &j, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
}

static void
an_archives_own_is_taken_over(void **state)
{
	struct journal *j = open_it(false);
	struct fault f = FAULT_INIT;
	char former[96];

	(void)state;
	write_one(j, 2);
	(void)snprintf(former, sizeof(former), "%s/former", dir);
	put_file(former,
	    "#mailproof\t1\tjournal\tid\tmaildir:/x\n" FORMER_LINES "d\tcut");
	assert_int_equal(journal_adopt(j, former, &about, &f), RC_OK);
	assert_int_equal(access(former, F_OK), -1);
	assert_int_equal(journal_adopt(j, former, &about, &f), RC_OK);
	assert_int_equal(take(j, line_of(7, 1, 1)), 101);
	journal_free(j);
	j = open_it(false);
	assert_int_equal(journal_count(j), 2);
	assert_int_equal(take(j, line_of(7, 1, 1)), 101);
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
	assert_int_equal(journal_open(path, &about, false, &second, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_TEMPORARY);
	journal_free(j);
}

static void
another_accounts_or_targets_is_refused(void **state)
{
	static const struct journal_about others[] = {
		{ "imap://b@x", "maildir:/x", "id" },
		{ "imap://a@x", "maildir:/y", "id" },
	};
	struct journal *j = open_it(false), *second = NULL;
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	journal_free(j);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(journal_open(path, &others[i], false, &second,
				     &f),
		    RC_STORE);
		assert_int_equal(f.cause, CAUSE_CONFIG);
	}
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
	assert_false(journal_at(j, 1)->doubted);
	journal_doubt(j, NULL, 0, 0);
	journal_vouch(j, "A\tB", 7, 1);
	journal_vouch(j, "A\tB", 8, 2);
	journal_vouch(j, "C", 7, 2);
	assert_false(journal_at(j, 0)->doubted);
	assert_true(journal_at(j, 1)->doubted);
	/* It is known all the same. */
	assert_int_equal(take(j, line_of(7, 2, 2)), 102);
	journal_free(j);
}

static void
what_was_read_back_as_gone_was_never_brought(void **state)
{
	struct journal_line l = line_of(7, 1, 1);
	struct fault f = FAULT_INIT;
	struct journal *j;
	int gone;

	(void)state;
	for (gone = 0; gone < 2; gone++) {
		j = open_it(false);
		write_one(j, 1);
		assert_int_equal(journal_unproved(j, &l, gone, &f), RC_OK);
		journal_free(j);
		j = open_it(false);
		assert_int_equal(journal_has(j, "A\tB", 7, 1), !gone);
		assert_int_equal(take(j, l), gone ? 0 : 101);
		journal_free(j);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
		T(a_later_run_finds_what_an_earlier_one_did),
		T(a_line_that_a_crash_cut_is_dropped),
		T(two_runs_at_once_are_refused),
		T(another_accounts_or_targets_is_refused),
		T(an_entry_stands_for_one_message),
		T(a_message_under_another_uid_is_known_by_its_content),
		T(a_uid_with_another_content_is_another_message),
		T(what_is_told_again_takes_the_place),
		T(one_kept_for_this_archive_goes_on),
		T(one_kept_for_another_archive_is_refused),
		T(an_archives_own_is_taken_over),
		T(a_dry_run_leaves_no_journal),
		T(what_the_mailbox_has_no_more_stays_doubted),
		T(what_was_read_back_as_gone_was_never_brought),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
