#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/backoff.h"
#include "stores/imap/session.h"
#include "util/buf.h"
#include "util/pace.h"

static void
what_servers_say_is_understood(void **state)
{
	static const struct {
		const char *text;
		enum backoff kind;
		int64_t ms;
	} rows[] = {
		{ "Request is throttled. Suggested Backoff Time: 299609 "
		  "milliseconds",
		    BACKOFF_ALL, 299609 },
		{ "[LIMIT] Request is throttled. Suggested Backoff Time: 200 "
		  "milliseconds",
		    BACKOFF_ALL, 200 },
		{ "[OVERQUOTA] Account exceeded command or bandwidth limits.",
		    BACKOFF_ALL, 0 },
		{ "[ALERT] Account exceeded command or bandwidth limits. "
		  "(Failure)",
		    BACKOFF_ALL, 0 },
		{ "[LIMIT] CAPABILITY Rate limit hit.", BACKOFF_ALL, 0 },
		{ "[UNAVAILABLE] UID FETCH Server error - Please try again "
		  "later",
		    BACKOFF_ALL, 0 },
		{ "Server Unavailable. 15", BACKOFF_ALL, 0 },
		{ "[ALERT] Too many simultaneous connections. (Failure)",
		    BACKOFF_LINE, 0 },
		{ "[UNAVAILABLE] Maximum number of connections from user+IP "
		  "exceeded (mail_max_userip_connections=16)",
		    BACKOFF_LINE, 0 },
		{ "[UNAVAILABLE] Temporary authentication failure. "
		  "[host:2026-11-25 10:00:00]",
		    BACKOFF_LINE, 0 },
		{ "[inuse] somebody else is here", BACKOFF_LINE, 0 },
		{ " [UNAVAILABLE] in 30 seconds again", BACKOFF_LINE, 30000 },
		{ "[LIMIT x] try again in 2 Minutes.", BACKOFF_LINE, 120000 },
		/* Waiting is no use. */
		{ "[AUTHENTICATIONFAILED] too many tries, try again later",
		    BACKOFF_NEVER, 0 },
		{ "[LIMIT] Too many identical emails", BACKOFF_NEVER, 0 },
		{ "[UNAVAILABLE] UID FETCH Server error while fetching "
		  "messages",
		    BACKOFF_NEVER, 0 },
		/* Nothing of the kind. */
		{ "[OVERQUOTA] mailbox is full", BACKOFF_NONE, 0 },
		{ "no such folder [LIMIT]", BACKOFF_NONE, 0 },
		{ "[LIMITED] what", BACKOFF_NONE, 0 },
		{ "[SERVERBUG] internal error", BACKOFF_NONE, 0 },
		{ "", BACKOFF_NONE, 0 },
		{ "[", BACKOFF_NONE, 0 },
	};
	enum backoff kind;
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kind = backoff_parse(rows[i].text, &ms);
		if (kind != rows[i].kind || ms != rows[i].ms)
			fail_msg("%s: wanted %d %ld, got %d %ld", rows[i].text,
			    rows[i].kind, (long)rows[i].ms, kind, (long)ms);
	}
}

/* The same words are about the secret before login, and after it about a
 * token that has run out since. */
static void
a_login_that_has_run_out_is_renewed(void **state)
{
	static const struct {
		const char *text;
		enum backoff kind;
	} rows[] = {
		{ "[AUTHENTICATIONFAILED] Invalid credentials (Failure)",
		    BACKOFF_RENEW },
		{ " [EXPIRED] log in again", BACKOFF_RENEW },
		{ " Session invalidated - AccessTokenExpired", BACKOFF_RENEW },
		{ " Session expired, please login again.", BACKOFF_RENEW },
		{ "token expired", BACKOFF_RENEW },
		{ "[AUTHORIZATIONFAILED] not yours", BACKOFF_NONE },
		{ "[LIMIT] no [EXPIRED]", BACKOFF_LINE },
		{ "no such session", BACKOFF_NONE },
	};
	struct session s;
	mailimap im;
	size_t i;

	(void)state;
	memset(&s, 0, sizeof(s));
	memset(&im, 0, sizeof(im));
	s.im = &im;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s.plea.kind = BACKOFF_NONE;
		im.imap_state = MAILIMAP_STATE_NON_AUTHENTICATED;
		assert_int_equal(
		    backoff_heard(&s, rows[i].text) == BACKOFF_RENEW, false);
		s.plea.kind = BACKOFF_NONE;
		im.imap_state = MAILIMAP_STATE_AUTHENTICATED;
		assert_int_equal(backoff_heard(&s, rows[i].text), rows[i].kind);
		assert_int_equal(s.plea.kind, rows[i].kind);
	}
}

static void
a_time_is_a_number_with_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "throttled 0 milliseconds", 0 },
		{ "throttled -5 milliseconds", 5 },
		{ "throttled 1000000000000 milliseconds", 1 << 30 },
		{ "throttled 99999999999999999999999999 seconds", 1 << 30 },
		{ "throttled 30000 minutes", 1 << 30 },
		{ "throttled 15 connections, 7ms", 7 },
		{ "throttled 3 msgs, 5 minimum", 0 },
		{ "throttled 1 sec", 1000 },
		{ "throttled 2 secs.", 2000 },
		{ "throttled 12", 0 },
	};
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(backoff_parse(rows[i].text, &ms), BACKOFF_ALL);
		if (ms != rows[i].ms)
			fail_msg("%s: %ld", rows[i].text, (long)ms);
	}
}

static void
pauses_double_and_are_bounded_and_end(void **state)
{
	static const struct {
		unsigned nth;
		int64_t told, max, ms;
	} rows[] = {
		{ 1, 0, 600000, 5000 },
		{ 2, 0, 600000, 10000 },
		{ 8, 0, 600000, 600000 },
		{ 9, 0, 600000, -1 },
		{ 1, 299609, 600000, 299609 },
		{ 2, 299609, 600000, 599218 },
		{ 3, 299609, 600000, 600000 },
		{ 1, 1 << 30, 600000, 600000 },
		{ 8, 1 << 30, 86400000, 86400000 },
		{ 1, 200, 100, 100 },
		{ 1, 0, 0, -1 },
		{ 1, 1, 600000, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(backoff_ms(rows[i].nth, BACKOFF_TRIES,
				     rows[i].told, rows[i].max),
		    rows[i].ms);
	assert_int_equal(backoff_ms(4, BACKOFF_TRIES_SPARE, 0, 600000), -1);
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
a_plea_is_granted_once_and_given_up_in_the_end(void **state)
{
	int64_t us = 0;
	const struct pace_clock clock = { fake_now, fake_sleep, &us };
	struct session s = { .config.at = { .pace = pace_new(&clock) } };
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(backoff_heard(&s, "[NONEXISTENT] x"), BACKOFF_NONE);
	assert_int_equal(backoff_heard(&s,
			     "Suggested Backoff Time: 30 "
			     "seconds"),
	    BACKOFF_ALL);
	assert_int_equal(s.plea.kind, BACKOFF_ALL);
	assert_int_equal(backoff_wait(&s, 1, &f), RC_OK);
	assert_int_equal(us, 30000000);
	assert_int_equal(s.plea.kind, BACKOFF_NONE);
	assert_int_equal(pace_gate(s.config.at.pace, &f), RC_OK);
	assert_int_equal(us, 30000000);
	assert_int_equal(backoff_heard(&s, "[LIMIT]"), BACKOFF_LINE);
	(void)fault_set(&f, RC_STORE, CAUSE_TEMPORARY, "fetch: NO [LIMIT]");
	assert_int_equal(backoff_wait(&s, 9, &f), RC_STORE);
	assert_string_equal(f.text,
	    "no progress after 8 pauses for the server: fetch: NO [LIMIT]");
	assert_int_equal(us, 30000000);
	assert_true(s.spent);
	/* Where two others work, this one may be done without. */
	pace_join(s.config.at.pace);
	pace_join(s.config.at.pace);
	assert_int_equal(backoff_heard(&s, "[LIMIT]"), BACKOFF_LINE);
	assert_int_equal(backoff_wait(&s, 4, &f), RC_STORE);
	/* Who wants no pauses gets what the server said. */
	pace_limit_pause(s.config.at.pace, 0);
	(void)fault_set(&f, RC_STORE, CAUSE_TEMPORARY, "fetch: NO [LIMIT]");
	assert_int_equal(backoff_heard(&s, "[LIMIT]"), BACKOFF_LINE);
	assert_int_equal(backoff_wait(&s, 1, &f), RC_STORE);
	assert_string_equal(f.text, "fetch: NO [LIMIT]");
	assert_int_equal(us, 30000000);
	pace_free(s.config.at.pace);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_servers_say_is_understood),
		cmocka_unit_test(a_login_that_has_run_out_is_renewed),
		cmocka_unit_test(a_time_is_a_number_with_a_unit),
		cmocka_unit_test(pauses_double_and_are_bounded_and_end),
		cmocka_unit_test(
		    a_plea_is_granted_once_and_given_up_in_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
