#include "tests/unit/peer.h"

#include "smtp/smtp.h"

#define TURNS(t) (t), sizeof(t) / sizeof((t)[0])

static const char secret[] = "p\"a\\s";

static enum rc
give_secret(void *arg, struct buf *b, struct fault *f)
{
	(void)f;
	buf_adds(b, arg);
	return RC_OK;
}

static const struct credentials anna = {
	.user = "anna",
	.secret = give_secret,
	.secret_arg = (void *)(uintptr_t)secret,
};

#define HELLO                            \
	{                                \
		NULL, "220 mx ESMTP\r\n" \
	}
#define EHLO_PLAIN                                                         \
	{                                                                  \
		"EHLO me", "250-mx\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n" \
	}
#define PLAIN "AUTH PLAIN AGFubmEAcCJhXHM="

/* Connects as anna, or as nobody. */
static enum rc
connect_to(const struct peer *p, enum security security, bool login, int ms,
    struct smtp **r, struct fault *f)
{
	struct smtp_config c = { .at = { .location = "smtp+plain://anna@h",
				     .host = "127.0.0.1",
				     .port = p->port,
				     .security = security,
				     .timeout_ms = ms },
		.who = login ? &anna : NULL,
		.name = "me" };

	return smtp_open(&c, r, f);
}

/* Wants this cause, and these words in the fault. */
static void
fails(const struct peer_turn *t, size_t n, enum security security,
    enum cause cause, const char *words)
{
	struct fault f = FAULT_INIT;
	struct smtp *s;
	struct peer p;

	peer_start(&p, t, n);
	assert_int_equal(connect_to(&p, security, true,
			     t[n - 1].say == PEER_HANG ? 200 : 5000, &s, &f),
	    RC_STORE);
	assert_null(s);
	if (strstr(f.text, words) == NULL)
		assert_string_equal(f.text, words);
	assert_int_equal(f.cause, cause);
	assert_true(peer_end(&p));
}

static void
a_greeting_that_is_none_is_named(void **state)
{
	static const struct peer_turn later[] = { { NULL,
	    "421 4.3.2 too busy\r\n" } };
	static const struct peer_turn never[] = { { NULL,
	    "554-go\r\n554 away\r\n" } };
	static const struct peer_turn imap[] = { { NULL,
	    "* OK IMAP4rev1\r\n" } };
	static const struct peer_turn nothing[] = { { NULL, "" } };
	static const struct peer_turn half[] = { { NULL, "220-hello" } };
	static const struct peer_turn stall[] = { { NULL, PEER_HANG } };

	(void)state;
	fails(TURNS(later), SECURITY_NONE, CAUSE_TEMPORARY,
	    "turns the connection away: 421 4.3.2 too busy");
	fails(TURNS(never), SECURITY_NONE, CAUSE_UNREACHABLE, "554 go away");
	fails(TURNS(imap), SECURITY_NONE, CAUSE_UNREACHABLE,
	    "this is no SMTP server, it says: * OK IMAP4rev1");
	fails(TURNS(nothing), SECURITY_NONE, CAUSE_TEMPORARY,
	    "no greeting: the server closed the connection");
	fails(TURNS(half), SECURITY_NONE, CAUSE_TEMPORARY,
	    "no greeting: the server closed the connection");
	fails(TURNS(stall), SECURITY_NONE, CAUSE_TEMPORARY,
	    "no greeting: nothing came from the server for 0 s");
}

static void
starttls_is_never_done_without(void **state)
{
	static const struct peer_turn none[] = { HELLO, EHLO_PLAIN };
	static const struct peer_turn old[] = { HELLO,
		{ "EHLO me", "502 what?\r\n" }, { "HELO me", "250 mx\r\n" } };
	static const struct peer_turn refused[] = { HELLO,
		{ "EHLO me", "250-mx\r\n250 STARTTLS\r\n" },
		{ "STARTTLS", "554 5.7.1 no\r\n" } };
	static const struct peer_turn later[] = { HELLO,
		{ "EHLO me", "250-mx\r\n250 STARTTLS\r\n" },
		{ "STARTTLS", "454 4.7.0 not now\r\n" } };
	static const struct peer_turn injected[] = { HELLO,
		{ "EHLO me", "250-mx\r\n250 STARTTLS\r\n" },
		{ "STARTTLS", "220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n" } };

	(void)state;
	fails(TURNS(none), SECURITY_STARTTLS, CAUSE_UNREACHABLE,
	    "does not offer STARTTLS: use smtps://");
	fails(TURNS(old), SECURITY_STARTTLS, CAUSE_UNREACHABLE,
	    "does not offer STARTTLS");
	fails(TURNS(refused), SECURITY_STARTTLS, CAUSE_UNREACHABLE,
	    "554 5.7.1 no");
	fails(TURNS(later), SECURITY_STARTTLS, CAUSE_TEMPORARY,
	    "454 4.7.0 not now");
	fails(TURNS(injected), SECURITY_STARTTLS, CAUSE_UNREACHABLE,
	    "something behind its answer");
}

static void
a_refused_login_gives_the_servers_words(void **state)
{
	static const struct peer_turn wrong[] = { HELLO, EHLO_PLAIN,
		{ PLAIN, "535 5.7.8 Error: authentication failed\r\n" } };
	static const struct peer_turn later[] = { HELLO, EHLO_PLAIN,
		{ PLAIN, "454 4.7.0 Temporary authentication failure\r\n" } };
	static const struct peer_turn tls[] = { HELLO, EHLO_PLAIN,
		{ PLAIN, "538 5.7.11 Encryption required\r\n" } };
	static const struct peer_turn none[] = { HELLO,
		{ "EHLO me", "250 mx\r\n" } };
	static const struct peer_turn cut[] = { HELLO, EHLO_PLAIN,
		{ PLAIN, "" } };
	static const struct peer_turn odd[] = { HELLO, EHLO_PLAIN,
		{ PLAIN, "250 ok\r\n" } };
	static const struct peer_turn junk[] = { HELLO,
		{ "EHLO me", "250-mx\r\n250 AUTH CRAM-MD5\r\n" },
		{ "AUTH CRAM-MD5", "334 ?\r\n" }, { "*", "501 x\r\n" } };

	(void)state;
	fails(TURNS(wrong), SECURITY_NONE, CAUSE_LOGIN,
	    "login refused: 535 5.7.8 Error: authentication failed (sent with "
	    "PLAIN)");
	fails(TURNS(later), SECURITY_NONE, CAUSE_TEMPORARY,
	    "login is not possible now: 454 4.7.0");
	fails(TURNS(tls), SECURITY_NONE, CAUSE_CONFIG, "538 5.7.11");
	fails(TURNS(none), SECURITY_NONE, CAUSE_CONFIG,
	    "offers no login without TLS here: mail is submitted at port 465");
	fails(TURNS(cut), SECURITY_NONE, CAUSE_TEMPORARY,
	    "login: the server closed the connection");
	fails(TURNS(odd), SECURITY_NONE, CAUSE_DATA, "an answer out of place");
	fails(TURNS(junk), SECURITY_NONE, CAUSE_DATA,
	    "login: a challenge that is not in base64");
}

static void
each_mechanism_is_spoken_as_its_rfc_says(void **state)
{
	static const struct peer_turn plain[] = { HELLO, EHLO_PLAIN,
		{ PLAIN, "235 2.7.0 in\r\n" }, { "QUIT", "221 bye\r\n" } };
	static const struct peer_turn login[] = { HELLO,
		{ "EHLO me", "250-mx\r\n250 AUTH=LOGIN\r\n" },
		{ "AUTH LOGIN", "334 VXNlcm5hbWU6\r\n" },
		{ "YW5uYQ==", "334 UGFzc3dvcmQ6\r\n" },
		{ "cCJhXHM=", "235 in\r\n" }, { "QUIT", "221 bye\r\n" } };
	static const struct {
		const struct peer_turn *t;
		size_t n;
		const char *mechanism;
	} rows[] = { { TURNS(plain), "PLAIN" }, { TURNS(login), "LOGIN" } };
	struct fault f = FAULT_INIT;
	struct smtp *s;
	struct peer p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		peer_start(&p, rows[i].t, rows[i].n);
		(void)!connect_to(&p, SECURITY_NONE, true, 5000, &s, &f);
		assert_string_equal(f.text, "");
		assert_string_equal(smtp_facts(s).mechanism, rows[i].mechanism);
		assert_string_equal(smtp_facts(s).greeting, "mx ESMTP");
		smtp_close(s);
		assert_true(peer_end(&p));
	}
}

static void
a_message_goes_out_with_its_dots_doubled(void **state)
{
	static const struct peer_turn t[] = { HELLO,
		{ "EHLO me",
		    "250-mx\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"
		    "250 SMTPUTF8\r\n" },
		{ "MAIL FROM:<a@b> SIZE=20 BODY=8BITMIME", "250 2.1.0 ok\r\n" },
		{ "RCPT TO:<c@d>", "550 5.1.1 no such user\r\n" },
		{ "RCPT TO:<j\xc3\xb6rg@d>", "251 will forward\r\n" },
		{ "DATA", "354 go\r\n" }, { "..", NULL }, { "a.b", NULL },
		{ "...c", NULL }, { "d", NULL }, { "..e", NULL },
		{ ".", "250 2.0.0 queued as X\r\n" },
		{ "MAIL FROM:<>", "250 ok\r\n" }, { "RSET", "250 ok\r\n" },
		{ "QUIT", "221 bye\r\n" } };
	static const char message[] = ".\r\na.b\r\n..c\nd\r.e";
	const struct smtp_envelope e = { .from = "a@b",
		.size = 20,
		.eightbit = true };
	const struct smtp_envelope large = { .from = "a@b", .size = 1001 };
	const struct smtp_envelope null = { .from = "" };
	struct smtp_reply r = { .code = 0 };
	struct fault f = FAULT_INIT;
	struct smtp *s;
	struct peer p;

	(void)state;
	peer_start(&p, TURNS(t));
	assert_int_equal(connect_to(&p, SECURITY_NONE, false, 5000, &s, &f),
	    RC_OK);
	assert_int_equal(smtp_mail(s, &e, &f), RC_OK);
	assert_int_equal(smtp_rcpt(s, "c@d", &f), RC_MESSAGE);
	assert_int_equal(f.cause, CAUSE_REFUSED);
	assert_non_null(
	    strstr(f.text, "RCPT TO:<c@d>: 550 5.1.1 no such user"));
	assert_int_equal(smtp_rcpt(s, "j\xc3\xb6rg@d", &f), RC_OK);
	assert_int_equal(smtp_data(s, message, sizeof(message) - 1, &r, &f),
	    RC_OK);
	assert_string_equal(r.line.v[0], "queued as X");
	smtp_reply_release(&r);
	assert_int_equal(smtp_mail(s, &large, &f), RC_MESSAGE);
	assert_non_null(strstr(f.text, "1001 octets, and the server takes"));
	assert_int_equal(smtp_mail(s, &null, &f), RC_OK);
	assert_int_equal(smtp_reset(s, &f), RC_OK);
	smtp_close(s);
	assert_true(peer_end(&p));
}

static void
what_goes_wrong_on_the_way_says_where(void **state)
{
	static const struct peer_turn busy[] = { HELLO,
		{ "EHLO me", "250 mx\r\n" },
		{ "MAIL FROM:<a@b>", "421 4.7.0 too many\r\n" } };
	static const struct peer_turn hang[] = { HELLO,
		{ "EHLO me", "250 mx\r\n" }, { "MAIL FROM:<a@b>", PEER_HANG } };
	static const struct peer_turn none[] = { HELLO,
		{ "EHLO me", "250 mx\r\n" } };
	static const struct {
		const struct peer_turn *t;
		size_t n;
		const char *from;
		enum rc rc;
		enum cause cause;
		const char *words;
	} rows[] = {
		{ TURNS(busy), "a@b", RC_STORE, CAUSE_TEMPORARY,
		    "MAIL FROM:<a@b>: 421 4.7.0 too many" },
		{ TURNS(hang), "a@b", RC_STORE, CAUSE_TEMPORARY,
		    "MAIL FROM:<a@b>: nothing came from the server" },
		{ TURNS(none), "a@b>\r\nRCPT TO:<c@d", RC_MESSAGE, CAUSE_USAGE,
		    "no address that a command can carry" },
		{ TURNS(none), "j\xc3\xb6rg@b", RC_MESSAGE, CAUSE_REFUSED,
		    "offers no SMTPUTF8" },
	};
	struct smtp_envelope e = { .size = 10 };
	struct fault f = FAULT_INIT;
	struct smtp *s;
	struct peer p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		peer_start(&p, rows[i].t, rows[i].n);
		assert_int_equal(connect_to(&p, SECURITY_NONE, false,
				     rows[i].t == hang ? 200 : 5000, &s, &f),
		    RC_OK);
		e.from = rows[i].from;
		assert_int_equal(smtp_mail(s, &e, &f), rows[i].rc);
		assert_int_equal(f.cause, rows[i].cause);
		assert_non_null(strstr(f.text, rows[i].words));
		smtp_close(s);
		(void)peer_end(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_greeting_that_is_none_is_named),
		cmocka_unit_test(starttls_is_never_done_without),
		cmocka_unit_test(a_refused_login_gives_the_servers_words),
		cmocka_unit_test(each_mechanism_is_spoken_as_its_rfc_says),
		cmocka_unit_test(a_message_goes_out_with_its_dots_doubled),
		cmocka_unit_test(what_goes_wrong_on_the_way_says_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
