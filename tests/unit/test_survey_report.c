#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "survey/tell/html.h"
#include "survey/tell/page.h"
#include "survey/tell/plot.h"
#include "survey/tell/reports.h"
#include "survey/tell/totals.h"
#include "survey/tell/words.h"
#include "tests/unit/survey_kit.h"
#include "tests/unit/tempdir.h"
#include "util/file.h"

/* Reports of the kit's mailbox, as they were looked at and found good.  With
 * MAILPROOF_GOLDEN set they are written anew. */
static const char golden[] = "tests/golden";

static void
tell(enum report_format format, struct buf *out)
{
	struct quirks q = QUIRKS_INIT;
	struct fault f = FAULT_INIT;
	struct telling t;
	struct survey s;
	struct fit fit;

	assert_int_equal(quirks_load(&q, NULL, &f), RC_OK);
	kit_everything(&s);
	free(s.target.software);
	s.target.software = strdup("Dovecot 2.3");
	t = (struct telling){ &s, &fit, quirks_find(&q, &s.source),
		quirks_find(&q, &s.target) };
	fit_survey(&s, NULL, t.source, t.target, &fit);
	report_mailbox(&t, format, out);
	fit_release(&fit);
	survey_release(&s);
	quirks_release(&q);
}

static void
reports_are_as_they_were(void **state)
{
	struct buf got = BUF_INIT, wanted = BUF_INIT;
	struct fault f = FAULT_INIT;
	char path[100];
	int i;

	(void)state;
	for (i = 0; i < REPORT_FORMATS; i++) {
		buf_clear(&got);
		buf_clear(&wanted);
		tell((enum report_format)i, &got);
		(void)snprintf(path, sizeof(path), "%s/survey.%s", golden,
		    report_format_suffix((enum report_format)i));
		if (getenv("MAILPROOF_GOLDEN") != NULL) {
			(void)remove(path);
			assert_int_equal(file_create(path, 0644, got.data,
					     got.len, &f),
			    RC_OK);
		}
		assert_int_equal(file_slurp(path, 1 << 20, &wanted, &f), RC_OK);
		assert_string_equal(buf_str(&got), buf_str(&wanted));
	}
	buf_release(&got);
	buf_release(&wanted);
}

static void
text_of_mail_is_no_markup(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} rows[] = {
		{ "plain", "plain" },
		{ "<a b=\"c\" d='e'>&amp;",
		    "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;" },
		{ "]]>", "]]&gt;" },
		{ "\x01\x1b[m\x7f", "\xef\xbf\xbd\xef\xbf\xbd[m\xef\xbf\xbd" },
		{ "a\tb\nc\rd",
		    "a\tb\nc\xef\xbf\xbd"
		    "d" },
		{ "\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc2\x85", "\xef\xbf\xbd" },
		{ "\xef\xbf\xbe", "\xef\xbf\xbd" },
		{ "\xf0\x9f\x93\xa7", "\xf0\x9f\x93\xa7" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		html_text(&b, rows[i].text);
		assert_string_equal(buf_str(&b), rows[i].wanted);
	}
	buf_release(&b);
}

static void
times_are_said_as_people_do(void **state)
{
	static const struct {
		int64_t ms;
		const char *wanted;
	} rows[] = {
		{ -1, "not known" },
		{ 0, "0.0 s" },
		{ 449, "0.4 s" },
		{ 9949, "9.9 s" },
		{ 9950, "10 s" },
		{ 119499, "119 s" },
		{ 119500, "2 min" },
		{ 119 * 60000, "119 min" },
		{ 7200000, "2 h 0 min" },
		{ 11100000, "3 h 5 min" },
		{ INT64_C(187200000), "2 d 4 h" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		words_time(&b, rows[i].ms);
		assert_string_equal(buf_str(&b), rows[i].wanted);
	}
	buf_clear(&b);
	words_number(&b, 999);
	words_number(&b, 1000);
	words_number(&b, 1234567);
	assert_string_equal(buf_str(&b), "9991,0001,234,567");
	buf_release(&b);
}

/* The least of a plot is one bar each, and the rest is one. */
static void
a_plot_has_a_bar_for_each(void **state)
{
	struct plot p = { .id = "p",
		.title = "T<",
		.noun = "messages",
		.octets = false };
	struct buf b = BUF_INIT;
	const char *s;
	unsigned bars = 0;

	(void)state;
	plot_columns(&b, &p);
	plot_add(&p, "one", 1, 0);
	plot_add(&p, "most&", UINT64_MAX / 4, 0);
	plot_add(&p, "none", 0, 0);
	plot_columns(&b, &p);
	plot_add(&p, "x", 2, 0);
	plot_bars(&b, &p, 3);
	for (s = buf_str(&b); (s = strstr(s, "<rect ")) != NULL; s++)
		bars++;
	assert_int_equal(bars, 3 + 3);
	assert_non_null(strstr(buf_str(&b), "2 others: 1 messages"));
	assert_non_null(strstr(buf_str(&b), "T&lt;"));
	assert_null(strstr(buf_str(&b), "most&\""));
	assert_null(strstr(buf_str(&b), "nan"));
	assert_null(strstr(buf_str(&b), "inf"));
	plot_release(&p);
	buf_release(&b);
}

static void
totals_are_read_as_they_were_written(void **state)
{
	struct totals t = { .messages = 7,
		.bytes = UINT64_C(1) << 40,
		.folders = 3,
		.verdict = FIT_NOT,
		.problems = 2,
		.warnings = 1,
		.refused = 5,
		.ms = { 100, -1, 300 },
		.bodies_read = 6,
		.source = (char[]){ "imaps://a\tb@c" },
		.target = (char[]){ "imap://t" },
		.worst = (char[]){ "x\ny %" } };
	struct buf b = BUF_INIT;
	struct totals r;
	struct fault f;
	size_t n;

	(void)state;
	totals_write(&t, &b);
	assert_int_equal(totals_read(&b, &r, &f), RC_OK);
	assert_int_equal(r.bytes, t.bytes);
	assert_int_equal(r.verdict, FIT_NOT);
	assert_int_equal(r.ms[1], -1);
	assert_int_equal(r.bodies_read, 6);
	assert_string_equal(r.source, t.source);
	assert_string_equal(r.target, t.target);
	assert_string_equal(r.worst, t.worst);
	totals_release(&r);
	/* what a killed process has left */
	for (n = b.len; n-- > 0;) {
		b.len = n;
		assert_int_equal(totals_read(&b, &r, &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_DATA);
	}
	buf_release(&b);
}

static void
time_side_by_side_ends_with_the_last(void **state)
{
	static const int64_t ms[] = { 50, -1, 10, 10, 10, 10, 30 };

	(void)state;
	assert_int_equal(page_side_by_side(ms, 7, 1), 120);
	assert_int_equal(page_side_by_side(ms, 7, 2), 70);
	assert_int_equal(page_side_by_side(ms, 7, 100), 50);
	assert_int_equal(page_side_by_side(ms, 0, 3), 0);
}

static void
the_page_adds_up_what_is_known(void **state)
{
	const struct totals one = { .messages = 7,
		.bytes = 70,
		.folders = 3,
		.verdict = FIT_NOT,
		.problems = 2,
		.ms = { 100, -1, 300 },
		.source = (char[]){ "s" },
		.target = (char[]){ "t" },
		.worst = (char[]){ "full" } };
	char *dir = tempdir_new();
	struct fleet_account v[4] = {
		{ "a", 0, "complete", NULL, tempdir_path(dir, "a"),
		    "d/a&.html" },
		{ "<b>", 0, "complete", NULL, tempdir_path(dir, "a"),
		    "d/b.html" },
		{ "c", 77, "stopped", "no login", tempdir_path(dir, "c"),
		    "d/c" },
		{ "d", -1, NULL, NULL, tempdir_path(dir, "a"), "d/d.html" },
	};
	struct buf b = BUF_INIT;
	struct page p;

	(void)state;
	totals_write(&one, &b);
	tempdir_write(dir, "a", buf_str(&b));
	page_load(&p, v, 4, 2);
	assert_int_equal(p.messages, 14);
	assert_int_equal(p.unknown, 2);
	assert_int_equal(p.verdict[FIT_NOT], 2);
	assert_int_equal(p.ms[TASK_BACKUP], 100);
	assert_int_equal(p.ms[TASK_RESTORE], -1);
	assert_int_equal(p.timed[TASK_BACKUP], 2);
	buf_clear(&b);
	page_report(&p, REPORT_TEXT, &b);
	assert_non_null(strstr(buf_str(&b), "a: does not fit: full (and 1 "));
	assert_non_null(strstr(buf_str(&b), "c: NOT SURVEYED: stopped: no lo"));
	buf_clear(&b);
	page_report(&p, REPORT_HTML, &b);
	assert_non_null(strstr(buf_str(&b), "href=\"./a%26.html\""));
	assert_null(strstr(buf_str(&b), "<b><b>"));
	assert_non_null(strstr(buf_str(&b), "&lt;b&gt;"));
	page_release(&p);
	buf_release(&b);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_are_as_they_were),
		cmocka_unit_test(text_of_mail_is_no_markup),
		cmocka_unit_test(times_are_said_as_people_do),
		cmocka_unit_test(a_plot_has_a_bar_for_each),
		cmocka_unit_test(totals_are_read_as_they_were_written),
		cmocka_unit_test(time_side_by_side_ends_with_the_last),
		cmocka_unit_test(the_page_adds_up_what_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
