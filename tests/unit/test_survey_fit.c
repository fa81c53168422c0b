#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "survey/fit/fit.h"
#include "tests/unit/survey_kit.h"

/* The first finding of a kind about a name; NULL: there is none. */
static const struct finding *
find(const struct fit *f, enum fit_kind kind, const char *name)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->v[i].kind == kind && strcmp(f->v[i].name, name) == 0)
			return &f->v[i];
	return NULL;
}

static void
has(const struct fit *fit, enum fit_kind kind, const char *name,
    enum fit_level level, const char *way)
{
	const struct finding *f = find(fit, kind, name);

	if (f == NULL || f->level != level || strcmp(f->way, way) != 0)
		fail_msg("%s: %s %s", name, f == NULL ? "nothing" : f->why,
		    f == NULL ? "" : f->way);
}

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

/* Of one folder at the target; way NULL: nothing is found. */
struct name_row {
	const char *quirks;
	const char *sep; /* "": none */
	const char *name;
	const char *level;
	const char *way;
};

static const struct name_row names[] = {
	{ "", ".", "A/B", "note", NULL },
	{ "", ".", "INBOX/x", "note", NULL },
	{ "", ".", "A.b", "problem", "--map 'A.b=A_b'" },
	{ "", "/", "A.b", "note", NULL },
	{ "", "/", "a%2Fb", "problem", "--map 'a%2Fb=a_b'" },
	{ "", ".", "x/A.b/c", "problem", "--map 'x/A.b=x/A_b'" },
	{ "", ".", "a=b.c", "problem", "--map 'a==b.c=a==b_c'" },
	{ "", ".", "it's.x", "problem", "--map 'it'\\''s.x=it'\\''s_x'" },
	{ "", ".", ".=x", "problem", "--map '.==x=_==x'" },
	{ "", ".", "%09x", "problem", "--map '%09x=_x'" },
	{ "", ".", "/shared/x", "problem", "--map '/shared/x=shared/x'" },
	{ "", ".", "%00/b", "problem", "--map '%00=_'" },
	{ "", "", "A/B/C", "problem", "--map 'A/B/C=A_B_C'" },
	{ "", ".", " x ", "warning", "--map ' x =x'" },
	{ "folders edges\n", ".", " x ", "problem", "--map ' x =x'" },
	{ "folders edges\n", ".", "a/ x/b", "problem", "--map 'a/ x=a/x'" },
	{ "folders blanks\n", ".", "a   b", "problem", "--map 'a   b=a b'" },
	{ "folders inbox\n", ".", "INBOX/x/y", "problem", "--map 'INBOX/x=x'" },
	/* the rule for what lies above comes after that for what is below */
	{ "folders inbox\n", ".", "INBOX/a/b.c", "problem",
	    "--map 'INBOX/a=a'" },
	{ "folders slash\n", ".", "a%2Fb", "problem", "--map 'a%2Fb=a_b'" },
	{ "forbids ^\"\n", ".", "a^b\"", "problem", "--map 'a^b\"=a_b_'" },
	{ "reserved files\n", ".", "Files", "problem", "--map 'Files=Files_'" },
	{ "reserved files\n", ".", "x/Files", "note", NULL },
	{ "depth-max 2\n", ".", "a/b/c/d", "problem",
	    "--map 'a/b/c/d=a/b_c_d'" },
	{ "name-max 20\n", ".", "abcdefghijklmnopqrstu", "problem",
	    "--map 'abcdefghijklmnopqrstu=abcdefghijkl'" },
	/* of 2 octets each in UTF-8, and more on the wire */
	{ "name-max 20\n", ".",
	    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
	    "\xc3\xa4\xc3\xa4\xc3\xa4",
	    "problem", "" },
	{ "path-max 30\n", ".", "abcdefghijkl/abcdefghijklmnopqrstu", "problem",
	    "--map 'abcdefghijkl/abcdefghijklmnopqrstu="
	    "abcdefghijkl/abcdefghi'" },
	{ "", ".", "a*b", "warning", "--map 'a*b=a_b'" },
	{ "", ".", "50%25", "warning", "--map '50%25=50_'" },
	{ "", ".", "Entw%FCrfe", "warning", "--map 'Entw%FCrfe=Entw_rfe'" },
	{ "folders not-utf7\n", ".", "Entw%C3%BCrfe", "problem",
	    "--map 'Entw%C3%BCrfe=Entw\xc3\xbcrfe'" },
	{ "folders not-utf7\n", ".", "Entw\xc3\xbcrfe", "note", NULL },
};

static void
folders_that_cannot_exist_are_named_with_the_way_out(void **state)
{
	const struct finding *f;
	struct mapping map;
	struct fault fault = FAULT_INIT;
	struct survey s;
	struct quirks q;
	struct fit fit;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		kit_survey(&s, true);
		s.target.sep = names[i].sep[0];
		(void)kit_folder(&s.target, "INBOX");
		(void)kit_box(&s, names[i].name, 7);
		load(&q, names[i].quirks);
		fit_survey(&s, NULL, NULL, &q.v[0], &fit);
		f = NULL;
		for (k = 0; k < fit.n; k++)
			if (fit.v[k].kind == FIT_FOLDER && f == NULL)
				f = &fit.v[k];
		if ((f == NULL) != (names[i].way == NULL))
			fail_msg("row %zu: %s", i, f == NULL ? "-" : f->why);
		if (f != NULL && names[i].way != NULL) {
			if (strcmp(fit_level_word(f->level), names[i].level) !=
			    0)
				fail_msg("row %zu: %s", i, f->why);
			if (names[i].way[0] != '\0')
				assert_string_equal(f->way, names[i].way);
			assert_int_equal(f->messages, 7);
		}
		/* With the rules that are offered all of it fits. */
		map = (struct mapping)MAPPING_INIT;
		for (k = 0; k < fit.rules.n; k++)
			assert_int_equal(
			    mapping_add(&map, fit.rules.v[k], &fault), RC_OK);
		fit_release(&fit);
		fit_survey(&s, &map, NULL, &q.v[0], &fit);
		if (fit.count[FIT_PROBLEM] != 0)
			fail_msg("row %zu, mapped: %s", i, fit.v[0].why);
		fit_release(&fit);
		mapping_release(&map);
		quirks_release(&q);
		survey_release(&s);
	}
}

/* One rule for the highest folder, those below it go along; names that are
 * taken are not given again. */
static void
a_rule_covers_what_is_below_and_meets_no_other_folder(void **state)
{
	const struct finding *f;
	struct survey s;
	struct fit fit;

	(void)state;
	kit_survey(&s, true);
	(void)kit_box(&s, "A.b", 1);
	(void)kit_box(&s, "A.b/c", 2);
	(void)kit_box(&s, "A.b/c/d.e", 4);
	(void)kit_box(&s, "A_b", 8);
	(void)kit_folder(&s.target, "A_b (2)");
	fit_survey(&s, NULL, NULL, NULL, &fit);
	assert_int_equal(fit.verdict, FIT_NOT);
	assert_int_equal(fit.rules.n, 2);
	has(&fit, FIT_FOLDER, "A.b", FIT_PROBLEM, "--map 'A.b=A_b (3)'");
	f = find(&fit, FIT_FOLDER, "A.b");
	if (f != NULL)
		assert_int_equal(f->messages, 7);
	has(&fit, FIT_FOLDER, "A.b/c/d.e", FIT_PROBLEM,
	    "--map 'A.b/c/d.e=A_b (3)/c/d_e'");
	assert_null(find(&fit, FIT_FOLDER, "A.b/c"));
	fit_release(&fit);
	survey_release(&s);
}

static void
what_the_target_says_of_its_folders_counts(void **state)
{
	struct mapping map = MAPPING_INIT;
	struct fault fault = FAULT_INIT;
	struct survey s;
	struct fit fit;

	(void)state;
	kit_survey(&s, true);
	kit_folder(&s.target, "INBOX")->attr = FOLDER_NOINFERIORS;
	kit_folder(&s.target, "Flat")->attr = FOLDER_NOINFERIORS;
	kit_folder(&s.target, "Gesendet")->special = strdup("\\Sent");
	(void)kit_box(&s, "INBOX/x", 1);
	(void)kit_box(&s, "Flat/y", 1);
	kit_box(&s, "Sent", 1)->folder.special = strdup("\\Sent");
	assert_int_equal(mapping_set_into(&map, "Flat", &fault), RC_OK);
	fit_survey(&s, NULL, NULL, NULL, &fit);
	has(&fit, FIT_FOLDER, "INBOX/x", FIT_PROBLEM, "--map 'INBOX/x=x'");
	has(&fit, FIT_FOLDER, "Flat/y", FIT_PROBLEM, "--map 'Flat/y=Flat_y'");
	has(&fit, FIT_FOLDER, "Sent", FIT_NOTE, "--map 'Sent=Gesendet'");
	fit_release(&fit);
	mapping_release(&map);
	survey_release(&s);
}

struct clash_row {
	const char *quirks;
	const char *a; /* at the source */
	const char *b;
	const char *there; /* at the target; NULL: none */
	bool found;
	enum fit_level level;
	const char *about;
};

#define E_ACUTE "\xc3\xa9"
#define E_AND_ACUTE "e\xcc\x81"

static const struct clash_row clashes[] = {
	{ "", "Sent", "sent", NULL, true, FIT_NOTE, "sent" },
	{ "folders case\n", "Sent", "sent", NULL, true, FIT_PROBLEM, "sent" },
	{ "folders case\n", "Sent", "Drafts", "SENT", true, FIT_PROBLEM,
	    "Sent" },
	{ "folders case\n", "Sent", "Drafts", "Sent", false, FIT_NOTE, NULL },
	{ "folders case\n",
	    "Stra\xc3\x9f"
	    "e",
	    "STRASSE", NULL, true, FIT_PROBLEM,
	    "Stra\xc3\x9f"
	    "e" },
	{ "", "caf" E_ACUTE, "caf" E_AND_ACUTE, NULL, true, FIT_WARNING,
	    "caf" E_ACUTE },
	{ "folders normal\n", "caf" E_ACUTE, "x", "caf" E_AND_ACUTE, true,
	    FIT_PROBLEM, "caf" E_ACUTE },
	{ "", "caf" E_ACUTE, "x", NULL, false, FIT_NOTE, NULL },
};

static void
names_that_may_be_taken_for_one_are_found(void **state)
{
	const struct clash_row *r;
	const struct finding *f;
	struct survey s;
	struct quirks q;
	struct fit fit;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(clashes) / sizeof(clashes[0]); i++) {
		r = &clashes[i];
		kit_survey(&s, true);
		(void)kit_box(&s, r->a, 1);
		(void)kit_box(&s, r->b, 1);
		if (r->there != NULL)
			(void)kit_folder(&s.target, r->there);
		load(&q, r->quirks);
		fit_survey(&s, NULL, NULL, &q.v[0], &fit);
		if (!r->found)
			assert_int_equal(fit.n, 0);
		f = r->found ? find(&fit, FIT_CLASH, r->about) : NULL;
		if (r->found && (f == NULL || f->level != r->level))
			fail_msg("row %zu: %s %s", i, fit.v[0].name,
			    fit.v[0].why);
		if (f != NULL)
			assert_non_null(strstr(f->way, " (2)'"));
		fit_release(&fit);
		quirks_release(&q);
		survey_release(&s);
	}
}

static void
two_folders_that_a_mapping_makes_one_are_told(void **state)
{
	struct mapping map = MAPPING_INIT;
	struct fault fault = FAULT_INIT;
	struct survey s;
	struct fit fit;

	(void)state;
	kit_survey(&s, true);
	(void)kit_box(&s, "A", 1);
	(void)kit_box(&s, "B", 1);
	assert_int_equal(mapping_add(&map, "B=A", &fault), RC_OK);
	fit_survey(&s, &map, NULL, NULL, &fit);
	assert_int_equal(fit.n, 1);
	assert_int_equal(fit.v[0].kind, FIT_CLASH);
	assert_int_equal(fit.verdict, FIT_CHANGES);
	fit_release(&fit);
	mapping_release(&map);
	survey_release(&s);
}

static void
without_a_target_there_is_no_verdict(void **state)
{
	struct survey s;
	struct fit fit;

	(void)state;
	kit_survey(&s, false);
	(void)kit_box(&s, "A.b", 1);
	(void)kit_box(&s, "a.b", 1);
	fit_survey(&s, NULL, NULL, NULL, &fit);
	assert_int_equal(fit.verdict, FIT_UNKNOWN);
	assert_null(find(&fit, FIT_FOLDER, "A.b"));
	assert_non_null(find(&fit, FIT_CLASH, "a.b"));
	fit_release(&fit);
	survey_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    folders_that_cannot_exist_are_named_with_the_way_out),
		cmocka_unit_test(
		    a_rule_covers_what_is_below_and_meets_no_other_folder),
		cmocka_unit_test(what_the_target_says_of_its_folders_counts),
		cmocka_unit_test(names_that_may_be_taken_for_one_are_found),
		cmocka_unit_test(two_folders_that_a_mapping_makes_one_are_told),
		cmocka_unit_test(without_a_target_there_is_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
