/* Going on with a delta whose writer was cut short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lineage_kit.h"
#include "tests/unit/salvage_kit.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const TWO[] = { "INBOX", "Sent" };
static const char *const THREE[] = { "INBOX", "Sent", "New" };
static const uint32_t BOTH[] = { 1, 2, 0 };

static const struct kit_mail FIRST[] = {
	{ .folder = 0, .uid = 1, .bytes = "one", .keywords = "a b" },
	{ .folder = 0, .uid = 2, .bytes = "two", .epoch = 200 },
	{ .folder = 1, .uid = 1, .bytes = "sent", .keywords = "z" },
};
static const struct kit_plan FULL = { .folder = TWO,
	.folders = 2,
	.mail = FIRST,
	.n = N(FIRST) };

/* New, moved, and with keywords whose letters the parent has given. */
static const struct kit_mail SECOND[] = {
	{ .folder = 0, .uid = 7, .bytes = "seven", .keywords = "b c" },
	{ .folder = 1, .uid = 3, .bytes = "two", .epoch = 200 },
	{ .folder = 1, .uid = 4, .bytes = "seven", .keywords = "x z" },
	{ .folder = 0, .uid = 8, .bytes = "eight", .keywords = "a d" },
	{ .folder = 2, .uid = 1, .bytes = "eight", .keywords = "d" },
	{ .folder = 0, .uid = 9, .bytes = "sent", .keywords = "c" },
};
static const struct kit_mail GONE[] = { { .folder = 0, .uid = 2 } };
static const struct kit_mail READ[] = {
	{ .folder = 0, .uid = 1, .flags = FLAG_SEEN, .keywords = "c" },
};
static const struct kit_plan DELTA = { .folder = THREE,
	.folders = 3,
	.mail = SECOND,
	.n = N(SECOND),
	.flush_every = 1,
	.base = BOTH,
	.gone = GONE,
	.gones = N(GONE),
	.flagged = READ,
	.flaggeds = N(READ) };

/* Of an archive so many octets, with another one as the parent. */
static void
resume(struct kin_kit *k, size_t archive, size_t parent, size_t octets,
    struct kit_resumed *r)
{
	const struct lineage_options o = { .next = true };
	struct kit_plan p = DELTA;
	struct fault f = FAULT_INIT;

	if (kin_kit_lineage(k, &parent, 1, &o, &p.parent, &f) != RC_OK)
		fail_msg("%s", f.text);
	kit_resume(&k->kit, &p, k->archive[archive].bytes.data, octets, r);
	lineage_free(p.parent);
}

static void
a_cut_delta_leaves_no_trace(void **state)
{
	struct kit_resumed r;
	struct kin_kit k;
	struct kit_archive *whole = &k.archive[1];
	struct frames f;
	size_t i, octets;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &FULL);
	kin_kit_add(&k, &DELTA);
	frames_of(&whole->bytes, &f);
	assert_int_equal(f.n, 1 + 2 * (N(SECOND) + 1) + 1);
	for (i = 1; i < 2 * f.n; i++) {
		octets = f.at[i / 2] + f.len[i / 2] / (1 + i % 2);
		if (octets < f.len[0])
			continue;
		resume(&k, 1, 0, octets, &r);
		if (r.rc != RC_OK)
			fail_msg("%zu: %s", octets, r.fault.text);
		assert_int_equal(r.was.complete, octets >= f.at[f.n - 1]);
		assert_int_equal(r.a.bytes.len, whole->bytes.len);
		assert_memory_equal(r.a.bytes.data, whole->bytes.data,
		    whole->bytes.len);
		assert_string_equal(buf_str(&r.a.minisig),
		    buf_str(&whole->minisig));
		assert_int_equal(r.a.totals.state, whole->totals.state);
		kit_release(&r.a);
	}
	kin_kit_close(&k);
}

static void
another_parent_is_refused(void **state)
{
	/* Archive 1 is a child of 0, 2 is nobody's. */
	static const struct {
		size_t archive, parent;
		const char *text;
	} t[] = { { 1, 2, "it was begun from another parent" },
		{ 0, 2, "it is an archive of another kind" } };
	struct kit_resumed r;
	struct kin_kit k;
	size_t i;

	(void)state;
	kin_kit_open(&k);
	kin_kit_add(&k, &FULL);
	kin_kit_add(&k, &DELTA);
	kin_kit_child(&k, &FULL, NULL, 0, 0);
	for (i = 0; i < N(t); i++) {
		resume(&k, t[i].archive, t[i].parent,
		    k.archive[t[i].archive].bytes.len, &r);
		assert_int_equal(r.rc, RC_STORE);
		assert_int_equal(r.fault.cause, CAUSE_USAGE);
		assert_non_null(strstr(r.fault.text, t[i].text));
		assert_true(r.untouched);
	}
	kin_kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_delta_leaves_no_trace),
		cmocka_unit_test(another_parent_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
