/* An intake that keeps the start of a message only: what it tells is what an
 * intake that keeps all would tell, and what it cannot tell it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes/body.h"
#include "tests/unit/naive.h"

enum { BOUND = 4096, KEEP = 16 };

static void
take(struct intake *in, const void *p, size_t n, size_t step, struct body *r)
{
	const unsigned char *at = p;
	struct fault f = FAULT_INIT;
	size_t i, k;

	for (i = 0; i < n; i += k) {
		k = n - i < step ? n - i : step;
		assert_int_equal(intake_add(in, at + i, k, &f), RC_OK);
	}
	assert_true(intake_size(in) == n);
	assert_int_equal(intake_end(in, r, &f), RC_OK);
}

static void
what_a_kept_start_can_tell(void **state)
{
	static const struct {
		const char *wire;
		enum digest_lack lack;
	} t[] = {
		/* within what is kept, anything */
		{ "", LACKS_NOTHING },
		{ "A: b\r\n\r\nx\n", LACKS_NOTHING },
		{ "From x\r\nA: b\r\n", LACKS_NOTHING },
		/* whatever conforms */
		{ "A: b\r\n\r\n0123456789 0123456789\r\n", LACKS_NOTHING },
		{ "A: b\r\n\r\n0123456789\r\n\r\n\r\n", LACKS_NOTHING },
		/* no line end was dropped: both forms are the same */
		{ "A: 0123456789 0123456789\n", LACKS_NOTHING },
		/* it shows early, and nothing is to be folded */
		{ "A: b\n\n0123456789 0123456789\n", LACKS_NOTHING },
		/* it shows early, and what is canonical needs the rest */
		{ "A: b\n\r\n0123456789 0123456789\n", LACKS_CANON },
		{ "From x\r\n0123456789 0123456789\r\n", LACKS_CANON },
		{ "A: b\r\n\r\n0123456789 0123456789\r", LACKS_CANON },
		/* it shows late */
		{ "A: b\r\n\r\n0123456789 0123456789\n", LACKS_HASH },
		{ "A: b\r\n\r\n0123456789 \r\r\n 0123456789\r\n", LACKS_HASH },
	};
	struct intake *in = intake_new(BOUND);
	struct naive m;
	struct body b;
	size_t i, n, step;

	(void)state;
	intake_keep(in, KEEP);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (step = 1; step < 64; step += 13) {
			n = strlen(t[i].wire);
			intake_begin(in);
			take(in, t[i].wire, n, step, &b);
			naive_of((const unsigned char *)t[i].wire, n, false,
			    &m);
			/* larger pieces are dropped later */
			if (step == 1 ? b.digest.lack != t[i].lack :
					b.digest.lack > t[i].lack)
				fail_msg("%zu, step %zu: lacks %d", i, step,
				    (int)b.digest.lack);
			assert_true(naive_agrees(&m, &b.digest));
			assert_true(b.digest.wire_size == n);
			naive_release(&m);
		}
	intake_free(in);
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

static void
random_messages_agree_with_an_intake_that_keeps_all(void **state)
{
	enum { ROUNDS = 20000, SIZE = 60 };
	static const unsigned char octets[] = "\r\n\r\n\r\n\r\nab \0F";
	struct intake *in = intake_new(BOUND);
	unsigned char p[SIZE];
	uint32_t seed = 7;
	struct naive m;
	struct body b;
	size_t i, k, n, lacking = 0;
	bool maildir;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		n = next_random(&seed) % SIZE;
		for (k = 0; k < n; k++)
			p[k] = octets[next_random(&seed) % sizeof(octets)];
		maildir = i % 2 == 0;
		intake_keep(in, next_random(&seed) % SIZE);
		if (maildir)
			intake_begin_maildir(in);
		else
			intake_begin(in);
		take(in, p, n, 1 + next_random(&seed) % SIZE, &b);
		naive_of(p, n, maildir, &m);
		assert_true(naive_agrees(&m, &b.digest));
		lacking += b.digest.lack != LACKS_NOTHING;
		naive_release(&m);
	}
	assert_true(lacking > ROUNDS / 10 && lacking < ROUNDS / 10 * 9);
	intake_free(in);
}

static void
the_header_is_there_as_far_as_it_was_kept(void **state)
{
	static const char text[] =
	    "A: b\r\nC: d\r\n\r\n0123456789 0123456789\r\n";
	struct intake *in = intake_new(BOUND);
	struct buf header = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct body b;

	(void)state;
	intake_keep(in, KEEP);
	take(in, text, sizeof(text) - 1, 7, &b);
	assert_true(spool_size(b.spool) == KEEP);
	assert_int_equal(body_header(&b, KEEP, &header, &f), RC_OK);
	assert_string_equal(buf_str(&header), "A: b\nC: d\n");
	/* all again, from the next message on */
	intake_keep(in, UINT64_MAX);
	intake_begin(in);
	take(in, text, sizeof(text) - 1, 7, &b);
	assert_true(spool_size(b.spool) == b.digest.file_size);
	buf_release(&header);
	intake_free(in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_kept_start_can_tell),
		cmocka_unit_test(
		    random_messages_agree_with_an_intake_that_keeps_all),
		cmocka_unit_test(the_header_is_there_as_far_as_it_was_kept),
	};

	if (!hash_startup())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
