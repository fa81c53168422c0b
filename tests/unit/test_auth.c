#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/auth.h"
#include "stores/imap/caps.h"

enum { SECURE = 1, PROXIED = 2, FOREIGN = 4, MASTER = 8, TOKEN = 16 };
enum { NONE = -1, COMMAND = -2 };

static const struct choice {
	const char *caps;
	const char *named;
	int how;    /* SECURE and so on */
	int wanted; /* enum sasl_mechanism, NONE, or COMMAND */
	const char *why;
} choices[] = {
	{ "AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5 AUTH=SCRAM-SHA-256", NULL,
	    SECURE, SASL_SCRAM, NULL },
	{ "AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5", NULL, SECURE, SASL_PLAIN,
	    NULL },
	{ "AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5", NULL, 0, SASL_CRAM, NULL },
	{ "AUTH=LOGIN", NULL, SECURE, SASL_LOGIN, NULL },
	{ "", NULL, SECURE, COMMAND, NULL },
	{ "LOGINDISABLED AUTH=CRAM-MD5", NULL, SECURE, SASL_CRAM, NULL },
	{ "LOGINDISABLED", NULL, SECURE, NONE, "no way to log in" },
	{ "LOGINDISABLED STARTTLS", NULL, 0, NONE, "use imaps://" },
	{ "AUTH=SCRAM-SHA-256 AUTH=PLAIN", NULL, SECURE | FOREIGN, SASL_PLAIN,
	    NULL },
	{ "AUTH=SCRAM-SHA-256 AUTH=PLAIN", NULL, FOREIGN, SASL_SCRAM, NULL },
	{ "AUTH=SCRAM-SHA-256 LOGINDISABLED", NULL, SECURE | FOREIGN,
	    SASL_SCRAM, NULL },
	{ "AUTH=LOGIN AUTH=CRAM-MD5", NULL, SECURE | PROXIED, NONE,
	    "needs SCRAM-SHA-256 or PLAIN" },
	{ "AUTH=LOGIN AUTH=PLAIN", NULL, SECURE | PROXIED, SASL_PLAIN, NULL },
	{ "auth=plain AUTH=LOGIN", "login", SECURE, SASL_LOGIN, NULL },
	{ "AUTH=PLAIN", "LOGIN", SECURE, COMMAND, NULL },
	{ "AUTH=PLAIN LOGINDISABLED", "LOGIN", SECURE, NONE,
	    "cannot log in with LOGIN: the server offers PLAIN" },
	{ "AUTH=PLAIN", "SCRAM-SHA-256", SECURE, NONE,
	    "the server offers PLAIN and the LOGIN command" },
	{ "AUTH=PLAIN AUTH=CRAM-MD5", "cram-md5", SECURE | PROXIED, NONE,
	    "cannot log in for another user" },
	{ "AUTH=SCRAM-SHA-256 AUTH=PLAIN", NULL, SECURE | MASTER, SASL_PLAIN,
	    NULL },
	{ "AUTH=SCRAM-SHA-256 AUTH=PLAIN", NULL, MASTER, SASL_SCRAM, NULL },
	{ "AUTH=PLAIN", "XOAUTH2", SECURE, NONE, "cannot log in with" },
	{ "AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER", NULL, SECURE | TOKEN,
	    SASL_OAUTHBEARER, NULL },
	{ "AUTH=PLAIN AUTH=XOAUTH2", NULL, SECURE | TOKEN, SASL_XOAUTH2, NULL },
	{ "AUTH=PLAIN AUTH=XOAUTH2", NULL, PROXIED | TOKEN, SASL_XOAUTH2,
	    NULL },
	{ "AUTH=PLAIN AUTH=XOAUTH2", NULL, SECURE, SASL_PLAIN, NULL },
	{ "AUTH=XOAUTH2 AUTH=OAUTHBEARER", "xoauth2", SECURE | TOKEN,
	    SASL_XOAUTH2, NULL },
	{ "AUTH=XOAUTH2 AUTH=PLAIN", "OAUTHBEARER", SECURE, NONE,
	    "cannot log in with OAUTHBEARER: the server offers XOAUTH2 PLAIN "
	    "and the LOGIN command" },
	{ "AUTH=XOAUTH2 AUTH=PLAIN", "XOAUTH2", SECURE, SASL_XOAUTH2, NULL },
	{ "AUTH=PLAIN", "PLAIN", SECURE | TOKEN, SASL_PLAIN, NULL },
	{ "AUTH=PLAIN AUTH=LOGIN", NULL, SECURE | TOKEN, NONE,
	    "needs OAUTHBEARER or XOAUTH2, and the server offers PLAIN LOGIN "
	    "and the LOGIN command" },
	{ "LOGINDISABLED AUTH=PLAIN", NULL, TOKEN, NONE, "use imaps://" },
	{ "LOGINDISABLED AUTH=XOAUTH2", NULL, SECURE, NONE,
	    "give an OAuth2 token with token-cmd:" },
};

static void
the_strongest_that_both_offer_is_chosen(void **state)
{
	struct imap_caps caps;
	struct sasl_want w;
	enum sasl_mechanism r;
	struct fault f = FAULT_INIT;
	char line[200];
	bool command;
	enum rc rc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		caps_init(&caps);
		(void)snprintf(line, sizeof(line), "CAPABILITY IMAP4rev1 %s",
		    choices[i].caps);
		assert_true(caps_parse(&caps, line, strlen(line)));
		memset(&w, 0, sizeof(w));
		w.named = choices[i].named;
		w.secure = (choices[i].how & SECURE) != 0;
		w.proxied = (choices[i].how & PROXIED) != 0;
		w.master = (choices[i].how & MASTER) != 0;
		w.ascii = (choices[i].how & FOREIGN) == 0;
		w.token = (choices[i].how & TOKEN) != 0;
		rc = auth_choose(&caps, &w, &r, &command, &f);
		if (choices[i].wanted == NONE) {
			assert_int_equal(rc, RC_STORE);
			assert_int_equal(f.cause, CAUSE_CONFIG);
			assert_non_null(strstr(f.text, choices[i].why));
		} else {
			assert_int_equal(rc, RC_OK);
			assert_int_equal(command ? COMMAND : (int)r,
			    choices[i].wanted);
		}
		caps_release(&caps);
	}
}

static void
capabilities_are_read_in_any_case_and_once(void **state)
{
	static const char line[] =
	    "capability imap4rev1 literal- UIDPLUS "
	    "idle APPENDLIMIT=35651584 AUTH=plain AUTH=PLAIN XYZ";
	struct imap_caps caps;

	(void)state;
	caps_init(&caps);
	assert_true(caps_parse(&caps, line, strlen(line)));
	assert_true(caps.literal_minus && caps.uidplus && caps.idle);
	assert_false(caps.literal_plus || caps.starttls || caps.id);
	assert_int_equal(caps.append_limit, 35651584);
	assert_int_equal(caps.auth.n, 1);
	assert_string_equal(caps.auth.v[0], "PLAIN");
	assert_false(caps_parse(&caps, "CAPABILITYX A", 13));
	assert_true(caps_from_code(&caps, "3 OK [CAPABILITY IDLE ID] hello"));
	assert_true(caps.id && caps.idle && !caps.uidplus);
	assert_int_equal(caps.auth.n, 0);
	assert_false(caps_from_code(&caps, "3 OK hello"));
	assert_true(caps.id);
	caps_release(&caps);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strongest_that_both_offer_is_chosen),
		cmocka_unit_test(capabilities_are_read_in_any_case_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
