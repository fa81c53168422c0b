#include "tests/unit/dialogue.h"

#include "stores/imap/introduce.h"
#include "util/version.h"

#define ID_OURS \
	"ID (\"name\" \"mailproof\" \"version\" \"" MAILPROOF_VERSION "\")"

#define XOAUTH2_TOKEN "dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHRvLmtlbgEB"

/* Connects; wants this cause, and these words in the fault. */
static void
fails_with(struct session *s, const struct peer_turn *t, size_t n,
    enum cause cause, const char *words)
{
	struct fault f = FAULT_INIT;
	struct peer p;

	peer_start(&p, t, n);
	s->config.at.port = p.port;
	if (n > 0 && t[n - 1].say == PEER_HANG)
		s->config.at.timeout_ms = 200;
	assert_int_equal(session_open(s, &f), RC_STORE);
	if (strstr(f.text, words) == NULL)
		assert_string_equal(f.text, words);
	assert_int_equal(f.cause, cause);
	assert_null(s->im);
	session_end(s);
	assert_true(peer_end(&p));
}

static void
fails(const struct peer_turn *t, size_t n, enum cause cause, const char *words,
    enum security security)
{
	struct session s;

	session_start(&s, &(struct peer){ 0, 0 });
	s.config.at.security = security;
	fails_with(&s, t, n, cause, words);
}

static void
a_greeting_that_is_none_is_named(void **state)
{
	static const struct peer_turn bye[] = { { NULL,
	    "* BYE [UNAVAILABLE] too many\r\n" } };
	static const struct peer_turn smtp[] = { { NULL, "220 mx ESMTP\r\n" } };
	static const struct peer_turn nothing[] = { { NULL, "" } };
	static const struct peer_turn stall[] = { { NULL, PEER_HANG } };

	(void)state;
	fails(TURNS(bye), CAUSE_TEMPORARY, "[UNAVAILABLE] too many",
	    SECURITY_NONE);
	fails(TURNS(smtp), CAUSE_UNREACHABLE,
	    "this is no IMAP server, it says: 220 mx ESMTP", SECURITY_NONE);
	fails(TURNS(nothing), CAUSE_TEMPORARY,
	    "no greeting: the server closed the connection", SECURITY_NONE);
	fails(TURNS(stall), CAUSE_TEMPORARY,
	    "no greeting: nothing came from the server for 0 s", SECURITY_NONE);
}

static void
starttls_is_never_done_without(void **state)
{
	static const struct peer_turn none[] = {
		{ NULL, "* OK [CAPABILITY IMAP4rev1] hi\r\n" },
		{ "1 CAPABILITY", "* CAPABILITY IMAP4rev1\r\n1 OK x\r\n" }
	};
	static const struct peer_turn told[] = {
		{ NULL, "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n" },
		{ "1 STARTTLS", "1 NO not today\r\n" }
	};
	static const struct peer_turn preauth[] = { { NULL,
	    "* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n" } };
	static const struct peer_turn refused[] = { { NULL, "* OK hi\r\n" },
		{ "1 CAPABILITY", "* CAPABILITY STARTTLS\r\n1 OK x\r\n" },
		{ "2 STARTTLS", "2 NO not today\r\n" } };
	static const struct peer_turn injected[] = { { NULL, "* OK hi\r\n" },
		{ "1 CAPABILITY", "* CAPABILITY STARTTLS\r\n1 OK x\r\n" },
		{ "2 STARTTLS", "2 OK go\r\n* CAPABILITY AUTH=PLAIN\r\n" } };

	(void)state;
	fails(TURNS(none), CAUSE_UNREACHABLE,
	    "does not offer STARTTLS: use imaps://", SECURITY_STARTTLS);
	fails(TURNS(told), CAUSE_UNREACHABLE, "not today", SECURITY_STARTTLS);
	fails(TURNS(preauth), CAUSE_UNREACHABLE, "PREAUTH", SECURITY_STARTTLS);
	fails(TURNS(refused), CAUSE_UNREACHABLE, "not today",
	    SECURITY_STARTTLS);
	fails(TURNS(injected), CAUSE_UNREACHABLE, "something behind it",
	    SECURITY_STARTTLS);
}

static void
a_refused_login_gives_the_servers_words(void **state)
{
	static const struct peer_turn wrong[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, "1 NO [AUTHENTICATIONFAILED] go away\r\n" } };
	static const struct peer_turn later[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, "1 NO [UNAVAILABLE] later\r\n" } };
	static const struct peer_turn bye[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, "* BYE too many logins\r\n" } };
	static const struct peer_turn tls[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, "1 NO [PRIVACYREQUIRED] no\r\n" } };

	(void)state;
	fails(TURNS(wrong), CAUSE_LOGIN,
	    "login refused: NO "
	    "[AUTHENTICATIONFAILED] go away (sent with PLAIN)",
	    SECURITY_NONE);
	fails(TURNS(later), CAUSE_TEMPORARY, "[UNAVAILABLE] later",
	    SECURITY_NONE);
	fails(TURNS(bye), CAUSE_TEMPORARY,
	    "login: the server closed the connection, saying: too many",
	    SECURITY_NONE);
	fails(TURNS(tls), CAUSE_CONFIG, "login needs TLS", SECURITY_NONE);
}

static void
works(const struct peer_turn *t, size_t n, struct session *s)
{
	struct fault f = FAULT_INIT;
	struct peer p;
	enum rc rc;

	peer_start(&p, t, n);
	s->config.at.port = p.port;
	rc = session_open(s, &f);
	assert_string_equal(f.text, "");
	assert_int_equal(rc, RC_OK);
	assert_int_equal(introduce_finish(s, &f), RC_OK);
	session_close(s);
	assert_true(peer_end(&p));
}

static void
each_mechanism_says_what_its_rfc_wants(void **state)
{
	static const struct peer_turn login[] = {
		{ NULL, "* OK [CAPABILITY AUTH=LOGIN] x\r\n" },
		{ "1 AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6\r\n" },
		{ "YW5uYQ==", "+ UGFzc3dvcmQ6\r\n" }, { "cCJhXHM=", LOGGED_IN },
		{ "2 LOGOUT", "* BYE\r\n2 OK\r\n" }
	};
	static const struct peer_turn plain[] = {
		{ NULL, "* OK [CAPABILITY AUTH=PLAIN] x\r\n" },
		{ "1 AUTHENTICATE PLAIN", "+ \r\n" },
		{ "AGFubmEAcCJhXHM=", LOGGED_IN },
		{ "2 LOGOUT", "* BYE\r\n2 OK\r\n" }
	};
	static const struct peer_turn command[] = { { NULL, "* OK hi\r\n" },
		{ "1 CAPABILITY", "* CAPABILITY IMAP4rev1\r\n1 OK x\r\n" },
		{ "2 LOGIN \"anna\" \"p\\\"a\\\\s\"",
		    "2 OK [CAPABILITY ID] in\r\n" },
		{ "3 " ID_OURS,
		    "* ID (\"vendor\" NIL \"name\" {3}\r\nFoo \"version\" "
		    "\"1.2\")\r\n3 OK\r\n" },
		{ "4 LOGOUT", "* BYE\r\n4 OK\r\n" } };
	static const struct peer_turn proxy[] = { { NULL, GREETING },
		{ "1 AUTHENTICATE PLAIN YW5uYQBib3NzAHAiYVxz", LOGGED_IN },
		{ "2 LOGOUT", "* BYE\r\n2 OK\r\n" } };
	static const struct peer_turn cram[] = {
		{ NULL, "* OK [CAPABILITY AUTH=CRAM-MD5] x\r\n" },
		{ "1 AUTHENTICATE CRAM-MD5",
		    "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZX"
		    "Q+\r\n" },
		{ "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw",
		    LOGGED_IN },
		{ "2 LOGOUT", "* BYE\r\n2 OK\r\n" }
	};
	struct session s;

	(void)state;
	session_start(&s, &(struct peer){ 0, 0 });
	works(TURNS(login), &s);
	works(TURNS(plain), &s);
	works(TURNS(command), &s);
	assert_string_equal(s.software, "Foo 1.2");
	s.config.who.auth_user = "boss";
	works(TURNS(proxy), &s);
	/* The example of RFC 2195, 2. */
	s.config.who.auth_user = NULL;
	s.config.who.user = "tim";
	s.config.who.secret_arg = (void *)(uintptr_t) "tanstaaftanstaaf";
	works(TURNS(cram), &s);
	session_end(&s);
}

/* With an initial response and without; what the server says of the token
 * is heard, answered, and told. */
static void
a_token_goes_by_xoauth2(void **state)
{
	static const struct peer_turn at_once[] = {
		{ NULL, "* OK [CAPABILITY SASL-IR AUTH=XOAUTH2] x\r\n" },
		{ "1 AUTHENTICATE XOAUTH2 " XOAUTH2_TOKEN, LOGGED_IN },
		{ "2 LOGOUT", "* BYE\r\n2 OK\r\n" }
	};
	static const struct peer_turn waits[] = {
		{ NULL, "* OK [CAPABILITY AUTH=XOAUTH2] x\r\n" },
		{ "1 AUTHENTICATE XOAUTH2", "+ \r\n" },
		{ XOAUTH2_TOKEN, LOGGED_IN },
		{ "2 LOGOUT", "* BYE\r\n2 OK\r\n" }
	};
	static const struct peer_turn refuses[] = {
		{ NULL, "* OK [CAPABILITY SASL-IR AUTH=XOAUTH2] x\r\n" },
		{ "1 AUTHENTICATE XOAUTH2 " XOAUTH2_TOKEN,
		    "+ eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVh"
		    "cmVyIiwic2NvcGUiOiJtYWlsIn0=\r\n" },
		{ "", "1 NO SASL authentication failed\r\n" }
	};
	struct session s;

	(void)state;
	session_start(&s, &(struct peer){ 0, 0 });
	s.config.who.token = true;
	s.config.who.secret_arg = (void *)(uintptr_t) "to.ken";
	works(TURNS(at_once), &s);
	works(TURNS(waits), &s);
	/* From elsewhere than a command: nobody is asked for another. */
	s.config.who.token = false;
	s.config.who.mechanism = "xoauth2";
	fails_with(&s, TURNS(refuses), CAUSE_LOGIN,
	    "login refused: NO SASL authentication failed (sent with XOAUTH2; "
	    "the token has expired, was revoked, or is not this user's "
	    "(status '401', scope 'mail'))");
}

static void
a_password_that_cannot_be_quoted_goes_as_a_literal(void **state)
{
	static const struct peer_turn wait[] = {
		{ NULL, "* OK [CAPABILITY IMAP4rev1 AUTH=X] hi\r\n" },
		{ "1 LOGIN \"anna\" {3}", "+ \r\n" },
		{ "k\xc3\xb6", "1 OK [CAPABILITY IMAP4rev1] in\r\n" },
		{ "2 LOGOUT", "* BYE\r\n2 OK\r\n" }
	};
	static const struct peer_turn at_once[] = {
		{ NULL, "* OK [CAPABILITY LITERAL+ AUTH=X] hi\r\n" },
		{ "1 LOGIN \"anna\" {3+}", "" },
		{ "k\xc3\xb6", "1 OK [CAPABILITY IMAP4rev1] in\r\n" },
		{ "2 LOGOUT", "* BYE\r\n2 OK\r\n" }
	};
	struct session s;

	(void)state;
	session_start(&s, &(struct peer){ 0, 0 });
	s.config.who.secret_arg = (void *)(uintptr_t) "k\xc3\xb6";
	works(TURNS(wait), &s);
	works(TURNS(at_once), &s);
	session_end(&s);
}

static void
the_namespace_is_learnt(void **state)
{
	static const struct peer_turn turns[] = { { NULL, GREETING },
		{ LOGIN_PLAIN, "1 OK in\r\n" },
		{ "2 CAPABILITY",
		    "* CAPABILITY IMAP4rev1 NAMESPACE ID APPENDLIMIT=99\r\n"
		    "2 OK\r\n" },
		{ "3 " ID_OURS, "" },
		{ "4 NAMESPACE",
		    "* ID NIL\r\n3 OK\r\n* NAMESPACE ((\"INBOX.\" "
		    "\".\")) NIL NIL\r\n4 OK\r\n" },
		{ "5 LOGOUT", "* BYE\r\n5 OK\r\n" } };
	struct session s;

	(void)state;
	session_start(&s, &(struct peer){ 0, 0 });
	works(TURNS(turns), &s);
	assert_string_equal(s.prefix, "INBOX.");
	assert_int_equal(s.sep, '.');
	assert_string_equal(s.software, "hello");
	assert_int_equal(s.info.append_max, 99);
	assert_true(s.info.plaintext);
	session_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_greeting_that_is_none_is_named),
		cmocka_unit_test(starttls_is_never_done_without),
		cmocka_unit_test(a_refused_login_gives_the_servers_words),
		cmocka_unit_test(each_mechanism_says_what_its_rfc_wants),
		cmocka_unit_test(a_token_goes_by_xoauth2),
		cmocka_unit_test(
		    a_password_that_cannot_be_quoted_goes_as_a_literal),
		cmocka_unit_test(the_namespace_is_learnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
