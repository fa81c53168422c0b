#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

#include <cmocka.h>

#include "mail/fingerprint.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* With the length told, since some hold NUL. */
struct header {
	const char *p;
	size_t n;
};

#define HEADER(s)                \
	{                        \
		s, sizeof(s) - 1 \
	}

static bool
same(const struct header *a, const struct header *b)
{
	struct fingerprint x, y;

	fingerprint_of(a->p, a->n, &x);
	fingerprint_of(b->p, b->n, &y);
	return fingerprint_equal(&x, &y);
}

static void
what_servers_munge_does_not_count(void **state)
{
	static const struct header one =
	    HEADER("From: J?rg <a@b>\nSubject: x y\nTo: c\n");
	static const struct header t[] = {
		HEADER("From: J?rg <a@b>\r\nSubject: x y\r\nTo: c\r\n"),
		HEADER("From: J?rg <a@b>\r\r\nSubject: x y\nTo: c"),
		HEADER("From: J?rg <a@b>\nSubject: x y\nTo: c\n\nbody"),
		HEADER("FROM: J?rg <a@b>\nsubject: x y\ntO : c\n"),
		HEADER("From:  J?rg\n <a@b>\nSubject:x\t \t\n y \nTo: c \n"),
		HEADER("From: J\xc3\xbcrg <a@b>\nSubject: x y\nTo: c\n"),
		HEADER("From: J\xfcrg <a@b>\nSubject: x y\nTo: c\n"),
		HEADER("From: J????rg <a@b>\nSubject: x y\nTo: c\n"),
		HEADER("From: J\0rg <a@b>\nSubject: x y\nTo: c\n"),
		HEADER("From: J?rg <a@b>\n \nSubject: x y\nTo: c\n \n"),
		HEADER("From a@b Mon Feb  1 10:11:12 2020\n"
		       "From: J?rg <a@b>\nSubject: x y\nTo: c\n"),
		HEADER("Status: RO\nFrom: J?rg <a@b>\nX-UID: 7\n"
		       "Subject: x y\nX-Keywords: a\n b\nTo: c\n"),
		HEADER("X-Gmail-Labels: a\nReturn-Path: <x>\n"
		       "Delivered-To: c\nX-Mozilla-Status: 0001\n"
		       "X-Mozilla-Status2: 00000000\nContent-Length: 5\n"
		       "From: J?rg <a@b>\nSubject: x y\nTo: c\n"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_true(same(&one, &t[i]));
}

static void
what_a_person_can_see_counts(void **state)
{
	static const struct header one = HEADER("From: a\nSubject: x y\n");
	static const struct header t[] = {
		HEADER("Subject: x y\nFrom: a\n"),
		HEADER("From: a\nSubject: xy\n"),
		HEADER("From: a\nSubject: X y\n"),
		HEADER("From: a\n"),
		HEADER("From: a\nSubject: x y\nSubject: x y\n"),
		HEADER("From: a\nSubject: x y\nX-Statuses: RO\n"),
		HEADER("From: a Subject: x y\n"),
		HEADER("\nFrom: a\nSubject: x y\n"),
		HEADER("no header at all"),
		HEADER(""),
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_false(same(&one, &t[i]));
}

static void
a_block_without_fields_has_a_fingerprint(void **state)
{
	static const struct header none = HEADER(""),
				   empty = HEADER("\r\n\r\n"),
				   body = HEADER("\nbody");

	(void)state;
	assert_true(same(&none, &empty));
	assert_true(same(&none, &body));
}

static void
it_is_xxh3_of_the_normal_form(void **state)
{
	static const char header[] = "FROM:  a\r\n b\r\nodd line\r\n\r\n";
	static const char normal[] = "from:a b\nodd line\n";
	XXH128_canonical_t want;
	struct fingerprint f;

	(void)state;
	fingerprint_of(header, strlen(header), &f);
	XXH128_canonicalFromHash(&want, XXH3_128bits(normal, strlen(normal)));
	assert_memory_equal(f.b, want.digest, sizeof(f.b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_servers_munge_does_not_count),
		cmocka_unit_test(what_a_person_can_see_counts),
		cmocka_unit_test(a_block_without_fields_has_a_fingerprint),
		cmocka_unit_test(it_is_xxh3_of_the_normal_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
