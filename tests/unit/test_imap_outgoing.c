#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/flags.h"
#include "stores/imap/outgoing.h"

struct fixture {
	struct folder_state allowed;
	struct msg msg;
	struct append_item item;
};

static void
fixture_init(struct fixture *x, unsigned flags, const char *keywords)
{
	memset(x, 0, sizeof(*x));
	folder_state_init(&x->allowed);
	x->allowed.permanent_flags = FLAG_ALL & ~(unsigned)FLAG_DELETED;
	x->msg.flags = flags;
	x->msg.keywords = keywords;
	x->item.msg = &x->msg;
}

static void
assert_described(struct fixture *x, enum outgoing_drop drop, const char *wanted,
    const char *reason)
{
	struct buf b = BUF_INIT;

	outgoing_describe(&b, &x->item, &x->allowed, drop);
	assert_string_equal(buf_str(&b), wanted);
	assert_string_equal(x->item.reason, reason);
	assert_int_equal(x->item.repaired, reason[0] != '\0');
	buf_release(&b);
}

static void
flags_and_date_go_with_the_message(void **state)
{
	struct fixture x;

	(void)state;
	fixture_init(&x, FLAG_SEEN | FLAG_DRAFT, "");
	x.msg.date = (struct mdate){ 1580548272, 60, true };
	assert_described(&x, OUTGOING_ALL,
	    " (\\Seen \\Draft) \" 1-Feb-2020 10:11:12 +0100\"", "");
	x.msg.flags = 0;
	x.msg.date.known = false;
	assert_described(&x, OUTGOING_ALL, "", "");
	folder_state_release(&x.allowed);
}

static void
what_the_folder_does_not_keep_is_left_out_and_told(void **state)
{
	struct fixture x;

	(void)state;
	fixture_init(&x, FLAG_SEEN | FLAG_DELETED, "$Work Zap");
	strs_add(&x.allowed.permanent_keywords, "$work");
	assert_described(&x, OUTGOING_ALL, " (\\Seen $Work)",
	    "\\Deleted not taken, keyword Zap not taken");
	x.allowed.permanent_any = true;
	assert_described(&x, OUTGOING_ALL, " (\\Seen $Work Zap)",
	    "\\Deleted not taken");
	folder_state_release(&x.allowed);
}

static void
a_keyword_cannot_break_out_of_the_list(void **state)
{
	static const char *const bad[] = { "a)", "a(", "{3}", "a\"", "%", "*",
		"a]", "a\\", "\x01", "gr\xc3\xbcn", "\\", "\\Recent" };
	struct fixture x;
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fixture_init(&x, FLAG_SEEN, bad[i]);
		x.allowed.permanent_any = true;
		buf_clear(&b);
		outgoing_describe(&b, &x.item, &x.allowed, OUTGOING_ALL);
		assert_string_equal(buf_str(&b), " (\\Seen)");
		assert_true(x.item.repaired);
		folder_state_release(&x.allowed);
	}
	buf_release(&b);
}

static void
a_second_try_leaves_out_more(void **state)
{
	struct fixture x;

	(void)state;
	fixture_init(&x, FLAG_SEEN, "$Work");
	x.allowed.permanent_any = true;
	assert_described(&x, OUTGOING_NO_KEYWORDS, " (\\Seen)",
	    "keyword $Work not taken");
	assert_described(&x, OUTGOING_NO_FLAGS, "",
	    "\\Seen not taken, keyword $Work not taken");
	assert_true(
	    outgoing_would_drop(&x.item, &x.allowed, OUTGOING_NO_KEYWORDS));
	assert_true(
	    outgoing_would_drop(&x.item, &x.allowed, OUTGOING_NO_FLAGS));
	x.allowed.permanent_any = false;
	assert_false(
	    outgoing_would_drop(&x.item, &x.allowed, OUTGOING_NO_KEYWORDS));
	x.msg.flags = 0;
	assert_false(
	    outgoing_would_drop(&x.item, &x.allowed, OUTGOING_NO_FLAGS));
	folder_state_release(&x.allowed);
}

static void
a_long_list_of_what_was_dropped_is_cut(void **state)
{
	struct fixture x;
	struct buf keywords = BUF_INIT, b = BUF_INIT;
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		buf_addf(&keywords, "%skeyword%d", i > 0 ? " " : "", i);
	fixture_init(&x, 0, buf_str(&keywords));
	outgoing_describe(&b, &x.item, &x.allowed, OUTGOING_ALL);
	assert_true(x.item.repaired);
	assert_true(strlen(x.item.reason) < APPEND_REASON_MAX);
	folder_state_release(&x.allowed);
	buf_release(&keywords);
	buf_release(&b);
}

static void
a_literal_waits_where_it_must(void **state)
{
	static const struct {
		bool plus, minus;
		uint64_t size;
		bool waits;
	} cases[] = {
		{ false, false, 1, true },
		{ true, false, 5000, false },
		{ false, true, 4096, false },
		{ false, true, 4097, true },
		{ true, true, 4097, false },
	};
	struct imap_caps caps = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		caps.literal_plus = cases[i].plus;
		caps.literal_minus = cases[i].minus;
		assert_int_equal(outgoing_waits(&caps, cases[i].size),
		    cases[i].waits);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_and_date_go_with_the_message),
		cmocka_unit_test(
		    what_the_folder_does_not_keep_is_left_out_and_told),
		cmocka_unit_test(a_keyword_cannot_break_out_of_the_list),
		cmocka_unit_test(a_second_try_leaves_out_more),
		cmocka_unit_test(a_long_list_of_what_was_dropped_is_cut),
		cmocka_unit_test(a_literal_waits_where_it_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
