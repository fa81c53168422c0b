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

/* What is sent ahead (tag 0), or asked: then its answer has that tag, and so
 * many lines. */
struct step {
	const char *command;
	int tag;
	size_t lines;
};

enum { TURNS_MAX = 8, STEPS_MAX = 8 };

/* What the server hears and says behind the login, and what we do. */
static const struct dialogue {
	const char *name;
	struct peer_turn turn[TURNS_MAX];
	struct step step[STEPS_MAX];
} dialogues[] = {
	{ "what is on its way is not asked again",
	    { { "2 EXAMINE \"b\"", NULL }, { "3 UID FETCH 1:* (UID)", NULL },
		{ "4 EXAMINE \"c\"",
		    EXAMINED("2",
			"1") "* 1 FETCH (UID 1)\r\n3 OK x\r\n" EXAMINED("4",
			"1") },
		{ "5 NOOP", "5 OK x\r\n" } },
	    { { "EXAMINE \"b\"", 0, 0 }, { "UID FETCH 1:* (UID)", 0, 0 },
		{ "EXAMINE \"c\"", 0, 0 }, { "EXAMINE \"b\"", 2, 2 },
		{ "UID FETCH 1:* (UID)", 3, 1 }, { "EXAMINE \"c\"", 4, 2 },
		{ "NOOP", 5, 0 } } },
	{ "another command drops it and selects again",
	    { { "2 EXAMINE \"b\"", NULL },
		{ "3 UID FETCH 1 (UID BODY.PEEK[])", NULL },
		{ "4 EXAMINE \"a\"", NULL },
		{ "5 UID FETCH 9 (UID)",
		    EXAMINED("2",
			"1") "* 1 FETCH (UID 1 BODY[] {13}\r\n"
			     "3 OK no tag\r\n)\r\n3 OK x\r\n" EXAMINED("4",
				 "7") "* 1 FETCH (UID 9)\r\n5 OK x\r\n" } },
	    { { "EXAMINE \"b\"", 0, 0 },
		{ "UID FETCH 1 (UID BODY.PEEK[])", 0, 0 },
		{ "UID FETCH 9 (UID)", 5, 1 } } },
	{ "the selection after next leaves out the next",
	    { { "2 EXAMINE \"b\"", NULL }, { "3 UID FETCH 1:* (UID)", NULL },
		{ "4 EXAMINE \"c\"", NULL },
		{ "5 UID FETCH 1:* (UID)",
		    "2 NO gone\r\n3 BAD nothing selected\r\n" EXAMINED("4",
			"1") "* 1 FETCH (UID 1)\r\n5 OK x\r\n" } },
	    { { "EXAMINE \"b\"", 0, 0 }, { "UID FETCH 1:* (UID)", 0, 0 },
		{ "EXAMINE \"c\"", 0, 0 }, { "UID FETCH 1:* (UID)", 0, 0 },
		{ "EXAMINE \"c\"", 4, 2 }, { "UID FETCH 1:* (UID)", 5, 1 } } },
	{ "the same fetch of another folder is not taken",
	    { { "2 EXAMINE \"b\"", NULL }, { "3 UID FETCH 1:* (UID)", NULL },
		{ "4 EXAMINE \"a\"", NULL },
		{ "5 UID FETCH 1:* (UID)",
		    EXAMINED("2", "1") "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID "
				       "2)\r\n3 OK x\r\n" EXAMINED("4",
					   "7") "* 1 FETCH (UID 3)\r\n"
						"5 OK x\r\n" } },
	    { { "EXAMINE \"b\"", 0, 0 }, { "UID FETCH 1:* (UID)", 0, 0 },
		{ "UID FETCH 1:* (UID)", 5, 1 } } },
};

static void
hold(const struct dialogue *d)
{
	struct peer_turn turns[TURNS_MAX + 2] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN } };
	struct talk t;
	size_t n = 0, i;

	for (; n < TURNS_MAX && d->turn[n].expect != NULL; n++)
		turns[n + 2] = d->turn[n];
	begin(&t, turns, n + 2);
	for (i = 0; i < STEPS_MAX && d->step[i].command != NULL; i++) {
		if (d->step[i].tag == 0)
			ahead(&t, d->step[i].command);
		else
			ask(&t, d->step[i].command, d->step[i].tag,
			    d->step[i].lines);
	}
	assert_null(ahead_last(&t.s));
	finish(&t);
}

static void
answers_on_their_way_go_to_who_asks_the_same(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(dialogues) / sizeof(dialogues[0]); i++) {
		print_message("%s\n", dialogues[i].name);
		hold(&dialogues[i]);
	}
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
		cmocka_unit_test(answers_on_their_way_go_to_who_asks_the_same),
		cmocka_unit_test(a_folder_made_anew_meanwhile_is_not_asked),
		cmocka_unit_test(a_line_lost_with_it_calls_for_care),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
