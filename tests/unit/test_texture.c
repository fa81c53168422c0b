#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stores/archive/frame.h"
#include "stores/archive/texture.h"
#include "util/buf.h"

static const char CODE[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Lines of 76 letters of the alphabet, never the same for another seed. */
static void
add_lines(struct buf *b, size_t octets, const char *alphabet, uint32_t seed)
{
	const size_t letters = strlen(alphabet);
	const size_t end = b->len + octets;
	uint64_t x = seed;
	size_t i;

	while (b->len < end) {
		for (i = 0; i < 76; i++) {
			x = x * UINT64_C(6364136223846793005) +
			    UINT64_C(1442695040888963407);
			buf_addc(b, alphabet[(size_t)(x >> 33) % letters]);
		}
		buf_addc(b, '\n');
	}
}

static void
base64_is_told_from_text(void **state)
{
	static const struct {
		size_t code, text;
		unsigned least, most;
	} t[] = { { 0, 0, 0, 0 }, { 0, 1 << 20, 0, 0 },
		{ 1 << 20, 0, 1000, 1000 }, { 1 << 20, 1 << 20, 400, 600 },
		{ 1 << 20, 3 << 20, 200, 300 } };
	struct texture r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf b = BUF_INIT;

		add_lines(&b, t[i].code, CODE, 1);
		add_lines(&b, t[i].text, "eta onirshdlu,.", 2);
		texture_of(b.data, b.len, &r);
		assert_in_range(r.coded, t[i].least, t[i].most);
		buf_release(&b);
	}
}

/* The same lines again behind others; how many in a thousand repeat. */
static void
what_comes_again_from_afar_is_seen(void **state)
{
	static const struct {
		size_t lines, between;
		unsigned least, most;
	} t[] = { { 0, 1 << 20, 0, 0 }, { 1 << 20, 1 << 20, 250, 420 },
		{ 1 << 20, 14 << 20, 30, 80 },
		/* near: any compressor finds it */
		{ 200000, 100000, 0, 0 } };
	struct texture r, again;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf b = BUF_INIT;

		add_lines(&b, t[i].lines, CODE, 1);
		add_lines(&b, t[i].between, CODE, 2);
		add_lines(&b, t[i].lines, CODE, 1);
		texture_of(b.data, b.len, &r);
		assert_in_range(r.repeated, t[i].least, t[i].most);
		texture_of(b.data, b.len, &again);
		assert_int_equal(again.repeated, r.repeated);
		buf_release(&b);
	}
}

static void
without_lines_it_may_repeat(void **state)
{
	struct buf b = BUF_INIT;
	struct texture r;
	size_t i;

	(void)state;
	add_lines(&b, 1 << 20, CODE, 1);
	for (i = 0; i < b.len; i++)
		if (b.data[i] == '\n')
			b.data[i] = i % 3 == 0 ? 'x' : '\0';
	texture_of(b.data, b.len, &r);
	assert_int_equal(r.repeated, 1000);
	for (i = 0; i < b.len; i += 8)
		b.data[i] = '\n';
	texture_of(b.data, b.len, &r);
	assert_int_equal(r.coded, 0);
	assert_int_equal(r.repeated, 1000);
	buf_release(&b);
}

static uint64_t
packed_size(const struct buf *b, enum frame_effort effort)
{
	struct spool *from = spool_new(b->len), *to = spool_new(2 * b->len);
	struct frame_out *z = frame_out_new(effort);
	struct frame r = { 0 };
	struct fault f = FAULT_INIT;

	assert_int_equal(spool_add(from, b->data, b->len, &f), RC_OK);
	assert_int_equal(frame_out_spool(z, from, to, &r, &f), RC_OK);
	frame_out_free(z);
	spool_free(from);
	spool_free(to);
	return r.compressed;
}

static void
an_attachment_that_comes_again_costs_nothing(void **state)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	uint64_t one, two;

	(void)state;
	add_lines(&once, 4 << 20, CODE, 1);
	add_lines(&twice, 4 << 20, CODE, 1);
	add_lines(&twice, 4 << 20, CODE, 1);
	one = packed_size(&once, FRAME_USUAL);
	two = packed_size(&twice, FRAME_USUAL);
	assert_in_range(one, 3 << 20, once.len * 4 / 5);
	assert_in_range(two, one, one + one / 50);
	buf_release(&once);
	buf_release(&twice);
}

static void
the_best_is_smaller(void **state)
{
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 200; i++) {
		add_lines(&b, 1000, "etaoin shrdlu", (uint32_t)(i * i % 31));
		add_lines(&b, 100, "0123456789", (uint32_t)i);
	}
	assert_true(packed_size(&b, FRAME_BEST) < packed_size(&b, FRAME_USUAL));
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_told_from_text),
		cmocka_unit_test(what_comes_again_from_afar_is_seen),
		cmocka_unit_test(without_lines_it_may_repeat),
		cmocka_unit_test(an_attachment_that_comes_again_costs_nothing),
		cmocka_unit_test(the_best_is_smaller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
