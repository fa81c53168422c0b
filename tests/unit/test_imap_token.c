#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/token.h"

static void
an_atom_ends_where_imap_ends_it(void **state)
{
	static const struct {
		const char *text;
		const char *atom;
	} cases[] = {
		{ "INBOX", "INBOX" },
		{ "  a b", "a" },
		{ "\\Seen)", "\\Seen" },
		{ "x(y", "x" },
		{ "x\"y", "x" },
		{ "BODY[HEADER]<0> {3}", "BODY[HEADER]<0>" },
		{ "gr\xc3\xbc\xc3\x9f e", "gr\xc3\xbc\xc3\x9f" },
	};
	struct tokens t;
	const char *p;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tokens_init(&t, cases[i].text, strlen(cases[i].text));
		assert_true(token_atom(&t, &p, &n));
		assert_int_equal(n, strlen(cases[i].atom));
		assert_memory_equal(p, cases[i].atom, n);
	}
	tokens_init(&t, " (", 2);
	assert_false(token_atom(&t, &p, &n));
	tokens_init(&t, "", 0);
	assert_false(token_atom(&t, &p, &n));
}

static void
a_word_is_whole_and_of_any_case(void **state)
{
	struct tokens t;

	(void)state;
	tokens_init(&t, " exists", 7);
	assert_true(token_word(&t, "EXISTS"));
	assert_true(token_end(&t));
	tokens_init(&t, "EXISTSX", 7);
	assert_false(token_word(&t, "EXISTS"));
	assert_true(token_word(&t, "EXISTSX"));
}

static void
a_string_has_three_forms(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
		bool nil;
	} cases[] = {
		{ "atom x", "atom", false },
		{ "\"with blank\" x", "with blank", false },
		{ "\"a \\\"b\\\\\" x", "a \"b\\", false },
		{ "\"\"", "", false },
		{ "{5}\r\na(b)c x", "a(b)c", false },
		{ "{0}\r\n x", "", false },
		{ "{2+}\r\nab", "ab", false },
		{ "~{2}\r\nab", "ab", false },
		{ "nil x", "", true },
		{ "\"NIL\"", "NIL", false },
	};
	struct buf scratch = BUF_INIT;
	struct tokens t;
	const char *p;
	size_t i, n;
	bool nil;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tokens_init(&t, cases[i].text, strlen(cases[i].text));
		assert_true(token_string(&t, &scratch, &p, &n, &nil));
		assert_int_equal(nil, cases[i].nil);
		assert_int_equal(n, strlen(cases[i].wanted));
		if (n > 0)
			assert_memory_equal(p, cases[i].wanted, n);
	}
	buf_release(&scratch);
}

static void
a_broken_string_moves_nothing(void **state)
{
	static const char *const cases[] = { "", "  ", "\"open", "\"",
		"{3}\r\nab", "{3}abc", "{-1}\r\n", "{", "{9", "{9}", "{9}\r",
		"{18446744073709551616}\r\nx", "{99999999999}\r\nx", ")", "(a)",
		"\"a\\" };
	struct buf scratch = BUF_INIT;
	struct tokens t;
	const char *p;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tokens_init(&t, cases[i], strlen(cases[i]));
		assert_false(token_string(&t, &scratch, &p, &n, NULL));
		assert_ptr_equal(t.p, cases[i]);
	}
	buf_release(&scratch);
}

static void
anything_can_be_skipped(void **state)
{
	static const char *const cases[] = { "atom", "\"q ) q\"", "{3}\r\n(((",
		"()", "((a b) (c \"d)\" {1}\r\n)) e)", "NIL" };
	static const char *const broken[] = { "", "(", "((a)", ")", "(\"a)",
		"({4}\r\n)" };
	struct tokens t;
	char text[64];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = strlen(cases[i]);
		memcpy(text, cases[i], n);
		memcpy(text + n, " rest", 6);
		tokens_init(&t, text, n + 5);
		assert_true(token_skip(&t));
		assert_true(token_word(&t, "rest"));
	}
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		tokens_init(&t, broken[i], strlen(broken[i]));
		assert_false(token_skip(&t));
		assert_ptr_equal(t.p, broken[i]);
	}
}

static void
depth_costs_no_stack(void **state)
{
	static char text[1 << 20];
	struct tokens t;

	(void)state;
	memset(text, '(', sizeof(text) / 2);
	memset(text + sizeof(text) / 2, ')', sizeof(text) / 2);
	tokens_init(&t, text, sizeof(text));
	assert_true(token_skip(&t));
	assert_true(token_end(&t));
}

static void
numbers_keep_their_bounds(void **state)
{
	struct tokens t;
	uint64_t big;
	uint32_t v = 7;

	(void)state;
	tokens_init(&t, "4294967296)", 11);
	assert_false(token_u32(&t, &v));
	assert_int_equal(v, 7);
	assert_true(token_u64(&t, &big));
	assert_true(big == 4294967296);
	assert_true(token_byte(&t, ')'));
	tokens_init(&t, "-1", 2);
	assert_false(token_u64(&t, &big));
}

static void
another_count_leaves_the_number_alone(void **state)
{
	uint32_t v = 5;

	(void)state;
	assert_true(token_untagged_number("* 12 EXISTS", 11, "EXISTS", &v));
	assert_int_equal(v, 12);
	assert_false(token_untagged_number("* 0 RECENT", 10, "EXISTS", &v));
	assert_int_equal(v, 12);
	assert_false(token_untagged_number("12 EXISTS", 9, "EXISTS", &v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_atom_ends_where_imap_ends_it),
		cmocka_unit_test(a_word_is_whole_and_of_any_case),
		cmocka_unit_test(a_string_has_three_forms),
		cmocka_unit_test(a_broken_string_moves_nothing),
		cmocka_unit_test(anything_can_be_skipped),
		cmocka_unit_test(depth_costs_no_stack),
		cmocka_unit_test(numbers_keep_their_bounds),
		cmocka_unit_test(another_count_leaves_the_number_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
