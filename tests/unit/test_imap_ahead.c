#include "tests/unit/dialogue.h"

#include "stores/imap/ahead.h"
#include "util/mem.h"

/* Commands that go before they are wanted (ahead.h). */

#define EXAMINED(tag, n) \
	"* 3 EXISTS\r\n* OK [UIDVALIDITY " n "] x\r\n" tag " OK x\r\n"

struct talk {
	struct session s;
	struct peer p;
	struct fault f;
	size_t lines; /* of the last answer */
};

/* The folder "a" is selected, as by an operation. */
static void
begin(struct talk *t, const struct peer_turn *turns, size_t n)
{
	memset(t, 0, sizeof(*t));
	peer_start(&t->p, turns, n);
	session_start(&t->s, &t->p);
	assert_int_equal(session_open(&t->s, &t->f), RC_OK);
	t->s.selected.wire = xstrdup("a");
	t->s.selected.name = xstrdup("a");
	t->s.selected.uidvalidity = 7;
	t->s.mode = STORE_READ;
}

static void
finish(struct talk *t)
{
	session_end(&t->s);
	assert_true(peer_end(&t->p));
}

static void
ahead(struct talk *t, const char *command)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, command);
	assert_true(ahead_send(&t->s, &b, 1, 0));
	buf_release(&b);
}

static enum rc
count(void *arg, const char *text, size_t n, struct fault *f)
{
	struct talk *t = arg;

	(void)text;
	(void)n;
	(void)f;
	t->lines++;
	return RC_OK;
}

/* Asks; wants the answer to have this tag and so many lines. */
static void
ask(struct talk *t, const char *command, int tag, size_t lines)
{
	struct buf b = BUF_INIT;
	struct imap_reply r;
	int got;

	buf_adds(&b, command);
	t->lines = 0;
	assert_int_equal(session_send(&t->s, &b, &got, &t->f), RC_OK);
	assert_int_equal(got, tag);
	assert_int_equal(session_read(&t->s, got, count, t, &r, &t->f), RC_OK);
	assert_int_equal(r.status, IMAP_OK);
	assert_int_equal(t->lines, lines);
	buf_release(&b);
}

static void
what_is_on_its_way_is_not_asked_again(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN }, { "2 EXAMINE \"b\"", NULL },
		{ "3 UID FETCH 1:* (UID)", NULL },
		{ "4 EXAMINE \"c\"",
		    EXAMINED("2",
			"1") "* 1 FETCH (UID 1)\r\n3 OK x\r\n" EXAMINED("4",
			"1") },
		{ "5 NOOP", "5 OK x\r\n" } };
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	ahead(&t, "EXAMINE \"b\"");
	ahead(&t, "UID FETCH 1:* (UID)");
	ahead(&t, "EXAMINE \"c\"");
	ask(&t, "EXAMINE \"b\"", 2, 2);
	ask(&t, "UID FETCH 1:* (UID)", 3, 1);
	ask(&t, "EXAMINE \"c\"", 4, 2);
	assert_null(ahead_last(&t.s));
	ask(&t, "NOOP", 5, 0);
	finish(&t);
}

static void
another_command_drops_it_and_selects_again(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN }, { "2 EXAMINE \"b\"", NULL },
		{ "3 UID FETCH 1 (UID BODY.PEEK[])", NULL },
		{ "4 EXAMINE \"a\"", NULL },
		{ "5 UID FETCH 9 (UID)",
		    EXAMINED("2",
			"1") "* 1 FETCH (UID 1 BODY[] {13}\r\n"
			     "3 OK no tag\r\n)\r\n3 OK x\r\n" EXAMINED("4",
				 "7") "* 1 FETCH (UID 9)\r\n"
				      "5 OK x\r\n" } };
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	ahead(&t, "EXAMINE \"b\"");
	ahead(&t, "UID FETCH 1 (UID BODY.PEEK[])");
	ask(&t, "UID FETCH 9 (UID)", 5, 1);
	assert_null(ahead_last(&t.s));
	finish(&t);
}

static void
a_folder_made_anew_meanwhile_is_not_asked(void **state)
{
	static const struct peer_turn turns[] = {
		{ NULL, GREETING }, { LOGIN_PLAIN, LOGGED_IN },
		{ "2 EXAMINE \"b\"", NULL }, { "3 EXAMINE \"a\"", NULL },
		{ "4 UID FETCH 9 (UID)", EXAMINED("2", "1") EXAMINED("3", "8") }
	};
	struct buf b = BUF_INIT;
	struct imap_reply r;
	struct talk t;
	int tag;

	(void)state;
	begin(&t, TURNS(turns));
	ahead(&t, "EXAMINE \"b\"");
	buf_adds(&b, "UID FETCH 9 (UID)");
	assert_int_equal(session_send(&t.s, &b, &tag, &t.f), RC_OK);
	assert_int_equal(session_read(&t.s, tag, NULL, NULL, &r, &t.f),
	    RC_STORE);
	assert_int_equal(t.f.cause, CAUSE_TEMPORARY);
	assert_null(t.s.im);
	buf_release(&b);
	finish(&t);
}

static void
the_selection_after_next_leaves_out_the_next(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN }, { "2 EXAMINE \"b\"", NULL },
		{ "3 UID FETCH 1:* (UID)", NULL }, { "4 EXAMINE \"c\"", NULL },
		{ "5 UID FETCH 1:* (UID)",
		    "2 NO gone\r\n3 BAD nothing selected\r\n" EXAMINED("4",
			"1") "* 1 FETCH (UID 1)\r\n5 OK x\r\n" } };
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	ahead(&t, "EXAMINE \"b\"");
	ahead(&t, "UID FETCH 1:* (UID)");
	ahead(&t, "EXAMINE \"c\"");
	ahead(&t, "UID FETCH 1:* (UID)");
	ask(&t, "EXAMINE \"c\"", 4, 2);
	ask(&t, "UID FETCH 1:* (UID)", 5, 1);
	finish(&t);
}

static void
the_same_fetch_of_another_folder_is_not_taken(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN }, { "2 EXAMINE \"b\"", NULL },
		{ "3 UID FETCH 1:* (UID)", NULL }, { "4 EXAMINE \"a\"", NULL },
		{ "5 UID FETCH 1:* (UID)",
		    EXAMINED("2", "1") "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID "
				       "2)\r\n3 OK x\r\n" EXAMINED("4",
					   "7") "* 1 FETCH (UID 3)\r\n"
						"5 OK x\r\n" } };
	struct talk t;

	(void)state;
	begin(&t, TURNS(turns));
	ahead(&t, "EXAMINE \"b\"");
	ahead(&t, "UID FETCH 1:* (UID)");
	ask(&t, "UID FETCH 1:* (UID)", 5, 1);
	finish(&t);
}

static void
a_line_lost_with_it_calls_for_care(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN }, { "2 EXAMINE \"b\"", NULL } };
	struct buf b = BUF_INIT;
	struct imap_reply r;
	struct talk t;
	unsigned careful;
	int tag;

	(void)state;
	begin(&t, TURNS(turns));
	ahead(&t, "EXAMINE \"b\"");
	ahead(&t, "EXAMINE \"c\"");
	buf_adds(&b, "EXAMINE \"b\"");
	assert_int_equal(session_send(&t.s, &b, &tag, &t.f), RC_OK);
	assert_int_equal(session_read(&t.s, tag, NULL, NULL, &r, &t.f),
	    RC_STORE);
	assert_null(t.s.im);
	assert_null(ahead_last(&t.s));
	careful = t.s.ahead.careful;
	assert_true(careful > 0);
	ahead_lost(&t.s);
	assert_true(t.s.ahead.careful > careful);
	buf_release(&b);
	finish(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_on_its_way_is_not_asked_again),
		cmocka_unit_test(another_command_drops_it_and_selects_again),
		cmocka_unit_test(a_folder_made_anew_meanwhile_is_not_asked),
		cmocka_unit_test(the_selection_after_next_leaves_out_the_next),
		cmocka_unit_test(the_same_fetch_of_another_folder_is_not_taken),
		cmocka_unit_test(a_line_lost_with_it_calls_for_care),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
