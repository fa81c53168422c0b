#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes/body.h"
#include "tests/unit/naive.h"

#define TEXT(s) (s), sizeof(s) - 1

/* Repeatable: the same messages in each run. */
static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

static void
take(struct intake *in, const unsigned char *p, size_t n, size_t step,
    struct body *r)
{
	struct fault f = FAULT_INIT;
	size_t i, k;

	for (i = 0; i < n; i += k) {
		k = n - i < step ? n - i : step;
		assert_int_equal(intake_add(in, p + i, k, &f), RC_OK);
	}
	assert_true(intake_size(in) == n);
	assert_int_equal(intake_end(in, r, &f), RC_OK);
}

static void
check_file_form(const struct body *b, const struct buf *want)
{
	unsigned char *got;
	struct fault f = FAULT_INIT;

	assert_true(spool_size(b->spool) == b->off + want->len);
	got = malloc(want->len + 1);
	assert_non_null(got);
	assert_int_equal(spool_read(b->spool, b->off, got, want->len, &f),
	    RC_OK);
	if (want->len > 0)
		assert_memory_equal(got, want->data, want->len);
	free(got);
}

static void
check_against_naive(struct intake *in, const unsigned char *p, size_t n,
    size_t step)
{
	struct naive m;
	struct body b;
	int maildir;

	for (maildir = 0; maildir < 2; maildir++) {
		naive_of(p, n, maildir == 1, &m);
		if (maildir == 1)
			intake_begin_maildir(in);
		else
			intake_begin(in);
		take(in, p, n, step, &b);
		assert_true(naive_digest_is(&m, &b.digest));
		check_file_form(&b, &m.file);
		naive_release(&m);
	}
}

static void
each_kind_of_line_end_has_its_form(void **state)
{
	static const struct {
		const char *wire;
		size_t n;
		enum eol eol;
		const char *file;
		size_t file_n;
	} table[] = {
		{ TEXT(""), EOL_CRLF, TEXT("") },
		{ TEXT("a"), EOL_CRLF, TEXT("a") },
		{ TEXT("a\r\n"), EOL_CRLF, TEXT("a\n") },
		{ TEXT("\r\n\r\n"), EOL_CRLF, TEXT("\n\n") },
		{ TEXT("a\rb\r\n"), EOL_CRLF, TEXT("a\rb\n") },
		{ TEXT("a\r\r b\r\n"), EOL_CRLF, TEXT("a\r\r b\n") },
		{ TEXT("a\r\nb\r"), EOL_CRLF, TEXT("a\nb\r") },
		{ TEXT("a\r\n\r\r"), EOL_CRLF, TEXT("a\n\r\r") },
		{ TEXT("a\0b\r\n"), EOL_CRLF, TEXT("a\0b\n") },
		{ TEXT("\n"), EOL_RAW, TEXT("\n") },
		{ TEXT("a\nb\r\n"), EOL_RAW, TEXT("a\nb\r\n") },
		{ TEXT("a\r\nb\n"), EOL_RAW, TEXT("a\r\nb\n") },
		{ TEXT("a\r\n\nb\r\n"), EOL_RAW, TEXT("a\r\n\nb\r\n") },
		{ TEXT("a\r\r\n"), EOL_RAW, TEXT("a\r\r\n") },
		{ TEXT("a\r\nb\r\r\nc\r\n"), EOL_RAW,
		    TEXT("a\r\nb\r\r\nc\r\n") },
		{ TEXT("\r\r\n"), EOL_RAW, TEXT("\r\r\n") },
		{ TEXT("a\r\n\r\r\n"), EOL_RAW, TEXT("a\r\n\r\r\n") },
	};
	struct buf want = BUF_INIT;
	struct intake *in;
	struct body b;
	size_t i, step;

	(void)state;
	in = intake_new(1000);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_clear(&want);
		buf_add(&want, table[i].file, table[i].file_n);
		for (step = 1; step <= table[i].n + 1; step++) {
			intake_begin(in);
			take(in, (const unsigned char *)table[i].wire,
			    table[i].n, step, &b);
			assert_int_equal(b.digest.eol, table[i].eol);
			assert_true(b.digest.wire_size == table[i].n);
			check_file_form(&b, &want);
		}
	}
	intake_free(in);
	buf_release(&want);
}

static void
a_maildir_file_with_lf_alone_stands_for_crlf(void **state)
{
	static const struct {
		const char *file;
		size_t n;
		enum eol eol;
		uint64_t wire, virt;
		const char *form;
	} table[] = {
		{ TEXT("a\nb\n"), EOL_CRLF, 6, 6, "a\nb\n" },
		{ TEXT("a\rb\n"), EOL_CRLF, 5, 5, "a\rb\n" },
		{ TEXT("\n\r"), EOL_CRLF, 3, 3, "\n\r" },
		{ TEXT("a"), EOL_CRLF, 1, 1, "a" },
		/* A CRLF anywhere: the octets are those of the wire. */
		{ TEXT("a\nb\r\n"), EOL_RAW, 5, 6, "a\nb\r\n" },
		{ TEXT("a\r\nb\n"), EOL_RAW, 5, 6, "a\r\nb\n" },
		{ TEXT("a\r\r\n"), EOL_RAW, 4, 4, "a\r\r\n" },
		/* And where those conform, the message is the one that IMAP
		 * gives, and must be known for the same. */
		{ TEXT("a\r\nb\r\n"), EOL_CRLF, 6, 6, "a\nb\n" },
	};
	struct buf want = BUF_INIT;
	struct intake *in;
	struct body b;
	size_t i, step;

	(void)state;
	in = intake_new(1000);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_clear(&want);
		buf_adds(&want, table[i].form);
		for (step = 1; step <= table[i].n; step++) {
			intake_begin_maildir(in);
			take(in, (const unsigned char *)table[i].file,
			    table[i].n, step, &b);
			assert_int_equal(b.digest.eol, table[i].eol);
			assert_true(b.digest.wire_size == table[i].wire);
			assert_true(b.digest.virtual_size == table[i].virt);
			check_file_form(&b, &want);
		}
	}
	intake_free(in);
	buf_release(&want);
}

/* All messages up to 7 octets over the alphabet that matters. */
static void
all_short_messages_are_as_the_naive_model_has_them(void **state)
{
	static const unsigned char alphabet[] = { '\r', '\n', '\0', 'a' };
	unsigned char text[7];
	struct intake *in;
	size_t n, i, code, codes;

	(void)state;
	in = intake_new(3);
	for (n = 0; n <= sizeof(text); n++) {
		codes = (size_t)1 << 2 * n;
		for (code = 0; code < codes; code++) {
			for (i = 0; i < n; i++)
				text[i] = alphabet[code >> 2 * i & 3];
			check_against_naive(in, text, n, 1 + code % 3);
		}
	}
	intake_free(in);
}

/* Fills text with n random octets or so; the kind steers how bad it is. */
static size_t
random_message(uint32_t *seed, unsigned char *text, size_t n)
{
	static const char *const parts[] = { "\r\n", "a", "F", "From ", "\r",
		"\n", "", "\r\n\r\n", "text of a line", "\n\n", "\r\r" };
	const uint32_t kind = next_random(seed) % 4;
	const char *part;
	size_t len, done = 0;

	if (next_random(seed) % 3 == 0 && n >= 5) {
		memcpy(text, "From ", 5);
		done = 5;
	}
	while (done < n) {
		/* Kinds: 0 conforming, 1 with LF, others anything. */
		part = parts[next_random(seed) %
		    (kind == 0        ? 4 :
			    kind == 1 ? 6 :
					11)];
		if (kind == 1 && part[0] == '\r' && part[1] == '\0')
			part = "\n";
		len = part[0] == '\0' ? 1 : strlen(part);
		if (len > n - done)
			break;
		memcpy(text + done, part, len);
		done += len;
	}
	return done;
}

static void
random_messages_are_as_the_naive_model_has_them(void **state)
{
	unsigned char text[400];
	struct intake *in;
	uint32_t seed = 20240229;
	size_t i, n;

	(void)state;
	in = intake_new(64);
	for (i = 0; i < 20000; i++) {
		n = random_message(&seed, text,
		    next_random(&seed) % (i % 2 == 0 ? 24 : sizeof(text)));
		check_against_naive(in, text, n, 1 + next_random(&seed) % 50);
	}
	intake_free(in);
}

/* Longer than the stage and the bound; the violation late, or never. */
static void
large_messages_are_as_the_naive_model_has_them(void **state)
{
	static const char *const ends[] = { "", "\r", "\n", "\r\r\n", "x\n",
		"\r\n\r\n\r\n", "\n\n\n\r\n\r", "" };
	static const size_t steps[] = { 777, 32767, 32768, 65536, SIZE_MAX };
	struct buf text = BUF_INIT;
	struct intake *in;
	uint32_t seed = 5;
	size_t i, k;

	(void)state;
	in = intake_new(100000);
	while (text.len < 300000) {
		for (k = next_random(&seed) % 90; k > 0; k--)
			buf_addc(&text, ' ' + (int)(next_random(&seed) % 90));
		buf_adds(&text, "\r\n");
	}
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		buf_adds(&text, ends[i]);
		for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++)
			check_against_naive(in, text.data, text.len, steps[k]);
		buf_drop(&text, 1);
	}
	intake_free(in);
	buf_release(&text);
}

static void
a_run_of_line_ends_of_any_length_is_only_counted(void **state)
{
	struct buf text = BUF_INIT;
	struct intake *in;
	size_t i;

	(void)state;
	in = intake_new(1000);
	buf_adds(&text, "a");
	for (i = 0; i < 50000; i++)
		buf_adds(&text, "\r\n");
	check_against_naive(in, text.data, text.len, 5000);
	buf_adds(&text, "b");
	check_against_naive(in, text.data, text.len, 5000);
	buf_adds(&text, "\n");
	check_against_naive(in, text.data, text.len, 5000);
	intake_free(in);
	buf_release(&text);
}

static void
line_ends_alone_do_not_change_the_canonical_hash(void **state)
{
	static const char *const same[] = { "Subject: x\r\n\r\nbody\r\n",
		"Subject: x\n\nbody\n", "Subject: x\r\n\r\nbody",
		"Subject: x\r\r\n\r\r\nbody\r\r\n",
		"Subject: x\r\n\r\nbody\r\n\r\n\r",
		"From me Mon Jan 1\nSubject: x\n\nbody\n" };
	static const char *const other[] = { "Subject: x\r\n\r\nbody \r\n",
		"Subject: x\r\nbody\r\n", "Subject: x\r\n\r\nbo\rdy\r\n",
		"From: me\r\nSubject: x\r\n\r\nbody\r\n" };
	struct intake *in;
	struct digest first;
	struct body b;
	size_t i;

	(void)state;
	in = intake_new(1000);
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		intake_begin(in);
		take(in, (const unsigned char *)same[i], strlen(same[i]), 9,
		    &b);
		if (i == 0)
			first = b.digest;
		assert_memory_equal(first.canon, b.digest.canon, 16);
		assert_true(digest_identical(&first, &b.digest) == (i == 0));
	}
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		intake_begin(in);
		take(in, (const unsigned char *)other[i], strlen(other[i]), 9,
		    &b);
		assert_memory_not_equal(first.canon, b.digest.canon, 16);
	}
	intake_free(in);
}

static void
the_same_file_form_of_another_eol_is_another_message(void **state)
{
	struct digest lf, crlf;
	struct intake *in;
	struct body b;

	(void)state;
	in = intake_new(1000);
	intake_begin(in);
	take(in, (const unsigned char *)"a\r\n", 3, 3, &b);
	crlf = b.digest;
	intake_begin(in);
	take(in, (const unsigned char *)"a\n", 2, 2, &b);
	lf = b.digest;
	assert_true(hash_equal(&lf.hash, &crlf.hash));
	assert_false(digest_identical(&lf, &crlf));
	assert_true(digest_identical(&lf, &lf));
	intake_free(in);
}

static void
a_spool_that_cannot_be_written_is_a_fault(void **state)
{
	unsigned char text[40000];
	struct fault f = FAULT_INIT;
	struct intake *in;
	enum rc rc;

	(void)state;
	memset(text, 'a', sizeof(text));
	in = intake_new(1000);
	assert_int_equal(setenv("TMPDIR", "/nonexistent/place", 1), 0);
	intake_begin(in);
	rc = intake_add(in, text, sizeof(text), &f);
	assert_int_equal(rc, RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	/* The next message may work again. */
	check_against_naive(in, text, sizeof(text), 999);
	intake_free(in);
	intake_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_line_end_has_its_form),
		cmocka_unit_test(a_maildir_file_with_lf_alone_stands_for_crlf),
		cmocka_unit_test(
		    all_short_messages_are_as_the_naive_model_has_them),
		cmocka_unit_test(
		    random_messages_are_as_the_naive_model_has_them),
		cmocka_unit_test(
		    large_messages_are_as_the_naive_model_has_them),
		cmocka_unit_test(
		    a_run_of_line_ends_of_any_length_is_only_counted),
		cmocka_unit_test(
		    line_ends_alone_do_not_change_the_canonical_hash),
		cmocka_unit_test(
		    the_same_file_form_of_another_eol_is_another_message),
		cmocka_unit_test(a_spool_that_cannot_be_written_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
