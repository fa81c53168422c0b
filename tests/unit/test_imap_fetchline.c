#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/flags.h"
#include "stores/imap/fetchline.h"

static bool
parse(const char *text, struct buf *scratch, struct fetchline *r)
{
	return fetchline_parse(text, strlen(text), scratch, r);
}

static void
items_come_in_any_order(void **state)
{
	static const char *const lines[] = {
		"* 3 FETCH (UID 7 FLAGS (\\Seen $Work) INTERNALDATE "
		"\" 1-Feb-2020 10:11:12 +0100\" RFC822.SIZE 5000000000)",
		"* 3 fetch (RFC822.SIZE 5000000000 X-GM-LABELS (\\Inbox "
		"\"a b\") FLAGS (\\Recent $Work \\SEEN) MODSEQ (12) "
		"BODY[HEADER.FIELDS (TO)] {4}\r\nTo:)  INTERNALDATE "
		"\" 1-Feb-2020 10:11:12 +0100\" UID 7)",
	};
	struct fetchline r = FETCHLINE_INIT;
	struct buf scratch = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_true(parse(lines[i], &scratch, &r));
		assert_int_equal(r.seq, 3);
		assert_int_equal(r.has,
		    FETCHED_UID | FETCHED_FLAGS | FETCHED_DATE | FETCHED_SIZE);
		assert_int_equal(r.uid, 7);
		assert_int_equal(r.flags, FLAG_SEEN);
		assert_int_equal(r.keywords.n, 1);
		assert_string_equal(r.keywords.v[0], "$Work");
		assert_true(r.size == 5000000000);
		assert_true(r.date.known);
		assert_true(r.date.epoch == 1580548272);
		assert_int_equal(r.date.zone, 60);
	}
	fetchline_release(&r);
	buf_release(&scratch);
}

static void
a_date_that_is_none_is_unknown(void **state)
{
	static const char *const dates[] = { "NIL", "\"\"",
		"\"00-Jan-0000 00:00:00 +0000\"", "yesterday" };
	struct fetchline r = FETCHLINE_INIT;
	struct buf scratch = BUF_INIT, line = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		buf_clear(&line);
		buf_addf(&line, "* 1 FETCH (INTERNALDATE %s UID 2)", dates[i]);
		assert_true(parse(buf_str(&line), &scratch, &r));
		assert_int_equal(r.has, FETCHED_DATE | FETCHED_UID);
		assert_false(r.date.known);
	}
	fetchline_release(&r);
	buf_release(&line);
	buf_release(&scratch);
}

static void
a_header_stays_in_its_line(void **state)
{
	static const char line[] =
	    "* 1 FETCH (BODY[HEADER]<0> {9}\r\nA: (b)\r\n\n UID 2)";
	struct fetchline r = FETCHLINE_INIT;
	struct buf scratch = BUF_INIT;

	(void)state;
	assert_true(parse(line, &scratch, &r));
	assert_int_equal(r.has, FETCHED_HEADER | FETCHED_UID);
	assert_int_equal(r.header_len, 9);
	assert_memory_equal(r.header, "A: (b)\r\n\n", 9);
	assert_true(parse("* 1 FETCH (BODY[HEADER] NIL)", &scratch, &r));
	assert_int_equal(r.has, FETCHED_HEADER);
	assert_null(r.header);
	fetchline_release(&r);
	buf_release(&scratch);
}

static void
what_stands_before_a_broken_item_is_told(void **state)
{
	static const char *const lines[] = {
		"* 1 FETCH (UID 2 FLAGS (\\Seen",
		"* 1 FETCH (UID 2 FLAGS \\Seen)",
		"* 1 FETCH (UID 2 BODY[HEADER] {99}\r\nabc)",
		"* 1 FETCH (UID 2 (",
		"* 1 FETCH (UID 2 X",
		"* 1 FETCH (UID 2",
		"* 1 FETCH (UID 2 UID 0 RFC822.SIZE 4)",
	};
	struct fetchline r = FETCHLINE_INIT;
	struct buf scratch = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_true(parse(lines[i], &scratch, &r));
		assert_true((r.has & FETCHED_UID) != 0);
		assert_int_equal(r.has & (FETCHED_SIZE | FETCHED_HEADER), 0);
	}
	fetchline_release(&r);
	buf_release(&scratch);
}

static void
other_lines_are_no_fetch(void **state)
{
	static const char *const lines[] = { "", "* 1 EXISTS",
		"* FETCH (UID 2)", "1 FETCH (UID 2)", "* 1 FETCH UID 2",
		"* OK FETCH (UID 2)", "* 99999999999 FETCH (UID 2)" };
	struct fetchline r = FETCHLINE_INIT;
	struct buf scratch = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(parse(lines[i], &scratch, &r));
	fetchline_release(&r);
	buf_release(&scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_in_any_order),
		cmocka_unit_test(a_date_that_is_none_is_unknown),
		cmocka_unit_test(a_header_stays_in_its_line),
		cmocka_unit_test(what_stands_before_a_broken_item_is_told),
		cmocka_unit_test(other_lines_are_no_fetch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
