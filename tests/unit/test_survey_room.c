#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "survey/fit/fit.h"
#include "tests/unit/survey_kit.h"

static void
load(struct quirks *q, const char *text)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;

	buf_adds(&b, "[T]\nmatch kind imap\n");
	buf_adds(&b, text);
	*q = (struct quirks)QUIRKS_INIT;
	if (quirks_parse(q, "t", &b, &f) != RC_OK)
		fail_msg("%s", f.text);
	buf_release(&b);
}

/* The only finding of its kind. */
static const struct finding *
only(const struct fit *fit, enum fit_kind kind)
{
	const struct finding *f = NULL;
	size_t i;

	for (i = 0; i < fit->n; i++) {
		if (fit->v[i].kind != kind)
			continue;
		if (f != NULL)
			fail_msg("a second one: %s", fit->v[i].why);
		f = &fit->v[i];
	}
	return f;
}

static void
check(const struct finding *f, size_t row, bool found, enum fit_level level,
    uint64_t messages, const char *words)
{
	if ((f != NULL) != found)
		fail_msg("row %zu: %s", row, f == NULL ? "nothing" : f->why);
	if (f == NULL)
		return;
	if (f->level != level || f->messages != messages ||
	    strstr(f->why, words) == NULL)
		fail_msg("row %zu: level %d, %d messages: %s", row,
		    (int)f->level, (int)f->messages, f->why);
}

static void
what_comes_is_held_against_the_quota(void **state)
{
	static const struct {
		const char *resource;
		uint64_t usage, limit;
		enum fit_level level;
		const char *words;
	} rows[] = {
		/* 100 messages of 1,000 octets come */
		{ "STORAGE", 0, 99999, FIT_PROBLEM, "more than it may" },
		{ "STORAGE", 0, 104999, FIT_WARNING, "a twentieth" },
		{ "STORAGE", 0, 105000, FIT_NOTE, "gets 100.0 kB" },
		{ "STORAGE", 900, 105000, FIT_WARNING, "a twentieth" },
		{ "STORAGE", 200000, 105000, FIT_PROBLEM, "more than" },
		{ "MESSAGE", 1, 100, FIT_PROBLEM, "together 101 of 100" },
		{ "MESSAGE", 0, 100, FIT_NOTE, "together 100 of 100" },
		{ "STORAGE", UINT64_MAX, UINT64_MAX, FIT_PROBLEM, "" },
	};
	struct survey s;
	struct fit fit;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_survey(&s, true);
		(void)kit_box(&s, "INBOX", 100);
		kit_quota(&s.target, rows[i].resource, rows[i].usage,
		    rows[i].limit);
		kit_quota(&s.target, "X-OTHER", 9, 8);
		fit_survey(&s, NULL, NULL, NULL, &fit);
		check(only(&fit, FIT_QUOTA), i, true, rows[i].level, 100,
		    rows[i].words);
		fit_release(&fit);
		survey_release(&s);
	}
}

static void
each_message_that_is_too_big_is_named(void **state)
{
	struct survey s;
	struct quirks q;
	struct fit fit;

	(void)state;
	kit_survey(&s, true);
	(void)kit_box(&s, "INBOX", 9);
	(void)kit_box(&s, "B", 9);
	kit_largest(&s, 1, 5000, "first");
	kit_largest(&s, 0, 4001, "second");
	kit_largest(&s, 0, 4000, "third");
	s.target.append_limit = 4000;
	/* more than are known by name */
	s.total.ugly[UGLY_OVER_LIMIT].messages = 7;
	fit_survey(&s, NULL, NULL, NULL, &fit);
	assert_int_equal(fit.count[FIT_PROBLEM], 3);
	assert_string_equal(fit.v[0].name, "");
	assert_int_equal(fit.v[0].messages, 5);
	assert_string_equal(fit.v[1].name, "B");
	assert_non_null(strstr(fit.v[1].why, "UID 7 has 5.0 kB"));
	assert_non_null(strstr(fit.v[1].why, "first"));
	assert_string_equal(fit.v[2].name, "INBOX");
	fit_release(&fit);

	/* A limit that is only known of the server's kind may be another. */
	s.target.append_limit = 0;
	load(&q, "message-max 4500\n");
	fit_survey(&s, NULL, NULL, &q.v[0], &fit);
	check(only(&fit, FIT_TOO_BIG), 1, true, FIT_WARNING, 1, "unless");
	fit_release(&fit);
	quirks_release(&q);
	survey_release(&s);
}

static void
the_pace_of_servers_makes_days(void **state)
{
	struct survey s;
	struct quirks in, out;
	struct fit fit;

	(void)state;
	kit_survey(&s, true);
	(void)kit_box(&s, "INBOX", 100);
	load(&in, "hour-in 30\n");
	load(&out, "day-out 30000\n");
	fit_survey(&s, NULL, &out.v[0], &in.v[0], &fit);
	assert_int_equal(fit.n, 2);
	assert_non_null(strstr(fit.v[0].why, "at least 4 "));
	assert_non_null(strstr(fit.v[1].why, "at least 4 "));
	fit_release(&fit);
	quirks_release(&in);
	load(&in, "day-in 100000\n");
	fit_survey(&s, NULL, NULL, &in.v[0], &fit);
	assert_int_equal(fit.n, 0);
	fit_release(&fit);
	quirks_release(&in);
	quirks_release(&out);
	survey_release(&s);
}

static const struct {
	enum ugly ugly;
	bool found;
	enum fit_kind kind;
	enum fit_level level;
	const char *quirks; /* NULL: the target is of no known kind */
	const char *words;
} traits[] = {
	{ UGLY_NUL, true, FIT_REFUSED, FIT_WARNING, NULL, "refuse or" },
	{ UGLY_NUL, true, FIT_REFUSED, FIT_PROBLEM, "refuses nul\n",
	    "are refused" },
	{ UGLY_NUL, true, FIT_CHANGED, FIT_NOTE, "changes nul\n", "replaces" },
	{ UGLY_NUL, false, FIT_REFUSED, FIT_NOTE, "", "" },
	{ UGLY_BARE_LF, true, FIT_REFUSED, FIT_PROBLEM, "refuses bare-lf\n",
	    "LF" },
	{ UGLY_EMPTY, true, FIT_REFUSED, FIT_PROBLEM, "refuses empty\n",
	    "empty" },
	{ UGLY_BAD_HEADER, true, FIT_REFUSED, FIT_PROBLEM,
	    "refuses bad-header\n", "no field" },
	{ UGLY_8BIT_HEADER, true, FIT_CHANGED, FIT_NOTE,
	    "changes 8bit-header\n", "ASCII" },
	{ UGLY_NO_END, true, FIT_CHANGED, FIT_NOTE, "changes no-end\n",
	    "line end" },
	{ UGLY_NO_END, false, FIT_CHANGED, FIT_NOTE, NULL, "" },
	{ UGLY_NO_DATE, true, FIT_CHANGED, FIT_NOTE, "", "INTERNALDATE" },
	{ UGLY_LINE_998, true, FIT_CHANGED, FIT_NOTE, NULL, "998" },
	{ UGLY_LINE_10000, true, FIT_REFUSED, FIT_PROBLEM, "line-max 9900\n",
	    "longest one has 20000" },
	{ UGLY_LINE_10000, false, FIT_REFUSED, FIT_NOTE, "line-max 30000\n",
	    "" },
	{ UGLY_REFUSED, true, FIT_UNSEEN, FIT_PROBLEM, NULL, "not give" },
};

static void
mail_that_will_be_refused_or_changed_is_told_with_why(void **state)
{
	struct survey s;
	struct quirks q;
	struct fit fit;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(traits) / sizeof(traits[0]); i++) {
		kit_survey(&s, true);
		(void)kit_box(&s, "INBOX", 99);
		s.total.ugly[traits[i].ugly].messages = 3;
		s.total.longest_line = 20000;
		if (traits[i].quirks != NULL)
			load(&q, traits[i].quirks);
		fit_survey(&s, NULL, NULL,
		    traits[i].quirks == NULL ? NULL : &q.v[0], &fit);
		check(only(&fit, traits[i].kind), i, traits[i].found,
		    traits[i].level, 3, traits[i].words);
		fit_release(&fit);
		if (traits[i].quirks != NULL)
			quirks_release(&q);
		survey_release(&s);
	}
}

/* 3 of 10 read, of 90: about 27. */
static void
a_sample_is_said_to_be_one(void **state)
{
	const struct finding *f;
	struct survey s;
	struct fit fit;

	(void)state;
	kit_survey(&s, true);
	(void)kit_box(&s, "INBOX", 90);
	s.total.sample.messages = 10;
	s.total.ugly[UGLY_NUL].messages = 3;
	s.total.ugly[UGLY_EMPTY].messages = 3;
	fit_survey(&s, NULL, NULL, NULL, &fit);
	assert_int_equal(fit.n, 2);
	f = &fit.v[0];
	assert_string_equal(f->name, "nul");
	assert_int_equal(f->messages, 27);
	assert_int_equal(f->sampled, 3);
	/* of headers, all were read */
	assert_int_equal(fit.v[1].messages, 3);
	assert_int_equal(fit.v[1].sampled, 0);
	fit_release(&fit);
	survey_release(&s);
}

static void
mail_that_the_source_hides_is_told(void **state)
{
	static const struct {
		uint64_t claimed, listed, left_out;
		bool failed;
		bool found;
		enum fit_level level;
		uint64_t messages;
		const char *words;
	} rows[] = {
		{ 7, 7, 0, false, false, FIT_NOTE, 0, "" },
		{ 9, 7, 2, false, false, FIT_NOTE, 0, "" },
		{ 9, 7, 0, false, true, FIT_PROBLEM, 2, "claims 9" },
		{ 9, 7, 0, true, true, FIT_PROBLEM, 2, "its end: no reason" },
		{ 500, 500, 0, false, true, FIT_WARNING, 0, "no more than" },
		{ 4000, 4000, 0, false, true, FIT_WARNING, 0, "no more than" },
	};
	struct survey s;
	struct quirks q;
	struct fit fit;
	struct box *b;
	size_t i;

	(void)state;
	load(&q, "listed-max 500\n");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_survey(&s, true);
		b = kit_box(&s, "INBOX", rows[i].listed);
		b->claimed = rows[i].claimed;
		b->sums.left_out = rows[i].left_out;
		b->failed = rows[i].failed;
		fit_survey(&s, NULL, &q.v[0], NULL, &fit);
		check(only(&fit, FIT_UNSEEN), i, rows[i].found, rows[i].level,
		    rows[i].messages, rows[i].words);
		fit_release(&fit);
		survey_release(&s);
	}
	quirks_release(&q);
}

static void
flags_that_will_be_lost_are_told(void **state)
{
	struct survey s;
	struct quirks q;
	struct fit fit;
	struct box *b;
	char name[8] = "kw0";
	int i;

	(void)state;
	kit_survey(&s, true);
	b = kit_box(&s, "INBOX", 90);
	s.total.flag[0] = 50; /* \Seen */
	s.total.flag[3] = 5;  /* \Deleted */
	sums_add_keyword(&s.total, "kept", 4, 1);
	sums_add_keyword(&s.total, "lost", 4, 2);
	sums_add_keyword(&s.total, "TAG:FLAG1", 9, 3);
	for (i = 0; i < 4; i++) {
		name[2] = (char)('0' + i);
		sums_add_keyword(&b->sums, name, 3, 10);
	}
	s.target.permanent_known = true;
	s.target.permanent_flags = FLAG_ALL & ~(unsigned)FLAG_SEEN;
	strs_add(&s.target.permanent_keywords, "KEPT");
	strs_add(&s.target.permanent_keywords, "TAG:FLAG1");
	load(&q, "no-flag \\Deleted\nno-flag *:FLAG*\nkeywords-max 3\n");
	fit_survey(&s, NULL, NULL, &q.v[0], &fit);
	assert_int_equal(fit.n, 5);
	assert_string_equal(fit.v[0].name, "\\Seen");
	assert_int_equal(fit.v[0].messages, 50);
	assert_string_equal(fit.v[1].name, "INBOX");
	assert_int_equal(fit.v[1].messages, 10);
	assert_string_equal(fit.v[2].name, "\\Deleted");
	assert_string_equal(fit.v[3].name, "TAG:FLAG1");
	assert_string_equal(fit.v[4].name, "lost");
	assert_int_equal(fit.verdict, FIT_CHANGES);
	fit_release(&fit);
	s.target.permanent_known = false;
	fit_survey(&s, NULL, NULL, NULL, &fit);
	assert_int_equal(fit.n, 0);
	fit_release(&fit);
	quirks_release(&q);
	survey_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_is_held_against_the_quota),
		cmocka_unit_test(each_message_that_is_too_big_is_named),
		cmocka_unit_test(the_pace_of_servers_makes_days),
		cmocka_unit_test(
		    mail_that_will_be_refused_or_changed_is_told_with_why),
		cmocka_unit_test(a_sample_is_said_to_be_one),
		cmocka_unit_test(mail_that_the_source_hides_is_told),
		cmocka_unit_test(flags_that_will_be_lost_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
