#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/listing.h"

static char from[] = "Zo\xc3\xab", subject[] = "tab\there\nand % there",
	    id[] = "<x@y>", none[] = "";
static const struct headline head = { from, subject, id, none };

static void
what_is_written_is_read(void **state)
{
	struct msg m = { .uid = 4294967295u, .size = 12, .keywords = "" };
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct listing l;
	struct hash h;

	(void)state;
	hash_of("x", 1, &h);
	listing_format(&b, &h, "A\tB/\xc3\xa9", 77, &m, &head,
	    &(struct listing_place){ 0, 3, 512 });
	assert_non_null(strstr(buf_str(&b), "\t3:512\n"));
	buf_clear(&b);
	listing_format(&b, &h, "A\tB/\xc3\xa9", 77, &m, &head,
	    &(struct listing_place){ 2, 3, 512 });
	assert_non_null(strstr(buf_str(&b), "\t2:3:512\n"));
	assert_int_equal(b.data[b.len - 1], '\n');
	assert_null(memchr(b.data, '\n', b.len - 1));
	b.len--;
	assert_int_equal(listing_parse(buf_str(&b), &l, &f), RC_OK);
	assert_string_equal(l.folder, "A\tB/\xc3\xa9");
	assert_int_equal(l.uid, 4294967295u);
	assert_int_equal(l.uidvalidity, 77);
	assert_true(hash_equal(&l.hash, &h));
	listing_release(&l);
	buf_release(&b);
}

static void
comments_and_empty_lines_are_passed_over(void **state)
{
	char comment[] = "#mailproof\t1\tlist", empty[] = "";
	struct fault f = FAULT_INIT;
	struct listing l;

	(void)state;
	assert_int_equal(listing_parse(comment, &l, &f), RC_END);
	assert_int_equal(listing_parse(empty, &l, &f), RC_END);
}

static void
anything_else_is_bad_data(void **state)
{
#define ZEROS                              \
	"00000000000000000000000000000000" \
	"00000000000000000000000000000000"
	static const char *const bad[] = { "x", "a\tb\t1\t2", ZEROS "\tA\t1",
		ZEROS "\tA\t-1\t2", ZEROS "\tA\t1\t4294967296",
		ZEROS "\t%zz\t1\t2", ZEROS "0\tA\t1\t2",
		ZEROS "\tA\t1\t2\t3\t4\t5\t6\t7\t8\t9" };
	struct fault f = FAULT_INIT;
	struct listing l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *line = strdup(bad[i]);

		assert_non_null(line);
		assert_int_equal(listing_parse(line, &l, &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_DATA);
		free(line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(comments_and_empty_lines_are_passed_over),
		cmocka_unit_test(anything_else_is_bad_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
