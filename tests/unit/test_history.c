#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "program/history.h"
#include "tests/unit/tempdir.h"
#include "util/buf.h"
#include "util/mem.h"

#define FORESEEN \
	"foreseen\tmbackup\tplace\t1\t100\t1000\t800\t400\t200\t-1\t-1\n"

static void
runs_are_held_against_what_was_foreseen(void **state)
{
	static const struct {
		const char *text;
		unsigned runs;
		double ratio, last;
	} rows[] = {
		{ "", 0, 0, 0 },
		{ FORESEEN, 0, 0, 0 },
		{ FORESEEN "took\tmbackup\tplace\t2\t100\t1000\t1\t800\n", 1, 1,
		    1 },
		/* by its connections, or the nearest that are fewer */
		{ FORESEEN "took\tmbackup\tplace\t2\t100\t1000\t2\t800\n", 1, 2,
		    2 },
		{ FORESEEN "took\tmbackup\tplace\t2\t100\t1000\t3\t800\n", 1, 2,
		    2 },
		/* half of the mail in half of the time is as foreseen */
		{ FORESEEN "took\tmbackup\tplace\t2\t50\t500\t1\t400\n", 1, 1,
		    1 },
		/* too little to tell */
		{ FORESEEN "took\tmbackup\tplace\t2\t49\t500\t1\t400\n", 0, 0,
		    0 },
		/* not known for so many connections */
		{ FORESEEN "took\tmbackup\tplace\t2\t100\t1000\t8\t400\n", 0, 0,
		    0 },
		/* the median, and the last */
		{ FORESEEN "took\tmbackup\tplace\t2\t100\t1000\t1\t80\n"
			   "took\tmbackup\tplace\t2\t100\t1000\t1\t8000\n"
			   "took\tmbackup\tplace\t2\t100\t1000\t1\t1600\n",
		    3, 2, 2 },
		/* others; what was not foreseen; what nobody wrote */
		{ "took\tmbackup\tplace\t2\t100\t1000\t1\t800\n"
		  "foreseen\tmaudit\tplace\t1\t100\t1000\t8\t4\t2\t1\t1\n"
		  "foreseen\tmbackup\telsewhere\t1\t100\t1000\t8\t4\t2\t1\t1\n"
		  "foreseen\tmbackup\tplace\t1\t100\n\n\t\nx\n"
		  "took\tmbackup\tplace\t2\t100\t1000\t1\t-800\n",
		    0, 0, 0 },
	};
	struct history h;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text = xstrdup(rows[i].text);
		history_parse(text, "mbackup", "place", &h);
		assert_int_equal(h.runs, rows[i].runs);
		assert_true(h.ratio > rows[i].ratio - 0.001 &&
		    h.ratio < rows[i].ratio + 0.001);
		assert_true(h.last > rows[i].last - 0.001 &&
		    h.last < rows[i].last + 0.001);
		free(text);
	}
}

static void
what_was_foreseen_and_taken_is_remembered(void **state)
{
	const struct history_run run = { "mrestore", "imap://a\tb@c", 10,
		1000 };
	const int64_t ms[HISTORY_MS] = { 100, 50, 25, 12, 6 };
	struct fault f = FAULT_INIT;
	struct history h;
	char *dir = tempdir_new();

	(void)state;
	assert_int_equal(setenv("XDG_STATE_HOME", dir, 1), 0);
	/* who never foresaw anything leaves no trace */
	assert_int_equal(history_took(&run, 1, 300, &f), RC_OK);
	assert_int_not_equal(access(tempdir_path(dir, "mailproof"), F_OK), 0);
	assert_int_equal(history_foresee(&run, ms, &f), RC_OK);
	assert_int_equal(history_took(&run, 1, 300, &f), RC_OK);
	assert_int_equal(history_read("mrestore", run.location, &h, &f), RC_OK);
	assert_int_equal(h.runs, 1);
	assert_true(h.ratio > 2.99 && h.ratio < 3.01);
	assert_int_equal(history_read("mbackup", run.location, &h, &f), RC_OK);
	assert_int_equal(h.runs, 0);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_held_against_what_was_foreseen),
		cmocka_unit_test(what_was_foreseen_and_taken_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
