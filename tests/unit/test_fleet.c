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

#include "program/fleet_json.h"
#include "program/fleet_priv.h"
#include "tests/unit/tempdir.h"
#include "util/mem.h"

/* A name that another text holds, quotes and all, is not found in there. */
static void
events_are_looked_into(void **state)
{
	static const char line[] =
	    "{\"event\":\"error\",\"time\":\"t\",\"text\":"
	    "\"a \\\"b\\\",\\\"n\\\":7,\\n\\u001bc\\/\",\"n\":42,\"m\":-3,"
	    "\"none\":null,\"cut\":\"x";
	int64_t n = 0;
	char *text;

	(void)state;
	assert_true(json_event_is(line, "error"));
	assert_false(json_event_is(line, "err"));
	assert_false(json_event_is("{\"account\":\"error\"", "error"));
	assert_true(json_number(line, "n", &n));
	assert_int_equal(n, 42);
	assert_true(json_number(line, "m", &n));
	assert_int_equal(n, -3);
	assert_false(json_number(line, "text", &n));
	assert_false(json_number(line, "o", &n));
	text = json_text(line, "text");
	assert_string_equal(text, "a \"b\",\"n\":7,\n\033c/");
	free(text);
	text = json_text(line, "cut");
	assert_string_equal(text, "x");
	free(text);
	assert_null(json_text(line, "none"));
	assert_null(json_text(line, "n"));
	assert_null(json_text(line, "nothing"));
}

static void
a_line_of_the_summary_tells_all_again(void **state)
{
	char words[] = "finished, 2 messages refused", reason[] = "a\tb\nc %";
	char name[] = "anna\xc3\xa9 \xff";
	char *dir = tempdir_new(), *archive;
	struct account account = { .name = name };
	struct job j = { .account = &account };
	struct job_result *r = &j.result;
	struct fleet_line got;
	struct buf b = BUF_INIT;

	(void)state;
	tempdir_write(dir, "a", "12345");
	archive = xstrdup(tempdir_path(dir, "a"));
	j.archive = archive;
	*r = (struct job_result){
		.status = 3,
		.outcome = { 1, 2, 3, 4, 5, 6, 7, 8, 9, false, CAUSE_REFUSED },
		.octets = UINT64_C(1) << 40,
		.ms = 1234,
		.tries = 3,
		.words = words,
		.reason = reason,
	};
	fleet_line_write(&b, &j, "imaps://a@h");
	assert_int_equal(b.data[b.len - 1], '\n');
	b.len--;
	assert_null(memchr(b.data, '\n', b.len));
	assert_true(fleet_line_read(buf_str(&b), &got));
	assert_string_equal(got.name, name);
	assert_string_equal(got.location, "imaps://a@h");
	assert_ptr_equal(strstr(got.stamp, "5:"), got.stamp);
	assert_int_equal(got.result.status, 3);
	assert_memory_equal(&got.result.outcome, &r->outcome,
	    sizeof(r->outcome));
	assert_int_equal(got.result.octets, r->octets);
	assert_int_equal(got.result.ms, 1234);
	assert_int_equal(got.result.tries, 3);
	assert_string_equal(got.result.words, words);
	assert_string_equal(got.result.reason, reason);
	job_result_release(&got.result);
	buf_release(&b);
	free(archive);
	tempdir_remove(dir);
}

static void
a_line_that_was_cut_says_nothing(void **state)
{
	static const char whole[] =
	    "account\ta\t0\tcomplete\tnone\t1\t2\t0\t0\t0\t0\t0\t0\t0\t9\t10\t"
	    "1\t5:6.7\timaps://a@h\t";
	struct fleet_line l;
	size_t n;
	char *cut;

	(void)state;
	for (n = 0; n < sizeof(whole); n++) {
		cut = xstrndup(whole, n);
		assert_int_equal(fleet_line_read(cut, &l),
		    n == sizeof(whole) - 1);
		job_result_release(&l.result);
		free(cut);
	}
}

enum { JOBS = 5 };

static void
the_screen_has_fewer_lines_than_there_are_rows(void **state)
{
	static const struct {
		size_t rows, columns, running;
		const char *wanted;
	} rows[] = {
		{ 10, 80, 2,
		    "n0                        12 messages, Sent\n"
		    "n1                        starts\n"
		    "3/5 accounts, 2 running, 1 not complete, 2.0 kB, 1.0 kB/s,"
		    " 0:00:02 left\n" },
		{ 5, 30, 3,
		    "n0                        12 \n"
		    "n1                        sta\n"
		    "n2                        sta\n"
		    "2/5 accounts, 3 running, 1 no\n" },
		{ 5, 30, 4,
		    "n0                        12 \n"
		    "n1                        sta\n"
		    "and 2 more\n"
		    "1/5 accounts, 4 running, 1 no\n" },
		{ 3, 30, 3, "and 3 more\n2/5 accounts, 3 running, 1 no\n" },
		{ 2, 30, 3, "2/5 accounts, 3 running, 1 no\n" },
	};
	char progress[] = "12 messages, Sent";
	struct account account[JOBS];
	struct job job[JOBS];
	struct fleet t = { .job = job, .n = JOBS, .failed = 1 };
	struct buf screen = BUF_INIT;
	size_t i, k, lines, shown;

	(void)state;
	memset(account, 0, sizeof(account));
	memset(job, 0, sizeof(job));
	for (k = 0; k < JOBS; k++) {
		account[k].name = xasprintf("n%zu", k);
		job[k].account = &account[k];
	}
	job[0].progress = progress;
	job[0].octets = 1000;
	t.octets = 1000;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t.running = rows[i].running;
		t.ended = JOBS - rows[i].running;
		for (k = 0; k < JOBS; k++)
			job[k].state = k < t.running ? JOB_RUNNING : JOB_ENDED;
		t.meter = (struct meter){ .want_messages = JOBS };
		meter_add(&t.meter, 0, 0, 0);
		meter_add(&t.meter, 2000, t.ended, 0);
		buf_clear(&screen);
		lines = fleet_screen(&t, 2000, rows[i].rows, rows[i].columns,
		    &screen);
		if (strcmp(buf_str(&screen), rows[i].wanted) != 0)
			fail_msg("row %zu: wanted\n%sgot\n%s", i,
			    rows[i].wanted, buf_str(&screen));
		for (shown = 0, k = 0; k < screen.len; k++)
			shown += screen.data[k] == '\n';
		assert_int_equal(lines, shown);
		assert_true(lines < rows[i].rows);
	}
	for (k = 0; k < JOBS; k++)
		free(account[k].name);
	buf_release(&screen);
}

/* What the process of one account writes, and what follows it. */
static void
progress_goes_to_who_follows_by_a_descriptor(void **state)
{
	struct common_options o;
	struct fault f = FAULT_INIT;
	struct report *r;
	char json[32], got[4096];
	int fd[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	common_options_init(&o);
	(void)snprintf(json, sizeof(json), "fd:%d", fd[1]);
	o.json = json;
	o.quiet = true;
	assert_int_equal(report_new("mtest", &o, &r, &f), RC_OK);
	progress_add(r, 3, 500);
	progress_add(r, 3, 500);
	event_relay(r, "a \"b\"", "{\"event\":\"x\"}");
	report_free(r);
	n = read(fd[0], got, sizeof(got) - 1);
	assert_true(n > 0);
	got[n] = '\0';
	/* The second one came too early to be told. */
	assert_true(json_event_is(got, "progress"));
	assert_non_null(strstr(got, "\"messages\":3,\"of\":0,\"octets\":500,"));
	assert_null(strstr(got, "\"octets\":1000,"));
	assert_non_null(
	    strstr(got, "}\n{\"account\":\"a \\\"b\\\"\",\"event\":\"x\"}\n"));
	/* It was ours to close. */
	assert_int_equal(read(fd[0], got, 1), 0);
	(void)close(fd[0]);
	o.json = "fd:1000000";
	assert_int_equal(report_new("mtest", &o, &r, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_USAGE);
	common_options_release(&o);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_looked_into),
		cmocka_unit_test(a_line_of_the_summary_tells_all_again),
		cmocka_unit_test(a_line_that_was_cut_says_nothing),
		cmocka_unit_test(
		    the_screen_has_fewer_lines_than_there_are_rows),
		cmocka_unit_test(progress_goes_to_who_follows_by_a_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
