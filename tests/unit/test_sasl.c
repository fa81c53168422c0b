#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/sasl.h"
#include "net/sasl_trouble.h"

#define TOKEN "ya29.vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="

/* What the server says (decoded; NULL: nothing yet) and what answers it. */
struct turn {
	const char *challenge;
	const char *response; /* NULL: nothing more to say */
};

enum { TURNS_MAX = 4 };

static const struct talk {
	enum sasl_mechanism mechanism;
	const char *user, *auth_user, *secret;
	struct turn turns[TURNS_MAX];
	const char *hint;
} talks[] = {
	{ SASL_PLAIN, "anna", NULL, "pass",
	    { { NULL, "|anna|pass" }, { "", NULL } }, "" },
	{ SASL_PLAIN, "anna", "boss", "pass",
	    { { NULL, "anna|boss|pass" }, { "", NULL } }, "" },
	{ SASL_PLAIN, "anna", "anna", "pass",
	    { { "", "|anna|pass" }, { "", NULL } }, "" },
	{ SASL_LOGIN, "anna", NULL, "pass",
	    { { "Username:", "anna" }, { "Password:", "pass" },
		{ "More:", NULL } },
	    "" },
	/* RFC 2195, 2. */
	{ SASL_CRAM, "tim", NULL, "tanstaaftanstaaf",
	    { { "<1896.697170952@postoffice.reston.mci.net>",
		  "tim b913a602c7eda7a495b4e6e7334d3890" },
		{ "", NULL } },
	    "only --auth PLAIN can check" },
	/* RFC 7628, 4.1; 4.3 for what goes wrong. */
	{ SASL_OAUTHBEARER, "user@example.com", NULL, TOKEN,
	    { { NULL,
		  "n,a=user@example.com,\1host=server.example.com\1port=143\1"
		  "auth=Bearer " TOKEN "\1\1" },
		{ "{\"status\":\"invalid_token\",\"scope\":\"example_scope\","
		  "\"openid-configuration\":\"https://example.com/x\"}",
		    "\1" },
		{ "", NULL } },
	    "; the token has expired, was revoked, or is not this user's "
	    "(status 'invalid_token', scope 'example_scope')" },
	{ SASL_OAUTHBEARER, "a,b=c", "boss", "t",
	    { { NULL,
		"n,a=a=2Cb=3Dc,\1host=server.example.com\1port=143\1"
		"auth=Bearer t\1\1" } },
	    "" },
	/* Google's description of XOAUTH2. */
	{ SASL_XOAUTH2, "someuser@example.com", NULL, TOKEN,
	    { { "", "user=someuser@example.com\1auth=Bearer " TOKEN "\1\1" },
		{ "{\"status\":\"401\",\"schemes\":\"bearer mac\",\"scope\":"
		  "\"https://mail.google.com/\"}",
		    "" },
		{ "", NULL } },
	    "(status '401', scope 'https://mail.google.com/')" },
	{ SASL_XOAUTH2, "shared", "anna", "t",
	    { { NULL, "user=shared\1auth=Bearer t\1\1" }, { "what?", "" },
		{ NULL, NULL } },
	    "" },
};

static void
borrow(struct buf *b, const char *text)
{
	buf_clear(b);
	buf_adds(b, text);
}

/* A NUL shows as "|". */
static void
shows(struct buf *response, const char *wanted)
{
	size_t i;

	for (i = 0; i < response->len; i++)
		if (response->data[i] == '\0')
			response->data[i] = '|';
	assert_string_equal(buf_str(response), wanted);
}

static void
take_turns(struct sasl *s, const struct turn *turns)
{
	struct buf challenge = BUF_INIT, response = BUF_INIT;
	struct fault f = FAULT_INIT;
	enum rc rc;
	size_t i;

	for (i = 0; i < TURNS_MAX; i++) {
		if (turns[i].challenge != NULL)
			borrow(&challenge, turns[i].challenge);
		else if (turns[i].response == NULL)
			break;
		buf_clear(&response);
		rc =
		    sasl_step(s, turns[i].challenge == NULL ? NULL : &challenge,
			&response, &f);
		assert_string_equal(f.text, "");
		assert_int_equal(rc,
		    turns[i].response == NULL ? RC_END : RC_OK);
		if (turns[i].response != NULL)
			shows(&response, turns[i].response);
		if (turns[i].response == NULL)
			break;
	}
	buf_release(&challenge);
	buf_release(&response);
}

static const struct endpoint at = { .host = "server.example.com", .port = 143 };

static void
each_mechanism_answers_as_its_rfc_wants(void **state)
{
	struct credentials who = { 0 };
	struct fault f = FAULT_INIT;
	struct buf secret = BUF_INIT;
	const char *hint;
	struct sasl *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		who.user = talks[i].user;
		who.auth_user = talks[i].auth_user;
		borrow(&secret, talks[i].secret);
		s = sasl_new(talks[i].mechanism, &who, &secret, &at);
		assert_int_equal(sasl_speaks_first(s),
		    talks[i].mechanism != SASL_LOGIN &&
			talks[i].mechanism != SASL_CRAM);
		take_turns(s, talks[i].turns);
		assert_false(sasl_is_ahead(s));
		assert_int_equal(sasl_done(s, &f), RC_OK);
		hint = sasl_hint(s);
		if (talks[i].hint[0] == '\0')
			assert_string_equal(hint, "");
		assert_non_null(strstr(hint, talks[i].hint));
		sasl_free(s);
	}
	sasl_free(NULL);
	buf_release(&secret);
}

static void
what_a_message_cannot_hold_is_not_sent(void **state)
{
	static const struct {
		enum sasl_mechanism mechanism;
		const char *user, *secret, *words;
	} cases[] = {
		{ SASL_XOAUTH2, "anna", "two words", "no OAuth2 token" },
		{ SASL_XOAUTH2, "anna", "t\1user=boss", "no OAuth2 token" },
		{ SASL_OAUTHBEARER, "anna", "k\xc3\xb6", "no OAuth2 token" },
		{ SASL_OAUTHBEARER, "anna", "", "token is empty" },
		{ SASL_XOAUTH2, "a\1b", "t", "control character" },
		{ SASL_OAUTHBEARER, "a\1b", "t", "control character" },
	};
	struct credentials who = { 0 };
	struct buf secret = BUF_INIT, response = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct sasl *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		who.user = cases[i].user;
		borrow(&secret, cases[i].secret);
		s = sasl_new(cases[i].mechanism, &who, &secret, &at);
		assert_int_equal(sasl_step(s, NULL, &response, &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_CONFIG);
		assert_non_null(strstr(f.text, cases[i].words));
		assert_int_equal(response.len, 0);
		sasl_free(s);
	}
	buf_release(&secret);
	buf_release(&response);
}

static void
scram_goes_ahead_once_and_wants_its_proof(void **state)
{
	const struct credentials who = { .user = "user" };
	struct buf secret = BUF_INIT, first = BUF_INIT, challenge = BUF_INIT,
		   response = BUF_INIT;
	struct fault f = FAULT_INIT;
	struct sasl *s;

	(void)state;
	borrow(&secret, "pencil");
	s = sasl_new(SASL_SCRAM, &who, &secret, &at);
	assert_true(sasl_speaks_first(s));
	assert_int_equal(sasl_step(s, NULL, &first, &f), RC_OK);
	assert_memory_equal(first.data, "n,,n=user,r=", 12);
	assert_false(sasl_is_ahead(s));
	buf_addf(&challenge, "r=%sxyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
	    buf_str(&first) + 12);
	assert_int_equal(sasl_step(s, &challenge, &response, &f), RC_OK);
	assert_memory_equal(response.data, "c=biws,r=", 9);
	assert_true(sasl_is_ahead(s));
	/* An OK without the proof, then a proof that is wrong. */
	assert_int_equal(sasl_done(s, &f), RC_STORE);
	assert_non_null(strstr(f.text, "does not prove that it knows"));
	borrow(&challenge, "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	assert_int_equal(sasl_step(s, &challenge, &response, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_LOGIN);
	assert_string_equal(f.text,
	    "login with SCRAM-SHA-256: the server's proof is wrong: it does "
	    "not know the password");
	assert_false(sasl_is_ahead(s));
	assert_int_equal(sasl_done(s, &f), RC_STORE);
	sasl_free(s);
	buf_release(&secret);
	buf_release(&first);
	buf_release(&challenge);
	buf_release(&response);
}

static enum rc
give(void *arg, struct buf *secret, struct fault *f)
{
	const struct buf *from = arg;

	(void)f;
	buf_add(secret, from->data, from->len);
	return RC_OK;
}

static void
what_there_is_to_log_in_with_is_known(void **state)
{
	struct buf from = BUF_INIT, secret = BUF_INIT;
	struct credentials who = { .user = "anna*boss",
		.mechanism = "PLAIN",
		.secret = give,
		.secret_arg = &from,
		.token = true };
	struct fault f = FAULT_INIT;
	struct sasl_want w;

	(void)state;
	borrow(&from, "k\xc3\xb6");
	assert_int_equal(sasl_prepare(&who, &at, &secret, &w, &f), RC_OK);
	assert_true(w.secure && w.master && w.token && !w.proxied && !w.ascii);
	assert_string_equal(w.named, "PLAIN");
	who.user = "anna";
	who.auth_user = "boss";
	buf_clear(&secret);
	assert_int_equal(sasl_prepare(&who, &at, &secret, &w, &f), RC_OK);
	assert_true(w.master && w.proxied);
	buf_addc(&from, '\0');
	assert_int_equal(sasl_prepare(&who, &at, &secret, &w, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
	buf_release(&from);
	buf_release(&secret);
}

static void
a_servers_trouble_is_told_as_it_means_it(void **state)
{
	static const struct {
		const char *json, *words; /* NULL: nothing is known */
	} cases[] = {
		{ "", NULL },
		{ "{}", NULL },
		{ "not json at all", NULL },
		{ "{\"status\":", NULL },
		{ "{\"status\":\"unended", NULL },
		{ "{\"status\":\"\"}", NULL },
		{ "\"status\":\"401\"", NULL },
		{ "{\"error\":{\"status\":\"401\"}}", NULL },
		{ "[[\"status\",\"401\"]]", NULL },
		{ "{\"scope\":\"status\",\"x\":\"401\"}", NULL },
		{ "{ \"status\" : 401 , \"schemes\":\"bearer\" }",
		    "the token has expired, was revoked, or is not this "
		    "user's (status '401')" },
		{ "{\"x\":{\"status\":\"no\"},\"status\":\"INVALID_TOKEN\"}",
		    "(status 'INVALID_TOKEN')" },
		{ "{\"status\":\"insufficient_scope\",\"scope\":\"a b\"}",
		    "lacks the scope (status 'insufficient_scope', scope "
		    "'a b')" },
		{ "{\"status\":\"400\"}", "the server cannot read it" },
		{ "{\"status\":\"a\\\"b\\\\c\\/d\\u0041\"}",
		    "says of the token (status 'a\"b\\c/d\\u0041')" },
	};
	struct sasl_trouble t = SASL_TROUBLE_INIT;
	struct buf told = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&told);
		sasl_trouble_parse(&t, cases[i].json, strlen(cases[i].json));
		sasl_trouble_explain(&t, &told);
		if (cases[i].words == NULL)
			assert_string_equal(buf_str(&told), "");
		else if (strstr(buf_str(&told), cases[i].words) == NULL)
			assert_string_equal(buf_str(&told), cases[i].words);
	}
	sasl_trouble_release(&t);
	buf_release(&told);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mechanism_answers_as_its_rfc_wants),
		cmocka_unit_test(what_a_message_cannot_hold_is_not_sent),
		cmocka_unit_test(scram_goes_ahead_once_and_wants_its_proof),
		cmocka_unit_test(what_there_is_to_log_in_with_is_known),
		cmocka_unit_test(a_servers_trouble_is_told_as_it_means_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
