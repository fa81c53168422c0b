#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/scram.h"

/* The exchange of RFC 7677, section 3. */
static const char nonce[] = "rOprNGfwEbeRWgbNEkqO";
static const char server_first[] =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
static const char client_final[] =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
static const char server_final[] =
    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

static const char *
answer(struct scram *s, const char *server, struct buf *out)
{
	struct buf password = BUF_INIT;
	const char *why;

	buf_adds(&password, "pencil");
	why = scram_final(s, server, strlen(server), &password, out);
	buf_release(&password);
	return why;
}

static void
the_exchange_of_the_rfc_comes_out(void **state)
{
	struct buf out = BUF_INIT;
	struct scram s;

	(void)state;
	scram_init(&s, NULL, "user", nonce);
	scram_first(&s, &out);
	assert_string_equal(buf_str(&out), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
	buf_clear(&out);
	assert_null(answer(&s, server_first, &out));
	assert_string_equal(buf_str(&out), client_final);
	assert_null(scram_verify(&s, server_final, strlen(server_final)));
	scram_release(&s);
	buf_release(&out);
}

static void
names_are_escaped_and_another_user_stands_in_front(void **state)
{
	struct buf out = BUF_INIT;
	struct scram s;

	(void)state;
	scram_init(&s, "a,b", "c=d", "n");
	scram_first(&s, &out);
	assert_string_equal(buf_str(&out), "n,a=a=2Cb,n=c=3Dd,r=n");
	scram_release(&s);
	buf_release(&out);
}

static void
a_server_that_does_not_play_by_the_rules_is_named(void **state)
{
	static const struct {
		const char *server, *why;
	} cases[] = {
		{ "", "nonce" },
		{ "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "nonce" },
		{ "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		    "nonce" },
		{ "r=rOprNGfwEbeRWgbNEkqOx,i=4096", "salt" },
		{ "r=rOprNGfwEbeRWgbNEkqOx,s=!,i=4096", "salt" },
		{ "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==",
		    "iteration" },
		{ "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
		    "iteration" },
		{ "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,"
		  "i=999999999",
		    "iteration" },
	};
	struct buf out = BUF_INIT;
	struct scram s;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scram_init(&s, NULL, "user", nonce);
		why = answer(&s, cases[i].server, &out);
		assert_non_null(why);
		assert_non_null(strstr(why, cases[i].why));
		scram_release(&s);
	}
	buf_release(&out);
}

static void
a_wrong_or_missing_proof_is_not_taken(void **state)
{
	static const char *const finals[] = { "", "v=", "e=other-error",
		"v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
	struct buf out = BUF_INIT;
	struct scram s;
	size_t i;

	(void)state;
	scram_init(&s, NULL, "user", nonce);
	assert_non_null(scram_verify(&s, server_final, strlen(server_final)));
	assert_null(answer(&s, server_first, &out));
	for (i = 0; i < sizeof(finals) / sizeof(finals[0]); i++)
		assert_non_null(scram_verify(&s, finals[i], strlen(finals[i])));
	scram_release(&s);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exchange_of_the_rfc_comes_out),
		cmocka_unit_test(
		    names_are_escaped_and_another_user_stands_in_front),
		cmocka_unit_test(
		    a_server_that_does_not_play_by_the_rules_is_named),
		cmocka_unit_test(a_wrong_or_missing_proof_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
