#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/match.h"

/* Two archive folders, at places 0 and 1. */
static const uint32_t places[] = { 0, 1 };

struct scene {
	struct items archive;
	struct items found;
	struct match match;
};

static struct msg
message(uint32_t folder, uint32_t uid, int64_t date)
{
	return (struct msg){ .folder = folder,
		.uid = uid,
		.date = { .epoch = date, .known = true },
		.keywords = "" };
}

/* bytes tells the hash, canon what remains without line ends. */
static struct item *
add(struct items *l, struct msg m, int bytes, int canon)
{
	struct digest d = { .eol = EOL_CRLF, .wire_size = 10 };

	memset(d.hash.b, bytes, sizeof(d.hash.b));
	memset(d.canon, canon, sizeof(d.canon));
	return items_add(l, &m, &d);
}

static int
begin(void **state)
{
	static struct scene s;

	memset(&s, 0, sizeof(s));
	*state = &s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	match_release(&s->match);
	items_release(&s->archive);
	items_release(&s->found);
	return 0;
}

static size_t
count(const struct scene *s, enum proof p)
{
	size_t i, n = 0;

	for (i = 0; i < s->archive.n; i++)
		n += s->archive.v[i].proof == p;
	return n;
}

static void
three_copies_need_three_copies(void **state)
{
	struct scene *s = *state;
	uint32_t uid;

	for (uid = 1; uid <= 3; uid++)
		add(&s->archive, message(0, uid, 5), 1, 1);
	add(&s->found, message(0, 7, 5), 1, 1);
	add(&s->found, message(0, 8, 5), 1, 1);
	match_init(&s->match, &s->archive, places);
	match_place(&s->match, 0, &s->found);
	assert_int_equal(count(s, PROOF_IDENTICAL), 2);
	assert_int_equal(count(s, PROOF_MISSING), 1);
	assert_int_equal(s->found.n, 0);
}

static void
a_copy_too_many_is_left_over(void **state)
{
	struct scene *s = *state;

	add(&s->archive, message(0, 1, 5), 1, 1);
	add(&s->found, message(0, 7, 5), 1, 1);
	add(&s->found, message(0, 8, 5), 1, 1);
	match_init(&s->match, &s->archive, places);
	match_place(&s->match, 0, &s->found);
	match_elsewhere(&s->match, &s->found);
	assert_int_equal(count(s, PROOF_IDENTICAL), 1);
	assert_int_equal(s->found.n, 1);
}

static void
identical_bytes_go_before_equal_line_ends(void **state)
{
	struct scene *s = *state;

	/* the first found would fit both by its canonical form */
	add(&s->archive, message(0, 1, 5), 1, 9);
	add(&s->archive, message(0, 2, 5), 2, 9);
	add(&s->found, message(0, 7, 5), 3, 9);
	add(&s->found, message(0, 8, 5), 1, 9);
	match_init(&s->match, &s->archive, places);
	match_place(&s->match, 0, &s->found);
	assert_int_equal(s->archive.v[0].proof, PROOF_IDENTICAL);
	assert_int_equal(s->archive.v[0].found_uid, 8);
	assert_int_equal(s->archive.v[1].proof, PROOF_LINE_ENDS);
}

static void
the_same_file_with_other_line_ends_is_not_identical(void **state)
{
	struct scene *s = *state;

	add(&s->archive, message(0, 1, 5), 1, 1);
	add(&s->found, message(0, 7, 5), 1, 1)->eol = EOL_RAW;
	match_init(&s->match, &s->archive, places);
	match_place(&s->match, 0, &s->found);
	assert_int_equal(s->archive.v[0].proof, PROOF_LINE_ENDS);
}

static void
a_message_in_another_folder_is_relocated(void **state)
{
	struct scene *s = *state;

	add(&s->archive, message(0, 1, 5), 1, 1);
	add(&s->archive, message(1, 1, 5), 2, 2);
	add(&s->found, message(1, 7, 5), 1, 1);
	match_init(&s->match, &s->archive, places);
	match_place(&s->match, 1, &s->found);
	assert_int_equal(count(s, PROOF_IDENTICAL), 0);
	match_elsewhere(&s->match, &s->found);
	assert_int_equal(s->archive.v[0].proof, PROOF_RELOCATED);
	assert_int_equal(s->archive.v[0].found_folder, 1);
	assert_int_equal(s->archive.v[0].found_uid, 7);
	assert_int_equal(s->archive.v[1].proof, PROOF_MISSING);
}

static void
copies_are_paired_so_that_nothing_seems_to_drift(void **state)
{
	struct scene *s = *state;

	add(&s->archive, message(0, 1, 5), 1, 1);
	add(&s->archive, message(0, 2, 6), 1, 1);
	add(&s->found, message(0, 7, 6), 1, 1);
	add(&s->found, message(0, 8, 5), 1, 1);
	match_init(&s->match, &s->archive, places);
	match_place(&s->match, 0, &s->found);
	assert_int_equal(s->match.drifts, 0);
	assert_int_equal(s->archive.v[0].found_uid, 8);
}

static void
changed_dates_flags_and_keywords_are_drift(void **state)
{
	struct scene *s = *state;
	struct msg found = message(0, 7, 6);

	found.flags = FLAG_SEEN;
	found.keywords = "todo";
	add(&s->archive, message(0, 1, 5), 1, 1);
	add(&s->found, found, 1, 1);
	match_init(&s->match, &s->archive, places);
	match_place(&s->match, 0, &s->found);
	assert_int_equal(s->match.drifts, 1);
	assert_true(s->match.drift[0].date);
	assert_true(s->match.drift[0].flags);
	assert_true(s->match.drift[0].keywords);
	assert_int_equal(s->archive.v[0].proof, PROOF_IDENTICAL);
}

static void
an_unknown_date_is_no_drift(void **state)
{
	struct scene *s = *state;
	struct msg m = message(0, 1, 0);

	m.date.known = false;
	add(&s->archive, m, 1, 1);
	add(&s->found, message(0, 7, 6), 1, 1);
	match_init(&s->match, &s->archive, places);
	match_place(&s->match, 0, &s->found);
	assert_int_equal(s->match.drifts, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
		T(three_copies_need_three_copies),
		T(a_copy_too_many_is_left_over),
		T(identical_bytes_go_before_equal_line_ends),
		T(the_same_file_with_other_line_ends_is_not_identical),
		T(a_message_in_another_folder_is_relocated),
		T(copies_are_paired_so_that_nothing_seems_to_drift),
		T(changed_dates_flags_and_keywords_are_drift),
		T(an_unknown_date_is_no_drift),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
