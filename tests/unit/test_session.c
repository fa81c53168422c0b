#include "tests/unit/dialogue.h"
#include "util/interrupt.h"

static enum rc
collect(void *arg, const char *text, size_t n, struct fault *f)
{
	(void)f;
	assert_int_equal(text[n], '\0');
	buf_add(arg, text, n);
	buf_addc(arg, '|');
	return RC_OK;
}

static void
a_raw_command_gives_its_lines_with_their_literals(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN },
		{ "2 LIST \"\" \"*\"",
		    "* LIST () \"/\" {5}\r\na\r\nbc x\r\n"
		    "* OK {3}\r\n2 NO [nonexistent x] gone\r\n" },
		{ "3 NOOP", "* BYE shutting down\r\n" } };
	struct fault f = FAULT_INIT;
	struct buf seen = BUF_INIT, command = BUF_INIT;
	struct imap_reply r;
	struct session s;
	struct peer p;

	(void)state;
	peer_start(&p, TURNS(turns));
	session_start(&s, &p);
	assert_int_equal(session_open(&s, &f), RC_OK);
	buf_adds(&command, "LIST \"\" \"*\"");
	assert_int_equal(session_raw(&s, &command, collect, &seen, &r, &f),
	    RC_OK);
	assert_string_equal(buf_str(&seen),
	    "* LIST () \"/\" {5}\r\na\r\nbc x|* OK {3}|");
	assert_int_equal(r.status, IMAP_NO);
	assert_string_equal(r.code, "NONEXISTENT");
	assert_string_equal(r.text, "[nonexistent x] gone");
	assert_int_equal(session_refusal(&s, &r, "list", &f), RC_FOLDER);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	assert_string_equal(f.text, "list: NO [nonexistent x] gone");
	buf_clear(&command);
	buf_adds(&command, "NOOP");
	assert_int_equal(session_raw(&s, &command, NULL, NULL, &r, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_TEMPORARY);
	assert_string_equal(f.text,
	    "the server closed the connection, saying: shutting down");
	assert_null(s.im);
	assert_int_equal(session_raw(&s, &command, NULL, NULL, &r, &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_TEMPORARY);
	session_end(&s);
	buf_release(&seen);
	buf_release(&command);
	assert_true(peer_end(&p));
}

static void
pipelined_answers_are_told_apart(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN }, { "2 A", NULL }, { "3 B", NULL },
		{ "4 C",
		    "2 OK [APPENDUID 1 5] one\r\n* 3 EXISTS\r\n3 BAD [Y] "
		    "two\r\n4 NO [OVERQUOTA] three\r\n" } };
	static const char *const commands[] = { "A", "B", "C" };
	struct fault f = FAULT_INIT;
	struct imap_reply r[3];
	struct session s;
	struct peer p;
	int tag[3];
	size_t i;

	(void)state;
	peer_start(&p, TURNS(turns));
	session_start(&s, &p);
	assert_int_equal(session_open(&s, &f), RC_OK);
	for (i = 0; i < 3; i++) {
		struct buf b = BUF_INIT;

		buf_adds(&b, commands[i]);
		assert_int_equal(session_send(&s, &b, &tag[i], &f), RC_OK);
		buf_release(&b);
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(session_wait(&s, tag[i], &r[i], &f), RC_OK);
	assert_string_equal(r[0].code, "APPENDUID");
	assert_string_equal(r[0].text, "[APPENDUID 1 5] one");
	assert_int_equal(r[1].status, IMAP_BAD);
	assert_string_equal(r[1].code, "Y");
	assert_int_equal(session_refusal(&s, &r[2], "x", &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	session_end(&s);
	assert_true(peer_end(&p));
}

/* After login the server says this to the libetpan command NOOP. */
static void
noop_fails(const struct peer_turn *last, int timeout_ms, enum cause cause,
    const char *words)
{
	struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN }, *last };
	struct fault f = FAULT_INIT;
	struct session s;
	struct peer p;
	int code;

	peer_start(&p, TURNS(turns));
	session_start(&s, &p);
	assert_int_equal(session_open(&s, &f), RC_OK);
	(void)net_timeout(s.net, timeout_ms);
	code = mailimap_noop(s.im);
	assert_int_not_equal(code, MAILIMAP_NO_ERROR);
	(void)session_fault(&s, code, "noop", &f);
	assert_string_equal(f.text, words);
	assert_int_equal(f.cause, cause);
	session_end(&s);
	assert_true(peer_end(&p));
}

static void
each_way_to_lose_the_line_has_its_words(void **state)
{
	static const struct {
		struct peer_turn turn;
		enum cause cause;
		const char *words;
	} cases[] = {
		{ { "2 NOOP", "* 1 EX" }, CAUSE_TEMPORARY,
		    "noop: the server closed the connection" },
		{ { "2 NOOP", "* BYE enough\r\n" }, CAUSE_TEMPORARY,
		    "noop: the server closed the connection, saying: enough" },
		{ { "2 NOOP", PEER_HANG }, CAUSE_TEMPORARY,
		    "noop: nothing came from the server for 0 s" },
		{ { "2 NOOP", "* 1 FETCH (UID x)\r\n" }, CAUSE_DATA,
		    "noop: the server's answer is refused: a UID that is no "
		    "number: * 1 FETCH (UID x)" },
		{ { "2 NOOP", "9 OK what\r\n" }, CAUSE_DATA,
		    "noop: cannot make sense of the server's answer; its last "
		    "line: 9 OK what" },
		{ { "2 NOOP", "2 NO [INUSE] busy\r\n" }, CAUSE_TEMPORARY,
		    "noop: NO [INUSE] busy" },
		{ { "2 NOOP", "2 BAD what\r\n" }, CAUSE_REFUSED,
		    "noop: BAD what" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		noop_fails(&cases[i].turn,
		    cases[i].turn.say == PEER_HANG ? 200 : 5000, cases[i].cause,
		    cases[i].words);
}

static void
a_signal_ends_a_wait(void **state)
{
	static const struct peer_turn turn = { "2 NOOP", PEER_HANG };
	struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, LOGGED_IN }, turn };
	struct buf command = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct imap_reply r;
	struct session s;
	struct peer p;

	(void)state;
	peer_start(&p, TURNS(turns));
	session_start(&s, &p);
	assert_int_equal(session_open(&s, &f), RC_OK);
	buf_adds(&command, "NOOP");
	interrupt_raise(SIGINT);
	assert_int_equal(session_raw(&s, &command, NULL, NULL, &r, &f),
	    RC_STORE);
	assert_string_equal(f.text, "interrupted by SIGINT");
	interrupt_raise(0);
	session_end(&s);
	buf_release(&command);
	/* The command was not even sent. */
	assert_false(peer_end(&p));
}

static void
names_are_quoted_and_commands_not_smuggled(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	assert_true(imap_add_string(&b, "a\"b\\c \xc3\xa9"));
	assert_string_equal(buf_str(&b), "\"a\\\"b\\\\c \xc3\xa9\"");
	assert_false(imap_add_string(&b, "a\r\n2 DELETE b"));
	assert_false(imap_add_string(&b, "a\n"));
	buf_release(&b);
}

static void
nobody_there_is_unreachable(void **state)
{
	struct endpoint c = { .host = "127.0.0.1",
		.security = SECURITY_NONE,
		.timeout_ms = 5000 };
	struct fault f = FAULT_INIT;
	mailstream *stream;
	struct net *net;
	char wanted[80];

	(void)state;
	(void)close(peer_listen(&c.port));
	assert_int_equal(net_open(&c, &stream, &net, &f), RC_STORE);
	(void)snprintf(wanted, sizeof(wanted),
	    "127.0.0.1:%u: cannot connect: Connection refused",
	    (unsigned)c.port);
	assert_string_equal(f.text, wanted);
	assert_int_equal(f.cause, CAUSE_UNREACHABLE);
	c.host = "no-such-host.invalid";
	assert_int_equal(net_open(&c, &stream, &net, &f), RC_STORE);
	assert_non_null(strstr(f.text, "cannot look up the host"));
	assert_int_equal(f.cause, CAUSE_UNREACHABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_raw_command_gives_its_lines_with_their_literals),
		cmocka_unit_test(pipelined_answers_are_told_apart),
		cmocka_unit_test(each_way_to_lose_the_line_has_its_words),
		cmocka_unit_test(a_signal_ends_a_wait),
		cmocka_unit_test(names_are_quoted_and_commands_not_smuggled),
		cmocka_unit_test(nobody_there_is_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
