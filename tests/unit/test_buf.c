#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/buf.h"

static void
what_is_added_stands_in_order(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_add(&b, "a\0b", 3);
	buf_addc(&b, 'c');
	buf_adds(&b, "def");
	buf_addf(&b, "-%03d-%s", 7, "x");
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 13);
	assert_memory_equal(b.data, "a\0bcdef-007-x", 13);
	buf_release(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
}

static void
an_empty_buffer_is_an_empty_string(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	s = buf_steal(&b);
	assert_string_equal(s, "");
	assert_null(b.data);
	free(s);
	s = buf_steal(&b);
	assert_string_equal(s, "");
	free(s);
}

static void
the_nul_behind_does_not_count(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "ab");
	assert_string_equal(buf_str(&b), "ab");
	assert_int_equal(b.len, 2);
	buf_adds(&b, "c");
	assert_string_equal(buf_str(&b), "abc");
	buf_release(&b);
}

static void
dropping_takes_octets_off_the_front(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_drop(&b, 0);
	buf_adds(&b, "header body");
	buf_drop(&b, 7);
	assert_string_equal(buf_str(&b), "body");
	buf_drop(&b, 4);
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void
clearing_keeps_the_room(void **state)
{
	struct buf b = BUF_INIT;
	unsigned char *data;

	(void)state;
	data = buf_room(&b, 1000);
	assert_non_null(data);
	assert_int_equal(b.len, 0);
	buf_clear(&b);
	assert_ptr_equal(b.data, data);
	assert_true(b.cap >= 1000);
	buf_wipe(&b);
	assert_null(b.data);
	assert_int_equal(b.cap, 0);
	buf_wipe(&b);
}

static void
a_long_run_survives_growing(void **state)
{
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		buf_addc(&b, (int)(i % 251));
	for (i = 0; i < 100000; i++)
		assert_int_equal(b.data[i], i % 251);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_stands_in_order),
		cmocka_unit_test(an_empty_buffer_is_an_empty_string),
		cmocka_unit_test(the_nul_behind_does_not_count),
		cmocka_unit_test(dropping_takes_octets_off_the_front),
		cmocka_unit_test(clearing_keeps_the_room),
		cmocka_unit_test(a_long_run_survives_growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
