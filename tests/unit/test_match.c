#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/match.h"
#include "util/mem.h"

/* Two archive folders, at places 0 and 1. */
static const uint32_t places[] = { 0, 1 };

enum { FOUND_MAX = 8 };

struct scene {
	struct items archive;
	struct labels *labels;
	struct match match;
	unsigned char canon[FOUND_MAX]; /* of the archive's items */
	struct facts found[FOUND_MAX];
	bool taken[FOUND_MAX];
	size_t n;
};

static uint32_t
label(struct scene *s, unsigned flags, const char *keywords)
{
	const struct msg m = { .flags = flags, .keywords = keywords };

	return labels_add(s->labels, &m);
}

/* bytes tells the hash, canon what remains without line ends. */
static struct item *
archive(struct scene *s, uint32_t folder, uint32_t uid, int64_t date, int bytes,
    int canon)
{
	struct items *l = &s->archive;
	struct item *i;

	l->v = xgrow(l->v, l->n, &l->cap, sizeof(*l->v));
	if (l->n < FOUND_MAX)
		s->canon[l->n] = (unsigned char)canon;
	i = &l->v[l->n++];
	*i = (struct item){ .folder = folder,
		.uid = uid,
		.epoch = date,
		.dated = true,
		.eol = EOL_CRLF,
		.label = label(s, 0, "") };
	memset(i->key.b, bytes, sizeof(i->key.b));
	return i;
}

static struct facts
facts(struct scene *s, uint32_t place, uint32_t uid, int64_t date, int bytes)
{
	struct facts r = { .place = place,
		.uid = uid,
		.epoch = date,
		.dated = true,
		.eol = EOL_CRLF,
		.label = label(s, 0, "") };

	memset(r.key.b, bytes, sizeof(r.key.b));
	return r;
}

static struct facts *
found(struct scene *s, uint32_t place, uint32_t uid, int64_t date, int bytes,
    int canon)
{
	struct facts *r = &s->found[s->n++];

	*r = facts(s, place, uid, date, bytes);
	memset(r->canon, canon, sizeof(r->canon));
	return r;
}

static void
pass(struct scene *s, bool canon, bool anywhere, enum proof proof)
{
	uint32_t place;
	size_t k;

	for (k = 0; k < s->n; k++) {
		place = anywhere ? MATCH_NOWHERE : s->found[k].place;
		if (!s->taken[k])
			s->taken[k] = canon ?
			    match_canon(&s->match, place, proof, &s->found[k]) :
			    match_key(&s->match, place, proof, &s->found[k]);
	}
}

/* As audits go: first as they come, then what is left over. */
static void
match(struct scene *s)
{
	struct gap *g;
	size_t k;

	match_init(&s->match, &s->archive, s->labels, places);
	pass(s, false, false, PROOF_IDENTICAL);
	match_find_gaps(&s->match);
	for (k = 0; k < s->match.gaps; k++) {
		g = &s->match.gap[k];
		memset(g->canon, s->canon[g->item], sizeof(g->canon));
	}
	match_order_gaps(&s->match);
	pass(s, true, false, PROOF_LINE_ENDS);
	pass(s, false, true, PROOF_RELOCATED);
	pass(s, true, true, PROOF_RELOCATED);
	match_end(&s->match);
}

static size_t
left(const struct scene *s)
{
	size_t k, n = 0;

	for (k = 0; k < s->n; k++)
		n += !s->taken[k];
	return n;
}

static int
begin(void **state)
{
	static struct scene s;

	memset(&s, 0, sizeof(s));
	s.labels = labels_new();
	*state = &s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	match_release(&s->match);
	items_release(&s->archive);
	labels_free(s->labels);
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

/* Where an item was found, in another folder. */
static void
is_now(const struct scene *s, uint32_t item, uint32_t place, uint32_t uid)
{
	const struct moved *m;

	assert_int_equal(s->archive.v[item].proof, PROOF_RELOCATED);
	m = match_moved(&s->match, item);
	assert_int_equal(m->place, place);
	assert_int_equal(m->uid, uid);
}

static void
three_copies_need_three_copies(void **state)
{
	struct scene *s = *state;
	uint32_t uid;

	for (uid = 1; uid <= 3; uid++)
		archive(s, 0, uid, 5, 1, 1);
	found(s, 0, 7, 5, 1, 1);
	found(s, 0, 8, 5, 1, 1);
	match(s);
	assert_int_equal(count(s, PROOF_IDENTICAL), 2);
	assert_int_equal(count(s, PROOF_MISSING), 1);
	assert_int_equal(s->match.gap[0].item, 2);
	assert_int_equal(left(s), 0);
}

static void
a_copy_too_many_is_left_over(void **state)
{
	struct scene *s = *state;

	archive(s, 0, 1, 5, 1, 1);
	found(s, 0, 7, 5, 1, 1);
	found(s, 0, 8, 5, 1, 1);
	match(s);
	assert_int_equal(count(s, PROOF_IDENTICAL), 1);
	assert_int_equal(left(s), 1);
	assert_false(s->taken[1]);
}

static void
identical_bytes_go_before_equal_line_ends(void **state)
{
	struct scene *s = *state;

	/* the first found would fit both by its canonical form */
	archive(s, 0, 1, 5, 1, 9);
	archive(s, 0, 2, 5, 2, 9);
	found(s, 0, 7, 5, 3, 9);
	found(s, 0, 8, 5, 1, 9);
	match(s);
	assert_int_equal(s->archive.v[0].proof, PROOF_IDENTICAL);
	assert_int_equal(s->archive.v[1].proof, PROOF_LINE_ENDS);
	assert_int_equal(left(s), 0);
}

static void
the_same_file_with_other_line_ends_is_not_identical(void **state)
{
	struct scene *s = *state;

	archive(s, 0, 1, 5, 1, 1);
	found(s, 0, 7, 5, 1, 1)->eol = EOL_RAW;
	match(s);
	assert_int_equal(s->archive.v[0].proof, PROOF_LINE_ENDS);
}

static void
a_message_in_another_folder_is_relocated(void **state)
{
	struct scene *s = *state;

	archive(s, 0, 1, 5, 1, 1);
	archive(s, 1, 1, 5, 2, 2);
	found(s, 1, 7, 5, 1, 1);
	match(s);
	assert_int_equal(count(s, PROOF_IDENTICAL), 0);
	is_now(s, 0, 1, 7);
	assert_int_equal(s->archive.v[1].proof, PROOF_MISSING);
}

static void
line_ends_and_folder_may_both_be_others(void **state)
{
	struct scene *s = *state;

	archive(s, 0, 1, 5, 1, 9);
	archive(s, 1, 1, 5, 2, 9);
	found(s, 1, 7, 5, 3, 9);
	found(s, 1, 8, 5, 4, 9);
	match(s);
	/* the one in its own folder comes first */
	assert_int_equal(s->archive.v[1].proof, PROOF_LINE_ENDS);
	is_now(s, 0, 1, 8);
}

static void
copies_are_paired_so_that_nothing_seems_to_drift(void **state)
{
	struct scene *s = *state;

	archive(s, 0, 1, 5, 1, 1);
	archive(s, 0, 2, 6, 1, 1);
	found(s, 0, 7, 6, 1, 1);
	found(s, 0, 8, 5, 1, 1);
	match(s);
	assert_int_equal(s->match.drifts, 0);
	assert_int_equal(count(s, PROOF_IDENTICAL), 2);
}

static void
of_unlike_copies_the_most_alike_is_taken(void **state)
{
	struct scene *s = *state;
	struct facts *f;

	archive(s, 0, 1, 5, 1, 1);
	archive(s, 0, 2, 6, 1, 1)->label = label(s, FLAG_SEEN, "a");
	archive(s, 0, 3, 6, 1, 1)->label = label(s, FLAG_SEEN, "b");
	f = found(s, 0, 7, 6, 1, 1);
	f->label = label(s, FLAG_DELETED, "b");
	match(s);
	assert_int_equal(s->archive.v[2].proof, PROOF_IDENTICAL);
	assert_int_equal(s->match.drifts, 1);
	assert_true(s->match.drift[0].flags);
	assert_false(s->match.drift[0].date);
	assert_false(s->match.drift[0].keywords);
}

static void
changed_dates_flags_and_keywords_are_drift(void **state)
{
	struct scene *s = *state;

	archive(s, 0, 1, 5, 1, 1);
	found(s, 0, 7, 6, 1, 1)->label = label(s, FLAG_SEEN, "todo");
	match(s);
	assert_int_equal(s->match.drifts, 1);
	assert_int_equal(s->match.drift[0].item, 0);
	assert_int_equal(s->match.drift[0].epoch, 6);
	assert_true(s->match.drift[0].date);
	assert_true(s->match.drift[0].flags);
	assert_true(s->match.drift[0].keywords);
	assert_int_equal(s->archive.v[0].proof, PROOF_IDENTICAL);
}

static void
an_unknown_date_is_no_drift(void **state)
{
	struct scene *s = *state;

	archive(s, 0, 1, 0, 1, 1)->dated = false;
	found(s, 0, 7, 6, 1, 1);
	match(s);
	assert_int_equal(s->match.drifts, 0);
	assert_int_equal(count(s, PROOF_IDENTICAL), 1);
}

/* Ranks looked at, not time: a chain of equal ones that is searched from its
 * start each time would take MANY * MANY / 2. */
static void
many_equal_messages_cost_no_more_than_many_others(void **state)
{
	enum { MANY = 100000, STEPS_EACH = 200 };
	struct scene *s = *state;
	const uint32_t other = label(s, FLAG_SEEN, "");
	struct facts f;
	uint32_t i;

	for (i = 0; i < MANY; i++)
		archive(s, 0, i + 1, i / 2, 1, 1);
	match_init(&s->match, &s->archive, s->labels, places);
	for (i = 0; i < MANY; i++) {
		f = facts(s, 0, i + 1, MANY - i, 1);
		if (i % 3 == 0)
			f.label = other;
		assert_true(match_key(&s->match, 0, PROOF_IDENTICAL, &f));
	}
	f = facts(s, 0, MANY + 1, 1, 1);
	assert_false(match_key(&s->match, 0, PROOF_IDENTICAL, &f));
	assert_int_equal(count(s, PROOF_IDENTICAL), MANY);
	if (s->match.by_key.steps > (uint64_t)MANY * STEPS_EACH)
		fail_msg("%llu steps",
		    (unsigned long long)s->match.by_key.steps);
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
		T(line_ends_and_folder_may_both_be_others),
		T(copies_are_paired_so_that_nothing_seems_to_drift),
		T(of_unlike_copies_the_most_alike_is_taken),
		T(changed_dates_flags_and_keywords_are_drift),
		T(an_unknown_date_is_no_drift),
		T(many_equal_messages_cost_no_more_than_many_others),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
