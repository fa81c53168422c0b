/* What is left of a damaged frame lies where it lay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#include "stores/archive/scan.h"
#include "stores/archive/torn.h"
#include "tests/unit/archive_kit.h"

enum {
	PIECE = 131072, /* a block's content */
	PIECES = 9,
	SIZE = PIECES * PIECE - 1000,
	BEHIND = 100, /* octets of something else behind the frame */
};

struct lab {
	unsigned char plain[SIZE];
	unsigned char frame[2 * SIZE];
	size_t len;
};

/* Letters that compress, repeat nowhere, and are others in each block: none
 * needs the octets or the tables of another. */
static void
fill(unsigned char *p, size_t n)
{
	uint32_t x = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (unsigned char)('!' + i / PIECE * 5 +
		    (x >> 24) % (7 + i / PIECE * 4));
	}
}

static int
open_all(void **state)
{
	static struct lab l;
	ZSTD_CCtx *c = ZSTD_createCCtx();

	assert_non_null(c);
	fill(l.plain, SIZE);
	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	l.len =
	    ZSTD_compress2(c, l.frame, sizeof(l.frame) - BEHIND, l.plain, SIZE);
	assert_false(ZSTD_isError(l.len));
	ZSTD_freeCCtx(c);
	memset(l.frame + l.len, 'x', BEHIND);
	*state = &l;
	return 0;
}

/* Unpacks n octets as a frame that ends at to; the content, NULs in place
 * of what is lacking. */
static size_t
unpack(const unsigned char *p, size_t n, const struct torn_frame *w,
    unsigned char *out, struct torn_state *state)
{
	struct fault f = FAULT_INIT;
	struct spool *s = spool_new(4 * SIZE);
	struct torn *t = torn_new();
	struct scan *scan;
	size_t size;

	assert_int_equal(scan_new(kit_fd(p, n, false), &scan, &f), RC_OK);
	assert_int_equal(torn_unpack(t, scan, w, s, state, &f), RC_OK);
	size = (size_t)spool_size(s);
	memset(out, 0, SIZE);
	assert_int_equal(spool_read(s, 0, out, size < SIZE ? size : SIZE, &f),
	    RC_OK);
	scan_free(scan);
	torn_free(t);
	spool_free(s);
	return size;
}

/* How many pieces are not as they were. */
static size_t
spoiled(const struct lab *l, const unsigned char *out)
{
	size_t i, n, bad = 0;

	for (i = 0; i < PIECES; i++) {
		n = i + 1 < PIECES ? PIECE : SIZE - (PIECES - 1) * PIECE;
		bad += memcmp(l->plain + i * PIECE, out + i * PIECE, n) != 0;
	}
	return bad;
}

static void
a_whole_frame_is_read_whole(void **state)
{
	struct lab *l = *state;
	struct torn_frame w = { .from = 0 };
	struct torn_state st;
	static unsigned char out[SIZE];

	assert_int_equal(unpack(l->frame, l->len + BEHIND, &w, out, &st), SIZE);
	assert_int_equal(spoiled(l, out), 0);
	assert_true(st.ended && st.headed);
	assert_int_equal(st.end, l->len);
	assert_int_equal(st.holes, 0);
	w.octets = 1000;
	assert_in_range(unpack(l->frame, l->len, &w, out, &st), 1000, PIECE);
}

/* Ways of spoiling len octets at `at`; the new length. */
enum spoil { HOLE, REMOVED, PUT_IN, FLIPPED };

static size_t
spoil(const struct lab *l, enum spoil how, size_t at, size_t len,
    unsigned char *r)
{
	const size_t n = l->len + BEHIND;

	if (len > l->len - at)
		len = l->len - at;
	memcpy(r, l->frame, n);
	switch (how) {
	case HOLE:
		memset(r + at, 0, len);
		return n;
	case REMOVED:
		memmove(r + at, r + at + len, n - at - len);
		return n - len;
	case PUT_IN:
		memmove(r + at + len, r + at, n - at);
		memset(r + at, 'y', len);
		return n + len;
	case FLIPPED:
		r[at] ^= 4;
		return n;
	}
	return n;
}

/* Each damage is in one place and costs the blocks there: one, or the two
 * that it lies across, and by chance the next. */
static void
damage_costs_the_blocks_that_it_is_in(void **state)
{
	struct lab *l = *state;
	struct torn_frame w = { .size = SIZE };
	struct torn_state st;
	static unsigned char out[SIZE], bytes[2 * SIZE + 8192];
	const size_t len[] = { 1, 3, 512, 4096 };
	size_t at, i, n, bad;
	int how;

	for (at = 0; at + 4 < l->len; at += l->len / 23)
		for (i = 0; i < sizeof(len) / sizeof(len[0]); i++)
			for (how = HOLE; how <= FLIPPED; how++) {
				n = spoil(l, (enum spoil)how, at, len[i],
				    bytes);
				w.to = n - BEHIND;
				n = unpack(bytes, n, &w, out, &st);
				bad = spoiled(l, out);
				if (bad > 3 || n > SIZE + 2 * PIECE)
					fail_msg("%d of %zu at %zu: %zu bad, "
						 "%zu octets",
					    how, len[i], at, bad, n);
			}
}

static void
a_lost_header_costs_no_more_than_a_lost_block(void **state)
{
	struct lab *l = *state;
	struct torn_frame w = { .size = SIZE };
	struct torn_state st;
	static unsigned char out[SIZE], bytes[2 * SIZE];
	const size_t n = spoil(l, HOLE, 0, 100, bytes);

	w.to = l->len;
	assert_int_equal(unpack(bytes, n, &w, out, &st), SIZE);
	assert_in_range(spoiled(l, out), 1, 3);
	assert_false(st.headed);
}

static void
what_lies_before_a_cut_is_read(void **state)
{
	struct lab *l = *state;
	const struct torn_frame w = { .from = 0 };
	struct torn_state st;
	static unsigned char out[SIZE];
	size_t cut, n;

	for (cut = 0; cut < l->len; cut += l->len / 29) {
		n = unpack(l->frame, cut, &w, out, &st);
		assert_false(st.ended);
		assert_int_equal(n % PIECE, 0);
		assert_memory_equal(out, l->plain, n);
		if (cut > l->len / PIECES * 2)
			assert_true(n >= PIECE);
	}
}

/* 4 octets for 128 KiB, again and again. */
static void
a_bomb_is_cut_short(void **state)
{
	static const unsigned char head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0xa4, 0,
		0, 1, 0 };
	static const unsigned char rle[] = { 2, 0, 16, 'x' };
	struct torn_frame w = { .from = 0 };
	struct torn_state st;
	static unsigned char out[SIZE];
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	buf_add(&b, head, sizeof(head));
	for (i = 0; i < 1000; i++)
		buf_add(&b, rle, sizeof(rle));
	assert_in_range(unpack(b.data, b.len, &w, out, &st), PIECE, 4 * PIECE);
	assert_true(st.headed);
	assert_int_equal(out[0], 'x');
	buf_release(&b);
}

static void
a_frame_is_found_wherever_it_starts(void **state)
{
	const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	const size_t window = 1 << 16;
	const size_t place[] = { 0, 1, window - 4, window - 3, window - 1,
		window, 2 * window - 2, 3 * window - 4 };
	static unsigned char bytes[3 << 16];
	struct fault f = FAULT_INIT;
	struct scan *s;
	uint64_t at;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
		memset(bytes, 0x28, sizeof(bytes));
		memcpy(bytes + place[i], magic, sizeof(magic));
		assert_int_equal(scan_new(kit_fd(bytes, sizeof(bytes), false),
				     &s, &f),
		    RC_OK);
		assert_int_equal(scan_frame(s, 0, &at, &f), RC_OK);
		assert_int_equal(at, place[i]);
		assert_int_equal(scan_frame(s, at + 1, &at, &f), RC_END);
		scan_free(s);
	}
	assert_int_equal(scan_new(kit_fd("x", 1, true), &s, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_frame_is_read_whole),
		cmocka_unit_test(damage_costs_the_blocks_that_it_is_in),
		cmocka_unit_test(a_lost_header_costs_no_more_than_a_lost_block),
		cmocka_unit_test(what_lies_before_a_cut_is_read),
		cmocka_unit_test(a_bomb_is_cut_short),
		cmocka_unit_test(a_frame_is_found_wherever_it_starts),
	};

	return cmocka_run_group_tests(tests, open_all, NULL);
}
