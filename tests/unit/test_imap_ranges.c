#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/ops.h"
#include "stores/imap/ranges.h"

static void
assert_ranges(const struct ranges *r, const char *wanted)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < r->n; i++)
		range_format(r, i, &b);
	assert_string_equal(buf_str(&b), wanted);
	buf_release(&b);
}

static void
a_sample_of_uids_bounds_the_ranges(void **state)
{
	static const struct {
		uint32_t first;
		uint32_t uid[3];
		const char *wanted;
	} cases[] = {
		{ 1, { 4, 5004, 20000 },
		    "UID FETCH 1:5003 UID FETCH 5004:19999 "
		    "UID FETCH 20000:* " },
		/* One that was expunged meanwhile bounds nothing. */
		{ 1, { 4, 0, 20000 }, "UID FETCH 1:19999 UID FETCH 20000:* " },
		{ 5004, { 4, 5004, 20000 },
		    "UID FETCH 5004:19999 UID FETCH 20000:* " },
		{ 5005, { 4, 5004, 20000 },
		    "UID FETCH 5005:19999 UID FETCH 20000:* " },
		{ 30000, { 4, 5004, 20000 }, "UID FETCH 30000:* " },
		{ 1, { 0, 0, 0 }, "UID FETCH 1:* " },
	};
	struct ranges r = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(
		    ranges_from_sample(&r, cases[i].first, cases[i].uid, 3));
		assert_ranges(&r, cases[i].wanted);
	}
	ranges_release(&r);
}

static void
uids_that_do_not_ascend_bound_nothing(void **state)
{
	static const uint32_t falling[] = { 9, 5, 12 }, same[] = { 9, 9 };
	struct ranges r = { 0 };

	(void)state;
	assert_false(ranges_from_sample(&r, 1, falling, 3));
	assert_false(ranges_from_sample(&r, 1, same, 2));
	ranges_release(&r);
}

static void
sequence_numbers_leave_no_gap(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	ranges_by_seq(&r, 1);
	assert_ranges(&r, "FETCH 1:* ");
	ranges_by_seq(&r, 5000);
	assert_ranges(&r, "FETCH 1:* ");
	ranges_by_seq(&r, 10001);
	assert_ranges(&r, "FETCH 1:5000 FETCH 5001:10000 FETCH 10001:* ");
	ranges_by_seq(&r, UINT32_MAX);
	assert_int_equal(r.n, 858994);
	ranges_release(&r);
}

/* What can be sent before the folder is selected is what is sent then. */
static void
what_is_not_too_large_is_one_command(void **state)
{
	static const struct {
		bool known;
		uint32_t messages;
		unsigned want;
		bool one;
	} t[] = { { true, 1, 0, true }, { true, 20000, 0, true },
		{ true, 20001, 0, false }, { false, 1, 0, false },
		{ true, 5000, SCAN_FINGERPRINT, true },
		{ true, 5001, SCAN_FINGERPRINT, false } };
	struct session s = { .tag = 0 };
	struct fault f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct folder folder = { .status_known = t[i].known,
			.messages = t[i].messages };
		struct ranges r = { .alone = imap_scan_alone(t[i].want) };
		struct buf cmd = BUF_INIT;

		assert_int_equal(
		    imap_list_command(&cmd, &s, &folder, t[i].want), t[i].one);
		if (t[i].one) {
			assert_int_equal(
			    ranges_plan(&r, NULL, t[i].messages, 1, &f), RC_OK);
			assert_ranges(&r, "UID FETCH 1:* ");
			assert_memory_equal(cmd.data, "UID FETCH 1:* ", 14);
		}
		ranges_release(&r);
		buf_release(&cmd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_of_uids_bounds_the_ranges),
		cmocka_unit_test(uids_that_do_not_ascend_bound_nothing),
		cmocka_unit_test(sequence_numbers_leave_no_gap),
		cmocka_unit_test(what_is_not_too_large_is_one_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
