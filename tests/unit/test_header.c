#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/header.h"

/* "name|unfolded body" for each field, joined with ";". */
static void
fields_of(const char *header, struct buf *r)
{
	struct header_cursor c;
	struct header_field f;

	header_start(&c, header, strlen(header));
	while (header_next(&c, &f)) {
		if (r->len > 0)
			buf_addc(r, ';');
		buf_add(r, f.name, f.name_len);
		buf_addc(r, '|');
		header_unfold(&f, 100, r);
	}
}

static void
fields_are_cut_at_lines_that_are_not_continued(void **state)
{
	static const struct {
		const char *header;
		const char *fields;
	} t[] = {
		{ "", "" },
		{ "\n", "" },
		{ "\r\r\na: b", "" },
		{ "a: b", "a|b" },
		{ "a: b\r\n c\r\n\td\r\ne:f\r\n\r\ng: h", "a|b  c \td;e|f" },
		{ "a: b\n \nc: d\n", "a|b;c|d" },
		{ "a:\n b\n", "a|b" },
		{ "a : b\n", "a|b" },
		{ "a:b:c\n", "a|b:c" },
		{ "no colon\na: b\n", "|no colon;a|b" },
		{ "a\n b: c\n", "|a  b: c" },
		{ " x: y\na: b\n", "|x: y;a|b" },
		{ ": b\n", "|b" },
		{ "From me Mon\na: b\n", "a|b" },
		{ "a: b\nFrom me Mon\n", "a|b;|From me Mon" },
		{ "From: me\n", "From|me" },
		{ "a: b\r\r\n c\r", "a|b  c" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_clear(&b);
		fields_of(t[i].header, &b);
		assert_string_equal(buf_str(&b), t[i].fields);
	}
	buf_release(&b);
}

static void
names_are_compared_in_any_case(void **state)
{
	static const char header[] = "sUbject: x";
	struct header_cursor c;
	struct header_field f;

	(void)state;
	header_start(&c, header, strlen(header));
	assert_true(header_next(&c, &f));
	assert_true(header_is(&f, "Subject"));
	assert_false(header_is(&f, "Subjec"));
	assert_false(header_is(&f, "Subject2"));
	assert_false(header_next(&c, &f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    fields_are_cut_at_lines_that_are_not_continued),
		cmocka_unit_test(names_are_compared_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
