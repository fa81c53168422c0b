#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lineage_kit.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const TWO[] = { "INBOX", "Sent" };

/* Generation 1: two folders. */
static const struct kit_mail FIRST[] = {
	{ .folder = 0, .uid = 1, .bytes = "one", .epoch = 100 },
	{ .folder = 0,
	    .uid = 2,
	    .bytes = "two",
	    .epoch = 200,
	    .flags = FLAG_SEEN },
	{ .folder = 0,
	    .uid = 5,
	    .bytes = "five",
	    .epoch = 500,
	    .keywords = "work" },
	{ .folder = 1, .uid = 1, .bytes = "sent", .epoch = 600 },
	{ .folder = 1, .uid = 2, .bytes = "one", .epoch = 100 },
};
static const struct kit_plan FULL = { .folder = TWO,
	.folders = 2,
	.mail = FIRST,
	.n = N(FIRST),
	.flush_every = 2 };

/* Generation 2: one new, one moved, one removed, one read. */
static const struct kit_mail SECOND[] = {
	{ .folder = 0, .uid = 7, .bytes = "seven", .epoch = 700 },
	{ .folder = 1, .uid = 3, .bytes = "two", .epoch = 200 },
	{ .folder = 1, .uid = 4, .bytes = "seven", .epoch = 700 },
};
static const struct kit_mail GONE[] = { { .folder = 0, .uid = 2 } };
static const struct kit_mail READ[] = {
	{ .folder = 0, .uid = 1, .flags = FLAG_SEEN, .keywords = "later" },
};
static const uint32_t BOTH[] = { 1, 2 };
static const struct kit_plan DELTA = { .folder = TWO,
	.folders = 2,
	.mail = SECOND,
	.n = N(SECOND),
	.base = BOTH,
	.gone = GONE,
	.gones = N(GONE),
	.flagged = READ,
	.flaggeds = N(READ) };

/* Generation 3: Sent has become Archive, INBOX was made again. */
static const char *const THREE[] = { "Archive", "INBOX", "New" };
static const uint32_t VALIDITY[] = { 1001, 77, 78 };
static const uint32_t SENT[] = { 2, 0, 0 };
static const struct kit_mail THIRD[] = {
	{ .folder = 1, .uid = 1, .bytes = "five", .epoch = 501 },
	{ .folder = 1, .uid = 2, .bytes = "eight", .epoch = 800 },
};
static const struct kit_plan AGAIN = { .folder = THREE,
	.folders = 3,
	.mail = THIRD,
	.n = N(THIRD),
	.uidvalidity = VALIDITY,
	.base = SENT };

static const char *const SHOWN[] = {
	"INBOX\n 1   one @1\n 2 S  two @1\n 5  work five @1\n"
	"Sent\n 1   sent @1\n 2   one @1\n",
	"INBOX\n 1 S later one @1\n 5  work five @1\n 7   seven @2\n"
	"Sent\n 1   sent @1\n 2   one @1\n 3   two @1\n 4   seven @2\n",
	"Archive\n 1   sent @1\n 2   one @1\n 3   two @1\n 4   seven @2\n"
	"INBOX\n 1   five @1\n 2   eight @3\nNew\n",
};

static void
make(struct kin_kit *k)
{
	kin_kit_open(k);
	kin_kit_add(k, &FULL);
	kin_kit_add(k, &DELTA);
	kin_kit_add(k, &AGAIN);
}

static void
each_generation_is_the_mailbox_of_then(void **state)
{
	struct kin_kit k;
	struct buf b = BUF_INIT;
	struct lineage *l;
	uint32_t g;

	(void)state;
	make(&k);
	for (g = 1; g <= 3; g++) {
		l = kin_kit_must(&k, g, false);
		assert_int_equal(lineage_last(l), 3);
		assert_int_equal(lineage_at(l), g);
		kin_kit_show(l, &b);
		assert_string_equal(buf_str(&b), SHOWN[g - 1]);
		lineage_free(l);
	}
	buf_release(&b);
	kin_kit_close(&k);
}

static void
nothing_is_stored_twice(void **state)
{
	struct kin_kit k;

	(void)state;
	make(&k);
	assert_int_equal(k.archive[0].totals.links, 1);
	assert_int_equal(k.archive[1].totals.messages, 3);
	/* "two" is generation 1's, the second "seven" its own */
	assert_int_equal(k.archive[1].totals.links, 2);
	assert_int_equal(k.archive[1].totals.state, 7);
	/* "five" has another date, and the same octets */
	assert_int_equal(k.archive[2].totals.links, 1);
	assert_int_equal(k.archive[2].totals.state, 6);
	kin_kit_close(&k);
}

static void
archives_come_in_any_order(void **state)
{
	static const size_t order[][3] = { { 0, 1, 2 }, { 0, 2, 1 },
		{ 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	const struct lineage_options o[] = { { .at = 0 },
		{ .at = 0, .verify = true } };
	struct fault f = FAULT_INIT;
	struct lineage *l;
	struct kin_kit k;
	size_t i, way;

	(void)state;
	make(&k);
	for (i = 0; i < N(order); i++)
		for (way = 0; way < N(o); way++) {
			if (kin_kit_lineage(&k, order[i], 3, &o[way], &l, &f) !=
			    RC_OK)
				fail_msg("%s", f.text);
			assert_int_equal(lineage_count(l), 6);
			assert_string_equal(lineage_name(l, 3), "three");
			lineage_free(l);
		}
	kin_kit_close(&k);
}

static void
places_come_segment_by_segment(void **state)
{
	struct lineage_message m;
	struct lineage_place last = { 0, 0, 0 };
	struct fault f = FAULT_INIT;
	struct kin_kit k;
	struct lineage *l;
	uint32_t i;

	(void)state;
	make(&k);
	l = kin_kit_must(&k, 2, false);
	assert_int_equal(lineage_place_order(l, &f), RC_OK);
	for (i = 0; i < lineage_count(l); i++) {
		assert_int_equal(lineage_placed(l, i, &m, &f), RC_OK);
		assert_true(m.place.generation > last.generation ||
		    (m.place.generation == last.generation &&
			(m.place.segment > last.segment ||
			    (m.place.segment == last.segment &&
				m.place.line >= last.line))));
		last = m.place;
	}
	assert_int_equal(last.generation, 2);
	lineage_free(l);
	kin_kit_close(&k);
}

static void
octets_are_found_by_hash_and_date(void **state)
{
	const struct mdate same = { 200, 60, true }, other = { 9, 0, true };
	struct lineage_message m;
	struct fault f = FAULT_INIT;
	struct kin_kit k;
	struct lineage *l;
	struct hash h;

	(void)state;
	make(&k);
	l = kin_kit_must(&k, 0, true);
	/* it is not in the mailbox any more, and in the chain still */
	hash_of("two", 3, &h);
	assert_int_equal(lineage_find(l, &h, EOL_CRLF, &same, &m, &f), RC_OK);
	assert_int_equal(m.place.generation, 1);
	assert_int_equal(m.msg.uid, 2);
	assert_int_equal(lineage_find(l, &h, EOL_CRLF, &other, &m, &f), RC_OK);
	assert_int_equal(lineage_find(l, &h, EOL_RAW, &same, &m, &f), RC_END);
	hash_of("no", 2, &h);
	assert_int_equal(lineage_find(l, &h, EOL_CRLF, &same, &m, &f), RC_END);
	assert_int_equal(lineage_folder_named(l, "INBOX"), 1);
	assert_int_equal(lineage_folder_named(l, "Sent"), UINT32_MAX);
	lineage_free(l);
	kin_kit_close(&k);
}

static void
a_generation_that_is_not_there_is_a_mistake(void **state)
{
	const struct lineage_options o = { .at = 4 };
	struct fault f = FAULT_INIT;
	struct kin_kit k;
	struct lineage *l;

	(void)state;
	make(&k);
	assert_int_equal(kin_kit_lineage(&k, NULL, 0, &o, &l, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_USAGE);
	kin_kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_generation_is_the_mailbox_of_then),
		cmocka_unit_test(nothing_is_stored_twice),
		cmocka_unit_test(archives_come_in_any_order),
		cmocka_unit_test(places_come_segment_by_segment),
		cmocka_unit_test(octets_are_found_by_hash_and_date),
		cmocka_unit_test(a_generation_that_is_not_there_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
