#include <fcntl.h>
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

#include "program/report.h"
#include "tests/unit/capture.h"
#include "tests/unit/tempdir.h"

/* A report that is captured, with --json FILE or NULL. */
struct voice {
	struct common_options o;
	struct report *r;
	struct capture c;
};

static void
voice_begin(struct voice *v, const char *json)
{
	struct fault f = FAULT_INIT;

	common_options_init(&v->o);
	v->o.json = json;
	capture_begin(&v->c);
	assert_int_equal(report_new("mtest", &v->o, &v->r, &f), RC_OK);
}

static void
voice_end(struct voice *v)
{
	report_free(v->r);
	capture_end(&v->c);
}

static void
voice_free(struct voice *v)
{
	common_options_release(&v->o);
	capture_free(&v->c);
}

static void
messages_follow_quiet_and_verbose(void **state)
{
	static const struct {
		bool quiet;
		int verbose;
		const char *text;
	} rows[] = {
		{ false, 0, "mtest: note 1\nmtest: warn 3\n" },
		{ true, 0, "mtest: warn 3\n" },
		{ false, 1,
		    "mtest: note 1\nmtest: detail 2\n"
		    "mtest: warn 3\n" },
	};
	struct voice v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		voice_begin(&v, NULL);
		report_free(v.r);
		v.o.quiet = rows[i].quiet;
		v.o.verbose = rows[i].verbose;
		assert_int_equal(report_new("mtest", &v.o, &v.r,
				     &(struct fault)FAULT_INIT),
		    RC_OK);
		report_note(v.r, "note %d", 1);
		report_detail(v.r, "detail %d", 2);
		report_warn(v.r, "warn %d", 3);
		voice_end(&v);
		assert_string_equal(v.c.err, rows[i].text);
		assert_string_equal(v.c.out, "");
		voice_free(&v);
	}
}

static void
a_message_cannot_write_on_the_terminal_what_a_server_says(void **state)
{
	const struct fault f = { CAUSE_LOGIN, "NO \033]0;x\007\nhi\xff",
		false };
	struct voice v;

	(void)state;
	voice_begin(&v, NULL);
	report_fault(v.r, &f);
	voice_end(&v);
	assert_string_equal(v.c.err, "mtest: NO \\x1b]0;x\\x07\\x0ahi\\xff\n");
	voice_free(&v);
}

/* Takes ,"time":"2026-11-23T21:45:00Z" out, and looks that it was there. */
static void
drop_times(char *text)
{
	char *at;

	while ((at = strstr(text, ",\"time\":\"")) != NULL) {
		assert_int_equal(at[9 + 19], 'Z');
		memmove(at, at + 30, strlen(at + 30) + 1);
	}
}

static void
events_are_json_lines_and_a_summary_is_the_last(void **state)
{
	const struct outcome o = { .done = 7, .refused = 1 };
	const struct fault fault = { CAUSE_IO, "disk \"a\"", false };
	char *dir = tempdir_new(), *text, *elapsed;
	struct event *e;
	struct voice v;

	(void)state;
	voice_begin(&v, tempdir_path(dir, "log"));
	e = event_begin(v.r, "folder");
	event_text(e, "name", "Entw\xc3\xbcrfe\n");
	event_text(e, "none", NULL);
	event_number(e, "n", UINT64_MAX);
	event_signed(e, "s", -5);
	event_flag(e, "f", true);
	event_send(e);
	report_fault(v.r, &fault);
	assert_int_equal(report_finish(v.r, &o), STATUS_REFUSED);
	voice_end(&v);
	text = tempdir_read(dir, "log");
	drop_times(text);
	elapsed = strstr(text, ",\"elapsed_ms\":");
	assert_non_null(elapsed);
	memcpy(elapsed, "}\n", sizeof("}\n"));
	assert_string_equal(text,
	    "{\"event\":\"folder\",\"name\":\"Entw\xc3\xbcrfe\\n\","
	    "\"none\":null,\"n\":18446744073709551615,\"s\":-5,\"f\":true}\n"
	    "{\"event\":\"error\",\"cause\":\"io\","
	    "\"text\":\"disk \\\"a\\\"\"}\n"
	    "{\"event\":\"summary\",\"status\":3,"
	    "\"words\":\"finished, 1 message refused\",\"cause\":\"none\","
	    "\"done\":7,\"already\":0,\"gone\":0,\"refused\":1,"
	    "\"unlisted\":0,\"unproved\":0,\"missing\":0,"
	    "\"differences\":0,"
	    "\"folders_failed\":0,\"octets\":0}\n");
	free(text);
	voice_free(&v);
	tempdir_remove(dir);
}

static void
an_event_log_is_for_its_owner_and_starts_anew(void **state)
{
	const struct outcome o = { 0 };
	char *dir = tempdir_new(), *text;
	struct stat st;
	struct voice v;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		voice_begin(&v, tempdir_path(dir, "log"));
		assert_int_equal(report_finish(v.r, &o), STATUS_COMPLETE);
		voice_end(&v);
		voice_free(&v);
	}
	assert_int_equal(stat(tempdir_path(dir, "log"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	text = tempdir_read(dir, "log");
	assert_ptr_equal(strchr(text, '\n'), strrchr(text, '\n'));
	free(text);
	tempdir_remove(dir);
}

static void
a_log_that_cannot_be_made_is_a_fault(void **state)
{
	struct fault f = FAULT_INIT;
	struct common_options o;
	struct report *r;

	(void)state;
	common_options_init(&o);
	o.json = "/nonexistent/log";
	assert_int_equal(report_new("mtest", &o, &r, &f), RC_STORE);
	assert_null(r);
	assert_non_null(strstr(f.text, "'/nonexistent/log' (--json)"));
	common_options_release(&o);
}

static void
a_log_that_could_not_be_written_spoils_the_status(void **state)
{
	const struct outcome o = { .done = 1 };
	struct voice v;

	(void)state;
	voice_begin(&v, "/dev/full");
	assert_int_equal(report_finish(v.r, &o), STATUS_CANTCREATE);
	voice_end(&v);
	assert_non_null(strstr(v.c.err, "/dev/full"));
	voice_free(&v);
}

static void
events_can_go_to_standard_error(void **state)
{
	const struct outcome o = { 0 };
	struct voice v;

	(void)state;
	voice_begin(&v, "-");
	assert_int_equal(report_finish(v.r, &o), 0);
	voice_end(&v);
	assert_memory_equal(v.c.err, "{\"event\":\"summary\"", 18);
	voice_free(&v);
}

static void
off_a_terminal_progress_is_silent_for_a_minute(void **state)
{
	struct voice v;
	int i;

	(void)state;
	voice_begin(&v, NULL);
	progress_expect(v.r, 900);
	progress_listed(v.r, 900, 1000, 100000);
	for (i = 0; i < 1000; i++) {
		progress_where(v.r, "INBOX");
		progress_add(v.r, 1, 100);
	}
	progress_clear(v.r);
	voice_end(&v);
	assert_string_equal(v.c.err, "");
	voice_free(&v);
}

/* A report on a terminal of its own. */
struct screen {
	int master, slave, saved;
	struct common_options o;
	struct report *r;
	char text[4096]; /* what was drawn, after screen_end */
};

static void
screen_begin(struct screen *s)
{
	struct fault f = FAULT_INIT;

	s->master = posix_openpt(O_RDWR | O_NOCTTY);
	s->saved = dup(2);
	assert_true(s->master != -1 && grantpt(s->master) == 0);
	assert_int_equal(unlockpt(s->master), 0);
	s->slave = open(ptsname(s->master), O_RDWR | O_NOCTTY);
	assert_int_equal(dup2(s->slave, 2), 2);
	common_options_init(&s->o);
	assert_int_equal(report_new("mtest", &s->o, &s->r, &f), RC_OK);
}

static void
screen_end(struct screen *s)
{
	size_t have = 0;
	ssize_t n;

	report_free(s->r);
	assert_int_equal(dup2(s->saved, 2), 2);
	/* A terminal passes things on in its own time. */
	assert_int_equal(write(s->slave, "END", 3), 3);
	s->text[0] = '\0';
	while (strstr(s->text, "END") == NULL) {
		n = read(s->master, s->text + have, sizeof(s->text) - 1 - have);
		assert_true(n > 0);
		have += (size_t)n;
		s->text[have] = '\0';
	}
	common_options_release(&s->o);
	close(s->saved);
	close(s->slave);
	close(s->master);
}

/* On a terminal: what is drawn is wiped before a message is written. */
static void
on_a_terminal_progress_makes_way_for_messages(void **state)
{
	struct screen s;
	char *line;

	(void)state;
	screen_begin(&s);
	progress_expect(s.r, 10);
	report_note(s.r, "hello");
	screen_end(&s);
	line = strstr(s.text, "\r0/10 messages, 0 B\r");
	assert_non_null(line);
	assert_non_null(strstr(line, "    \rmtest: hello\r\n"));
}

/* A clock that only moves when somebody sleeps. */
static int64_t
fake_now(void *arg)
{
	return *(int64_t *)arg;
}

static enum rc
fake_sleep(void *arg, int64_t us, struct fault *f)
{
	(void)f;
	*(int64_t *)arg += us;
	return RC_OK;
}

static void
on_a_terminal_a_pause_is_shown(void **state)
{
	int64_t us = 0;
	const struct pace_clock clock = { fake_now, fake_sleep, &us };
	struct pace *p = pace_new(&clock);
	struct fault f = FAULT_INIT;
	struct screen s;

	(void)state;
	screen_begin(&s);
	progress_follow(s.r, p);
	assert_int_equal(pace_pause(p, true, 30000, "busy", &f), RC_OK);
	screen_end(&s);
	assert_non_null(strstr(s.text,
	    "mtest: the server asks for a pause of 30 s: busy\r\n"));
	assert_non_null(
	    strstr(s.text, "\r0 messages, 0 B, waiting 30 s for the server"));
	pace_free(p);
}

static void
a_pause_is_told_once_and_stands_in_the_events(void **state)
{
	int64_t us = 0;
	const struct pace_clock clock = { fake_now, fake_sleep, &us };
	struct pace *p = pace_new(&clock);
	char *dir = tempdir_new(), *text;
	struct fault f = FAULT_INIT;
	struct voice v;

	(void)state;
	voice_begin(&v, tempdir_path(dir, "log"));
	progress_follow(v.r, p);
	assert_int_equal(pace_pause(p, true, 200, "a \"b\"", &f), RC_OK);
	voice_end(&v);
	assert_string_equal(v.c.err,
	    "mtest: the server asks for a pause of 0.2 s: a \"b\"\n");
	text = tempdir_read(dir, "log");
	drop_times(text);
	assert_string_equal(text,
	    "{\"event\":\"pause\",\"ms\":200,\"text\":\"a \\\"b\\\"\"}\n"
	    "{\"event\":\"resume\",\"ms\":200}\n");
	free(text);
	voice_free(&v);
	tempdir_remove(dir);
	pace_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_follow_quiet_and_verbose),
		cmocka_unit_test(
		    a_message_cannot_write_on_the_terminal_what_a_server_says),
		cmocka_unit_test(
		    events_are_json_lines_and_a_summary_is_the_last),
		cmocka_unit_test(an_event_log_is_for_its_owner_and_starts_anew),
		cmocka_unit_test(a_log_that_cannot_be_made_is_a_fault),
		cmocka_unit_test(
		    a_log_that_could_not_be_written_spoils_the_status),
		cmocka_unit_test(events_can_go_to_standard_error),
		cmocka_unit_test(
		    off_a_terminal_progress_is_silent_for_a_minute),
		cmocka_unit_test(on_a_terminal_progress_makes_way_for_messages),
		cmocka_unit_test(on_a_terminal_a_pause_is_shown),
		cmocka_unit_test(a_pause_is_told_once_and_stands_in_the_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
