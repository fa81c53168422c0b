#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes/hash.h"

static int
startup(void **state)
{
	(void)state;
	return hash_startup() && hash_startup() ? 0 : -1;
}

static void
the_hash_is_what_b2sum_prints(void **state)
{
	struct buf b = BUF_INIT;
	struct hash h;

	(void)state;
	hash_of("abc", 3, &h);
	hash_hex(&b, &h);
	assert_string_equal(buf_str(&b),
	    "bddd813c634239723171ef3fee98579b"
	    "94964e3bb1cb3e427262c8c068d52319");
	buf_clear(&b);
	hash_of(NULL, 0, &h);
	hash_hex(&b, &h);
	assert_string_equal(buf_str(&b),
	    "0e5751c026e543b2e8ab2eb06099daa1"
	    "d1e5df47778f7787faab45cdf12fe3a8");
	buf_release(&b);
}

static void
the_long_hash_is_blake2b_512(void **state)
{
	static const unsigned char start[] = { 0xba, 0x80, 0xa5, 0x3f, 0x98,
		0x1c, 0x4d, 0x0d };
	struct hash512 h;

	(void)state;
	hash512_of("abc", 3, &h);
	assert_memory_equal(h.b, start, sizeof(start));
}

static void
pieces_hash_like_the_whole(void **state)
{
	unsigned char text[1000];
	struct hash whole, pieces;
	struct hasher h;
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)(i * 7);
	hash_of(text, sizeof(text), &whole);
	for (step = 1; step < sizeof(text); step += 97) {
		hasher_init(&h);
		for (i = 0; i < sizeof(text); i += step)
			hasher_add(&h, text + i,
			    sizeof(text) - i < step ? sizeof(text) - i : step);
		hasher_end(&h, &pieces);
		assert_true(hash_equal(&whole, &pieces));
	}
}

static void
a_hasher_may_lie_and_move_anywhere(void **state)
{
	struct {
		char shift;
		struct hasher h;
	} odd;
	struct hasher moved;
	struct hash want, got;

	(void)state;
	hash_of("one two", 7, &want);
	hasher_init(&odd.h);
	hasher_add(&odd.h, "one", 3);
	moved = odd.h;
	hasher_add(&moved, " two", 4);
	hasher_end(&moved, &got);
	assert_true(hash_equal(&want, &got));
	/* The original is still where it was. */
	hasher_add(&odd.h, " two", 4);
	hasher_end(&odd.h, &got);
	assert_true(hash_equal(&want, &got));
}

static void
only_64_hex_digits_are_a_hash(void **state)
{
	char hex[65] = "bddd813c634239723171ef3fee98579b"
		       "94964e3bb1cb3e427262c8c068d52319";
	struct hash want, h;

	(void)state;
	hash_of("abc", 3, &want);
	assert_true(hash_parse(hex, 64, &h));
	assert_true(hash_equal(&want, &h));
	hex[0] = 'B';
	assert_true(hash_parse(hex, 64, &h));
	assert_true(hash_equal(&want, &h));
	assert_false(hash_parse(hex, 63, &h));
	assert_false(hash_parse(hex, 62, &h));
	hex[63] = 'g';
	assert_false(hash_parse(hex, 64, &h));
	assert_true(hash_equal(&want, &h));
	h.b[31] ^= 1;
	assert_false(hash_equal(&want, &h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_what_b2sum_prints),
		cmocka_unit_test(the_long_hash_is_blake2b_512),
		cmocka_unit_test(pieces_hash_like_the_whole),
		cmocka_unit_test(a_hasher_may_lie_and_move_anywhere),
		cmocka_unit_test(only_64_hex_digits_are_a_hash),
	};

	return cmocka_run_group_tests(tests, startup, NULL);
}
