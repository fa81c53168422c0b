#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/auth.h"
#include "stores/imap/caps.h"

enum { SECURE = 1, PROXIED = 2, FOREIGN = 4, MASTER = 8, NONE = -1 };

static const struct choice {
	const char *caps;
	const char *named;
	int how;    /* SECURE and so on */
	int wanted; /* enum auth_mechanism, or NONE */
	const char *why;
} choices[] = {
	{ "AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5 AUTH=SCRAM-SHA-256", NULL,
	    SECURE, AUTH_SCRAM, NULL },
	{ "AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5", NULL, SECURE, AUTH_PLAIN,
	    NULL },
	{ "AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5", NULL, 0, AUTH_CRAM, NULL },
	{ "AUTH=LOGIN", NULL, SECURE, AUTH_LOGIN, NULL },
	{ "", NULL, SECURE, AUTH_COMMAND, NULL },
	{ "LOGINDISABLED AUTH=CRAM-MD5", NULL, SECURE, AUTH_CRAM, NULL },
	{ "LOGINDISABLED", NULL, SECURE, NONE, "no way to log in" },
	{ "LOGINDISABLED STARTTLS", NULL, 0, NONE, "use imaps://" },
	{ "AUTH=SCRAM-SHA-256 AUTH=PLAIN", NULL, SECURE | FOREIGN, AUTH_PLAIN,
	    NULL },
	{ "AUTH=SCRAM-SHA-256 AUTH=PLAIN", NULL, FOREIGN, AUTH_SCRAM, NULL },
	{ "AUTH=SCRAM-SHA-256 LOGINDISABLED", NULL, SECURE | FOREIGN,
	    AUTH_SCRAM, NULL },
	{ "AUTH=LOGIN AUTH=CRAM-MD5", NULL, SECURE | PROXIED, NONE,
	    "needs SCRAM-SHA-256 or PLAIN" },
	{ "AUTH=LOGIN AUTH=PLAIN", NULL, SECURE | PROXIED, AUTH_PLAIN, NULL },
	{ "auth=plain AUTH=LOGIN", "login", SECURE, AUTH_LOGIN, NULL },
	{ "AUTH=PLAIN", "LOGIN", SECURE, AUTH_COMMAND, NULL },
	{ "AUTH=PLAIN LOGINDISABLED", "LOGIN", SECURE, NONE,
	    "cannot log in with LOGIN: the server offers PLAIN" },
	{ "AUTH=PLAIN", "SCRAM-SHA-256", SECURE, NONE,
	    "the server offers PLAIN and the LOGIN command" },
	{ "AUTH=PLAIN AUTH=CRAM-MD5", "cram-md5", SECURE | PROXIED, NONE,
	    "cannot log in for another user" },
	{ "AUTH=SCRAM-SHA-256 AUTH=PLAIN", NULL, SECURE | MASTER, AUTH_PLAIN,
	    NULL },
	{ "AUTH=SCRAM-SHA-256 AUTH=PLAIN", NULL, MASTER, AUTH_SCRAM, NULL },
	{ "AUTH=XOAUTH2", "XOAUTH2", SECURE, NONE, "cannot log in with" },
};

static void
the_strongest_that_both_offer_is_chosen(void **state)
{
	struct imap_caps caps;
	struct auth_want w;
	enum auth_mechanism r;
	struct fault f = FAULT_INIT;
	char line[200];
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
		rc = auth_choose(&caps, &w, &r, &f);
		if (choices[i].wanted == NONE) {
			assert_int_equal(rc, RC_STORE);
			assert_int_equal(f.cause, CAUSE_CONFIG);
			assert_non_null(strstr(f.text, choices[i].why));
		} else {
			assert_int_equal(rc, RC_OK);
			assert_int_equal(r, choices[i].wanted);
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
