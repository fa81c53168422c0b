#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#include "stores/archive/format.h"
#include "stores/archive/frame.h"
#include "stores/archive/seek.h"
#include "tests/unit/archive_kit.h"
#include "util/mem.h"

static void
fill(unsigned char *p, size_t n, unsigned kind)
{
	uint32_t x = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = kind == 0 ? 0 :
		    kind == 1    ? (unsigned char)(i / 100) :
				   (unsigned char)(x >> 24);
	}
}

/* Copies and unpacks what frame holds, and compares it. */
static void
must_read(const struct buf *frame, const void *want, size_t n)
{
	const struct frame_caps caps = { .size = n, .window = DATA_WINDOW };
	struct input *in =
	    input_new(kit_fd(frame->data, frame->len, false), false);
	struct spool *packed = spool_new(1 << 20), *plain = spool_new(1 << 20);
	struct frame_in *z = frame_in_new();
	unsigned char *have = xmalloc(n + 1);
	struct frame r;
	struct hash hash;
	struct fault f = FAULT_INIT;
	bool cut;

	hash_of(frame->data, frame->len, &hash);
	assert_int_equal(frame_copy(in, &caps, packed, &r, &cut, &f), RC_OK);
	assert_int_equal(r.offset, 0);
	assert_int_equal(r.compressed, frame->len);
	assert_int_equal(r.size, n);
	assert_true(hash_equal(&r.hash, &hash));
	assert_int_equal(frame_in_spool(z, packed, n, plain, &f), RC_OK);
	assert_int_equal(spool_size(plain), n);
	assert_int_equal(spool_read(plain, 0, have, n, &f), RC_OK);
	assert_memory_equal(have, want, n);
	assert_int_equal(frame_copy(in, &caps, packed, &r, &cut, &f), RC_END);
	free(have);
	frame_in_free(z);
	spool_free(packed);
	spool_free(plain);
	input_free(in);
}

/* bound: of the spools that it goes from and to. */
static void
must_pack(struct frame_out *z, const void *p, size_t n, const size_t bound[2],
    struct buf *r)
{
	struct spool *from = spool_new(bound[0]), *to = spool_new(bound[1]);
	struct frame frame = { 0 };
	struct fault f = FAULT_INIT;

	buf_clear(r);
	assert_int_equal(spool_add(from, p, n, &f), RC_OK);
	assert_int_equal(frame_out_spool(z, from, to, &frame, &f), RC_OK);
	assert_int_equal(frame.size, n);
	assert_int_equal(frame.compressed, spool_size(to));
	assert_int_equal(spool_read(to, 0, buf_room(r, frame.compressed),
			     frame.compressed, &f),
	    RC_OK);
	r->len = frame.compressed;
	spool_free(from);
	spool_free(to);
}

static void
frames_of_any_size_come_back(void **state)
{
	static const size_t size[] = { 0, 1, 255, 256, 65535, 65536, 65792,
		131071, 131072, 131073, 3 << 20 };
	/* of the spools: all in memory, or all in files, or one in each */
	static const size_t bound[][2] = { { 4 << 20, 4 << 20 }, { 0, 0 },
		{ 4 << 20, 0 }, { 0, 4 << 20 } };
	struct frame_out *z = frame_out_new(FRAME_USUAL);
	struct buf packed = BUF_INIT, stored = BUF_INIT;
	unsigned char *p = xmalloc(size[10]);
	size_t i, k;
	unsigned kind;

	(void)state;
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++)
		for (kind = 0; kind < 3; kind++) {
			fill(p, size[i], kind);
			for (k = 0; k < 4; k++) {
				must_pack(z, p, size[i], bound[k], &packed);
				must_read(&packed, p, size[i]);
			}
			buf_clear(&stored);
			frame_store(p, size[i], &stored);
			must_read(&stored, p, size[i]);
		}
	free(p);
	buf_release(&packed);
	buf_release(&stored);
	frame_out_free(z);
}

/* Headers by hand: magic, descriptor, window, content size. */
static void
odd_frames_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *why;
	} t[] = {
		{ "\x50\x2a\x4d\x18\x00\x00\x00\x00\x00", 9, "no frame" },
		{ "\x28\xb5\x2f\xfd\x20\x01\x01\x00\x00", 9, "odd" },
		{ "\x28\xb5\x2f\xfd\x34\x01\x01\x00\x00", 9, "odd" },
		{ "\x28\xb5\x2f\xfd\x2c\x01\x01\x00\x00", 9, "odd" },
		{ "\x28\xb5\x2f\xfd\x25\x01\x01\x00\x00", 9, "odd" },
		{ "\x28\xb5\x2f\xfd\x04\x10\x01\x00\x00", 9, "size" },
		{ "\x28\xb5\x2f\xfd\x44\xf8\x00\x00\x00", 9, "memory" },
		{ "\x28\xb5\x2f\xfd\xa4\x00\x00\x00\x01\x01", 10, "larger" },
		{ "\x28\xb5\x2f\xfd\x24\x01\x07\x00\x00", 9, "block" },
		{ "\x28\xb5\x2f\xfd\x24\x01\x10\x00\x00\x61\x62", 11, "block" },
		{ "\x28\xb5\x2f\xfd\x24\x01\x00\x00\x00", 9, "block" },
		{ "\x28\xb5\x2f\xfd\x24\x01\x09\x00", 8, "ends inside" },
		{ "\x28\xb5\x2f\xfd\x24\x01\x09\x00\x00", 9, "ends inside" },
		{ "\x28\xb5", 2, "ends inside" },
	};
	const struct frame_caps caps = { .size = 1 << 20,
		.window = MANIFEST_WINDOW };
	struct spool *to = spool_new(4096);
	struct input *in;
	struct frame r;
	struct fault f = FAULT_INIT;
	bool cut;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		in = input_new(kit_fd(t[i].bytes, t[i].n, true), false);
		assert_int_equal(frame_copy(in, &caps, to, &r, &cut, &f),
		    RC_STORE);
		assert_int_equal(f.cause, CAUSE_DATA);
		if (strstr(f.text, t[i].why) == NULL)
			fail_msg("%zu: wanted '%s', got '%s'", i, t[i].why,
			    f.text);
		assert_int_equal(cut, strcmp(t[i].why, "ends inside") == 0);
		input_free(in);
	}
	spool_free(to);
}

static void
a_frame_that_is_not_as_long_as_told_is_refused(void **state)
{
	struct frame_in *z = frame_in_new();
	struct spool *from = spool_new(4096), *to = spool_new(4096);
	struct buf b = BUF_INIT;
	struct fault f = FAULT_INIT;

	(void)state;
	frame_store("hello", 5, &b);
	assert_int_equal(spool_add(from, b.data, b.len, &f), RC_OK);
	assert_int_equal(frame_in_spool(z, from, 4, to, &f), RC_STORE);
	assert_int_equal(frame_in_spool(z, from, 6, to, &f), RC_STORE);
	assert_int_equal(spool_add(from, "x", 1, &f), RC_OK);
	assert_int_equal(frame_in_spool(z, from, 5, to, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_DATA);
	buf_release(&b);
	spool_free(from);
	spool_free(to);
	frame_in_free(z);
}

static void
the_seek_table_is_the_one_of_zstd(void **state)
{
	static const unsigned char want[] = { 0x5e, 0x2a, 0x4d, 0x18, 17, 0, 0,
		0, 5, 0, 0, 0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0xb1, 0xea, 0x92,
		0x8f };
	const struct frame frame = { .compressed = 5, .size = 263 };
	const struct frame large = { .compressed = 5,
		.size = (uint64_t)SEEK_FRAME_MAX + 1 };
	struct buf entries = BUF_INIT, table = BUF_INIT;

	(void)state;
	assert_true(seek_add(&entries, &frame));
	assert_false(seek_add(&entries, &large));
	seek_table(&entries, &table);
	assert_int_equal(table.len, sizeof(want));
	assert_memory_equal(table.data, want, sizeof(want));
	assert_int_equal(ZSTD_findFrameCompressedSize(table.data, table.len),
	    table.len);
	buf_release(&entries);
	buf_release(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_any_size_come_back),
		cmocka_unit_test(odd_frames_are_refused),
		cmocka_unit_test(
		    a_frame_that_is_not_as_long_as_told_is_refused),
		cmocka_unit_test(the_seek_table_is_the_one_of_zstd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
