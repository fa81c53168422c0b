#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes/body.h"
#include "tests/unit/naive.h"

#define TEXT(s) (s), sizeof(s) - 1

static enum rc
collect(void *arg, const void *p, size_t n, struct fault *f)
{
	struct buf *b = arg;

	(void)f;
	assert_true(n > 0);
	assert_true(n <= 65536);
	buf_add(b, p, n);
	return RC_OK;
}

static enum rc
refuse(void *arg, const void *p, size_t n, struct fault *f)
{
	size_t *calls = arg;

	(void)p;
	(void)n;
	(*calls)++;
	return fault_set(f, RC_FOLDER, CAUSE_REFUSED, "no");
}

static void
same_octets(const struct buf *got, const void *want, size_t n)
{
	assert_int_equal(got->len, n);
	if (n > 0)
		assert_memory_equal(got->data, want, n);
}

/* Puts n octets into a spool of its own behind some that are not meant. */
static struct spool *
spool_of(size_t bound, const void *p, size_t n)
{
	struct fault f = FAULT_INIT;
	struct spool *s;

	s = spool_new(bound);
	assert_int_equal(spool_add(s, "before\r\n", 8, &f), RC_OK);
	assert_int_equal(spool_add(s, p, n, &f), RC_OK);
	assert_int_equal(spool_add(s, "\nbehind", 7, &f), RC_OK);
	return s;
}

/* What an intake made of these wire octets comes back from both ends. */
static void
check_round_trip(const void *p, size_t n, size_t bound)
{
	struct buf wire = BUF_INIT, file = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct intake *in;
	struct body b, again;
	struct spool *s;

	in = intake_new(bound);
	intake_begin(in);
	assert_int_equal(intake_add(in, p, n, &f), RC_OK);
	assert_int_equal(intake_end(in, &b, &f), RC_OK);
	assert_int_equal(body_wire(&b, collect, &wire, &f), RC_OK);
	same_octets(&wire, p, n);
	assert_int_equal(body_file(&b, collect, &file, &f), RC_OK);
	assert_true(file.len == b.digest.file_size);

	s = spool_of(bound, file.data, file.len);
	assert_int_equal(body_at(s, 8, file.len, b.digest.eol, &again, &f),
	    RC_OK);
	assert_true(digest_identical(&b.digest, &again.digest));
	assert_memory_equal(b.digest.canon, again.digest.canon, 16);
	assert_true(b.digest.wire_size == again.digest.wire_size);
	assert_true(b.digest.file_size == again.digest.file_size);
	assert_true(b.digest.virtual_size == again.digest.virtual_size);
	buf_clear(&wire);
	assert_int_equal(body_wire(&again, collect, &wire, &f), RC_OK);
	same_octets(&wire, p, n);
	spool_free(s);
	intake_free(in);
	buf_release(&wire);
	buf_release(&file);
}

static void
the_exact_wire_octets_can_be_rebuilt(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} table[] = {
		{ TEXT("") },
		{ TEXT("a\r\nb\r\n") },
		{ TEXT("a\rb\0\r\n\r") },
		{ TEXT("a\nb\r\n") },
		{ TEXT("a\r\nb\r\r\n") },
		{ TEXT("From x\r\n\r\n\r\n") },
	};
	struct buf text = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check_round_trip(table[i].text, table[i].n, 10);
	/* Line ends at each place of a chunk, also at its border. */
	for (i = 0; i < 70000; i++) {
		buf_adds(&text, i % 3 == 0 ? "a\r\n" : "bc\r\n");
	}
	check_round_trip(text.data, text.len, 10);
	check_round_trip(text.data, text.len, 1 << 20);
	buf_adds(&text, "\n");
	check_round_trip(text.data, text.len, 10);
	buf_release(&text);
}

static void
a_crlf_member_that_holds_crlf_is_bad_data(void **state)
{
	struct fault f = FAULT_INIT;
	struct spool *s;
	struct body b;

	(void)state;
	s = spool_of(100, "a\r\nb\n", 5);
	assert_int_equal(body_at(s, 8, 5, EOL_CRLF, &b, &f), RC_MESSAGE);
	assert_int_equal(f.cause, CAUSE_DATA);
	assert_int_equal(body_at(s, 8, 5, EOL_RAW, &b, &f), RC_OK);
	assert_true(b.digest.virtual_size == 6);
	spool_free(s);
}

static void
a_body_beyond_its_spool_is_our_bug(void **state)
{
	struct fault f = FAULT_INIT;
	struct spool *s;
	struct body b;

	(void)state;
	s = spool_of(100, "abc", 3);
	assert_int_equal(body_at(s, 8, 100, EOL_CRLF, &b, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_BUG);
	spool_free(s);
}

static void
a_sink_that_fails_ends_the_stream(void **state)
{
	struct fault f = FAULT_INIT;
	struct spool *s;
	size_t calls = 0;
	struct body b;

	(void)state;
	s = spool_of(100, "a\nb\n", 4);
	assert_int_equal(body_at(s, 8, 4, EOL_CRLF, &b, &f), RC_OK);
	assert_int_equal(body_wire(&b, refuse, &calls, &f), RC_FOLDER);
	assert_int_equal(body_file(&b, refuse, &calls, &f), RC_FOLDER);
	assert_int_equal(calls, 2);
	assert_string_equal(f.text, "no");
	spool_free(s);
}

static void
the_header_ends_before_the_empty_line(void **state)
{
	static const struct {
		const char *file;
		size_t n, max;
		const char *want;
	} table[] = {
		{ TEXT("A: 1\nB: 2\n\nbody\n\n"), 99, "A: 1\nB: 2\n" },
		{ TEXT("A: 1\r\nB: 2\r\n\r\nbody\n\n"), 99,
		    "A: 1\r\nB: 2\r\n" },
		{ TEXT("A: 1\n\r\r\nbody"), 99, "A: 1\n" },
		{ TEXT("A: 1\n\rx\n\nbody"), 99, "A: 1\n\rx\n" },
		{ TEXT("\nbody\n"), 99, "" },
		{ TEXT("\r\nbody\n"), 99, "" },
		{ TEXT(""), 99, "" },
		{ TEXT("A: 1\nB: 2"), 99, "A: 1\nB: 2" },
		{ TEXT("A: 1\nB: 2\n"), 99, "A: 1\nB: 2\n" },
		{ TEXT("A: 1\nB: 2\n\nbody"), 7, "A: 1\nB:" },
		{ TEXT("A: 1\nB: 2\n\nbody"), 0, "" },
		{ TEXT("A: 1\n\nbody"), 5, "A: 1\n" },
	};
	struct fault f = FAULT_INIT;
	struct buf out = BUF_INIT, want = BUF_INIT;
	struct spool *s;
	struct body b;
	size_t i, bound;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (bound = 0; bound < 20; bound++) {
			s = spool_of(bound, table[i].file, table[i].n);
			assert_int_equal(
			    body_at(s, 8, table[i].n, EOL_RAW, &b, &f), RC_OK);
			buf_clear(&out);
			buf_clear(&want);
			buf_adds(&out, "kept\n");
			buf_adds(&want, "kept\n");
			buf_adds(&want, table[i].want);
			assert_int_equal(
			    body_header(&b, table[i].max, &out, &f), RC_OK);
			same_octets(&out, want.data, want.len);
			spool_free(s);
		}
	}
	buf_release(&out);
	buf_release(&want);
}

/* The line end before the empty line is the last octet of one view, the
 * empty line the first of the next. */
static void
the_header_may_be_longer_than_a_view(void **state)
{
	struct fault f = FAULT_INIT;
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct spool *s;
	struct body b;
	size_t fill;

	(void)state;
	for (fill = 65530; fill < 65540; fill++) {
		buf_clear(&text);
		buf_clear(&out);
		while (text.len < fill)
			buf_addc(&text, text.len % 70 == 69 ? '\n' : 'h');
		buf_adds(&text, "h\n\nbody");
		s = spool_of(10, text.data, text.len);
		assert_int_equal(body_at(s, 8, text.len, EOL_CRLF, &b, &f),
		    RC_OK);
		assert_int_equal(body_header(&b, SIZE_MAX, &out, &f), RC_OK);
		same_octets(&out, text.data, fill + 2);
		spool_free(s);
	}
	buf_release(&text);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exact_wire_octets_can_be_rebuilt),
		cmocka_unit_test(a_crlf_member_that_holds_crlf_is_bad_data),
		cmocka_unit_test(a_body_beyond_its_spool_is_our_bug),
		cmocka_unit_test(a_sink_that_fails_ends_the_stream),
		cmocka_unit_test(the_header_ends_before_the_empty_line),
		cmocka_unit_test(the_header_may_be_longer_than_a_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
