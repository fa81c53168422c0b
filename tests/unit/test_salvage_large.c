/* Salvage at the size of real segments: what one flipped bit costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/salvage_kit.h"

/* Many blocks a segment, mail that compresses and repeats itself. */
enum { LARGE_MAILS = 160, LARGE = 20000 };

static void
make_large(struct kit_mail *mail, char *text)
{
	uint32_t x = 7;
	size_t i, k;

	for (i = 0; i < LARGE_MAILS; i++) {
		mail[i] = (struct kit_mail){ .uid = (uint32_t)i + 1,
			.bytes = text + i * LARGE,
			.n = LARGE,
			.epoch = 1000 + (int64_t)i };
		for (k = 0; k < LARGE; k++) {
			x = x * 1664525 + 1013904223;
			text[i * LARGE + k] = k % 70 == 68 ?
			    '\r' :
			    k % 70 == 69 ?
			    '\n' :
			    "abcdefghijklmnopqrstuvwxyz +/="[(x >> 20) % 30];
		}
		/* The same header everywhere. */
		memcpy(text + i * LARGE, "Subject: the same in all\r\n\r\n",
		    28);
	}
}

static void
a_flip_in_large_segments_costs_little(void **state)
{
	static struct kit_mail mail[LARGE_MAILS];
	static char text[LARGE_MAILS * LARGE];
	static const char *const folders[] = { "INBOX" };
	const struct kit_plan plan = { .folder = folders,
		.folders = 1,
		.mail = mail,
		.n = LARGE_MAILS,
		.segment_size = 1600000 };
	struct kit *k = *state;
	struct kit_archive a;
	struct rescue r;
	uint32_t x = 3;
	size_t i, at, sum = 0;

	make_large(mail, text);
	kit_write(k, &plan, &a);
	for (i = 0; i < 40; i++) {
		x = x * 1664525 + 1013904223;
		at = (size_t)((uint64_t)x * a.bytes.len >> 32);
		a.bytes.data[at] ^= (unsigned char)(1 << i % 8);
		rescue_bytes(k, &plan, a.bytes.data, a.bytes.len, &r);
		a.bytes.data[at] ^= (unsigned char)(1 << i % 8);
		assert_int_equal(r.rc, RC_OK);
		assert_int_equal(r.wrong, 0);
		assert_int_equal(r.messages + r.lost + r.strays, LARGE_MAILS);
		sum += r.messages;
	}
	if (sum < (size_t)40 * LARGE_MAILS * 97 / 100)
		fail_msg("%zu of %d", sum, 40 * LARGE_MAILS);
	kit_release(&a);
}

static int
open_all(void **state)
{
	static struct kit k;

	kit_open(&k);
	*state = &k;
	return 0;
}

static int
close_all(void **state)
{
	kit_close(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flip_in_large_segments_costs_little),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
