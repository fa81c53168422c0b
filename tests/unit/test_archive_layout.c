#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/flags.h"
#include "stores/archive/layout.h"
#include "stores/archive/ledger.h"
#include "util/mem.h"

static const struct record RECORD = {
	.hash = { { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef } },
	.epoch = 1500000000,
	.size = 10,
	.wire = 12,
	.virtual_size = 12,
	.keywords = "b d",
	.folder = 0,
	.uid = 42,
	.flags = FLAG_SEEN | FLAG_FLAGGED,
	.bits = RECORD_DATED,
};

static void
a_message_lies_where_dovecot_looks(void **state)
{
	struct strs words = STRS_INIT;
	struct buf b = BUF_INIT;
	size_t letters;

	(void)state;
	strs_add(&words, "a");
	strs_add(&words, "d");
	layout_path(&b, "maildir/.A", 7, &RECORD);
	assert_true(layout_letters(&b, &RECORD, &words));
	assert_string_equal(buf_str(&b),
	    "maildir/.A/cur/1500000000.U42V7."
	    "0123456789abcdef.mailproof,S=10,W=12:2,FSbc");
	assert_int_equal(words.n, 3);
	assert_true(
	    layout_path_fits(buf_str(&b), "maildir/.A", 7, &RECORD, &letters));
	assert_int_equal(letters, 2);
	strs_release(&words);
	buf_release(&b);
}

static void
a_path_that_does_not_fit_its_line_is_seen(void **state)
{
	static const char *const path[] = {
		"",
		"maildir/.A/cur/",
		"maildir/.B/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=12:2,FS",
		"maildir/.A/cur/1500000001.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=12:2,FS",
		"maildir/.A/cur/1500000000.U43V7.0123456789abcdef.mailproof,"
		"S=10,W=12:2,FS",
		"maildir/.A/cur/1500000000.U42V8.0123456789abcdef.mailproof,"
		"S=10,W=12:2,FS",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdee.mailproof,"
		"S=10,W=12:2,FS",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=11,W=12:2,FS",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=13:2,FS",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=9:2,FS",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=12:2,F",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=12:2,FSba",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=12:2,FSaa",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=12:2,FSA",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=12:3,FS",
		"maildir/.A/cur/1500000000.U42V7.0123456789abcdef.mailproof,"
		"S=10,W=:2,FS",
	};
	size_t i, letters;

	(void)state;
	for (i = 0; i < sizeof(path) / sizeof(path[0]); i++)
		if (layout_path_fits(path[i], "maildir/.A", 7, &RECORD,
			&letters))
			fail_msg("%s", path[i]);
}

static void
a_path_tells_what_it_was_made_of(void **state)
{
	static const char *const bad[] = {
		"maildir/.A/new/1.U1V7.0101010101010101.mailproof,S=1,W=1:2,",
		"other/.A/cur/1.U1V7.0101010101010101.mailproof,S=1,W=1:2,",
		"maildir/.A/cur/-1.U1V7.0101010101010101.mailproof,S=1,W=1:2,",
		"maildir/.A/cur/1.U1V7.010101010101010.mailproof,S=1,W=1:2,",
		"maildir/.A/cur/1.U1V7.01010101",
		("maildir/.A/cur/1.U4294967296V7.0101010101010101.mailproof,"
		 "S=1,W=1:2,"),
		"maildir/.A/cur/1.U1V7.0101010101010101.mailproof,S=1,W=1",
		"maildir/.A/cur/",
		"",
	};
	struct buf b = BUF_INIT;
	struct layout_name name;
	size_t i;

	(void)state;
	layout_path(&b, "maildir/.A", 7, &RECORD);
	buf_adds(&b, "FSa");
	assert_true(layout_parse(buf_str(&b), &name));
	assert_int_equal(name.dir, strlen("maildir/.A"));
	assert_int_equal(name.uid, RECORD.uid);
	assert_int_equal(name.uidvalidity, 7);
	assert_int_equal(name.size, RECORD.size);
	assert_int_equal(name.epoch, layout_time(&RECORD));
	assert_memory_equal(name.hash, RECORD.hash.b, sizeof(name.hash));
	assert_int_equal(name.flags, FLAG_FLAGGED | FLAG_SEEN);
	buf_release(&b);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (layout_parse(bad[i], &name))
			fail_msg("%s", bad[i]);
}

static void
times_are_brought_into_what_a_tar_holds(void **state)
{
	struct record r = RECORD;

	(void)state;
	r.epoch = -1;
	assert_int_equal(layout_time(&r), 0);
	r.epoch = INT64_MAX;
	assert_int_equal(layout_time(&r), 2147483646);
	r.epoch = 5;
	assert_int_equal(layout_time(&r), 5);
	r.bits = 0;
	assert_int_equal(layout_time(&r), 0);
}

static void
directories_and_subscriptions_are_maildir_plus_plus(void **state)
{
	static const struct {
		const char *name, *dir, *line;
	} t[] = {
		{ "INBOX", "maildir", "INBOX\n" },
		{ "A/B c", "maildir/.A.B c", "A.B c\n" },
		{ "\303\274", "maildir/.&APw-", "&APw-\n" },
	};
	struct buf b = BUF_INIT;
	char *dir;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		dir = layout_dir(t[i].name);
		assert_string_equal(dir, t[i].dir);
		buf_clear(&b);
		layout_subscription(&b, dir);
		assert_string_equal(buf_str(&b), t[i].line);
		free(dir);
	}
	buf_release(&b);
}

static bool
has_uid(const void *want, const struct record *have)
{
	return *(const uint32_t *)want == have->uid;
}

static void
a_ledger_finds_and_sorts_more_than_memory_holds(void **state)
{
	enum { N = 200000 };
	struct ledger *l = ledger_new();
	struct record r = RECORD;
	struct fault f = FAULT_INIT;
	uint64_t key;
	uint32_t i, uid;

	(void)state;
	for (i = 0; i < N; i++) {
		r.uid = (uint32_t)((uint64_t)i * 7919 % N);
		r.folder = r.uid % 3;
		r.bits = i == 5 ? RECORD_FILE : 0;
		key = r.uid;
		assert_int_equal(ledger_add(l, &r, &key, &f), RC_OK);
	}
	uid = 12345;
	assert_int_equal(ledger_find(l, uid, has_uid, &uid, &r, &f), RC_OK);
	assert_int_equal(r.uid, uid);
	assert_int_equal(ledger_find(l, N, has_uid, &uid, &r, &f), RC_END);
	assert_int_equal(ledger_sort(l, &r, &f), RC_OK);
	for (i = 0; i < N - 1; i++) {
		const struct record before = r;

		assert_int_equal(ledger_sorted(l, i, &r, &f), RC_OK);
		if (i > 0 &&
		    (r.folder < before.folder ||
			(r.folder == before.folder && r.uid <= before.uid)))
			fail_msg("%u is out of order", i);
	}
	assert_int_equal(ledger_sorted(l, i, &r, &f), RC_END);
	r.folder = 1;
	r.uid = 1;
	r.bits = 0;
	assert_int_equal(ledger_add(l, &r, NULL, &f), RC_OK);
	assert_int_equal(ledger_sort(l, &r, &f), RC_END);
	assert_int_equal(r.uid, 1);
	ledger_free(l);
}

struct counted {
	const struct record *want;
	unsigned *looks;
};

static bool
counts_and_is_same(const void *arg, const struct record *have)
{
	const struct counted *c = arg;

	++*c->looks;
	return record_is_same(c->want, have);
}

/* A client that saved one draft again and again, or a test of a line. */
static void
copies_from_many_times_do_not_share_a_chain(void **state)
{
	enum { N = 20000 };
	struct ledger *l = ledger_new();
	struct record r = RECORD, twin;
	unsigned looks = 0;
	const struct counted c = { &r, &looks };
	struct fault f = FAULT_INIT;
	uint64_t key;
	uint32_t i;

	(void)state;
	for (i = 0; i < 2 * N; i++) {
		r.epoch = (int64_t)(i / 2) - 100;
		r.bits = i / 2 == 7 ? 0 : RECORD_DATED;
		key = record_key(&r);
		if (i % 2 == 1) {
			assert_int_equal(ledger_find(l, key, counts_and_is_same,
					     &c, &twin, &f),
			    RC_OK);
			assert_true(twin.epoch == r.epoch);
			assert_int_equal(twin.bits, r.bits);
			continue;
		}
		assert_int_equal(ledger_find(l, key, counts_and_is_same, &c,
				     &twin, &f),
		    RC_END);
		assert_int_equal(ledger_add(l, &r, &key, &f), RC_OK);
	}
	assert_true(looks < 2 * N);
	ledger_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_lies_where_dovecot_looks),
		cmocka_unit_test(a_path_that_does_not_fit_its_line_is_seen),
		cmocka_unit_test(a_path_tells_what_it_was_made_of),
		cmocka_unit_test(times_are_brought_into_what_a_tar_holds),
		cmocka_unit_test(
		    directories_and_subscriptions_are_maildir_plus_plus),
		cmocka_unit_test(
		    a_ledger_finds_and_sorts_more_than_memory_holds),
		cmocka_unit_test(copies_from_many_times_do_not_share_a_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
