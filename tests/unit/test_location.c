#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "accounts/location.h"

static void
assert_same(const char *got, const char *wanted)
{
	if (wanted == NULL)
		assert_null(got);
	else if (got == NULL)
		fail_msg("wanted %s", wanted);
	else
		assert_string_equal(got, wanted);
}

static void
a_location_is_parsed_and_has_one_text(void **state)
{
	static const struct {
		const char *s;
		enum location_kind kind;
		const char *text, *user, *host;
		uint16_t port;
	} rows[] = {
		{ "imaps://mail.example.com", LOCATION_IMAPS,
		    "imaps://mail.example.com", NULL, "mail.example.com", 993 },
		{ "IMAPS://Mail.Example.COM/", LOCATION_IMAPS,
		    "imaps://mail.example.com", NULL, "mail.example.com", 993 },
		{ "imap://anna@h:143", LOCATION_IMAP, "imap://anna@h", "anna",
		    "h", 143 },
		{ "imap://anna@h:993", LOCATION_IMAP, "imap://anna@h:993",
		    "anna", "h", 993 },
		{ "imap+plain://anna@127.0.0.1:1143", LOCATION_IMAP_PLAIN,
		    "imap+plain://anna@127.0.0.1:1143", "anna", "127.0.0.1",
		    1143 },
		{ "imaps://anna@example.com@mail.example.com", LOCATION_IMAPS,
		    "imaps://anna@example.com@mail.example.com",
		    "anna@example.com", "mail.example.com", 993 },
		{ "imaps://a%3ab%25%20c@h", LOCATION_IMAPS,
		    "imaps://a%3Ab%25%20c@h", "a:b% c", "h", 993 },
		{ "imaps://dom%5Cadmin%2Fuser@h", LOCATION_IMAPS,
		    "imaps://dom%5Cadmin%2Fuser@h", "dom\\admin/user", "h",
		    993 },
		{ "imaps://dom/user@h", LOCATION_IMAPS, "imaps://dom%2Fuser@h",
		    "dom/user", "h", 993 },
		{ "imaps://j\xc3\xb6rg@h", LOCATION_IMAPS,
		    "imaps://j\xc3\xb6rg@h", "j\xc3\xb6rg", "h", 993 },
		{ "imaps://j%F6rg@h", LOCATION_IMAPS, "imaps://j%F6rg@h",
		    "j\xf6rg", "h", 993 },
		{ "imaps://u*master@h", LOCATION_IMAPS, "imaps://u*master@h",
		    "u*master", "h", 993 },
		{ "imaps://[::1]", LOCATION_IMAPS, "imaps://[::1]", NULL, "::1",
		    993 },
		{ "imaps://u@[2001:db8::7]:9993", LOCATION_IMAPS,
		    "imaps://u@[2001:db8::7]:9993", "u", "2001:db8::7", 9993 },
		{ "imaps://[fe80::1%eth0]", LOCATION_IMAPS,
		    "imaps://[fe80::1%eth0]", NULL, "fe80::1%eth0", 993 },
		{ "smtps://anna@h", LOCATION_SMTPS, "smtps://anna@h", "anna",
		    "h", 465 },
		{ "SMTP://Anna@H:587/", LOCATION_SMTP, "smtp://Anna@h", "Anna",
		    "h", 587 },
		{ "smtp+plain://a@b@[::1]:25", LOCATION_SMTP_PLAIN,
		    "smtp+plain://a@b@[::1]:25", "a@b", "::1", 25 },
		{ "-", LOCATION_STDIO, "-", NULL, NULL, 0 },
	};
	struct fault f = FAULT_INIT;
	struct location l, again;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(location_parse(rows[i].s, &l, &f), RC_OK);
		assert_int_equal(l.kind, rows[i].kind);
		assert_same(l.text, rows[i].text);
		assert_same(l.user, rows[i].user);
		assert_same(l.host, rows[i].host);
		assert_int_equal(l.port, rows[i].port);
		/* The canonical text means the same. */
		assert_int_equal(location_parse(l.text, &again, &f), RC_OK);
		assert_same(again.text, l.text);
		assert_same(again.user, l.user);
		location_release(&again);
		location_release(&l);
	}
}

static void
a_directory_and_an_archive_are_paths_as_they_stand(void **state)
{
	static const struct {
		const char *s;
		enum location_kind kind;
		const char *text, *path;
		enum maildir_layout layout;
	} rows[] = {
		{ "maildir:/m", LOCATION_MAILDIR, "maildir:/m", "/m",
		    MAILDIR_PLUSPLUS },
		{ "maildir:m//?layout=++", LOCATION_MAILDIR, "maildir:m", "m",
		    MAILDIR_PLUSPLUS },
		{ "maildir:/?layout=fs", LOCATION_MAILDIR,
		    "maildir:/?layout=fs", "/", MAILDIR_NESTED },
		{ "maildir:x?a=b//?layout=++", LOCATION_MAILDIR,
		    "maildir:x?a=b?layout=++", "x?a=b", MAILDIR_PLUSPLUS },
		{ "maildir:why?", LOCATION_MAILDIR, "maildir:why?", "why?",
		    MAILDIR_PLUSPLUS },
		{ "maildir:a?b=c/d%20:e@f", LOCATION_MAILDIR,
		    "maildir:a?b=c/d%20:e@f", "a?b=c/d%20:e@f",
		    MAILDIR_PLUSPLUS },
		{ "a.tar.zst", LOCATION_ARCHIVE, "a.tar.zst", "a.tar.zst",
		    MAILDIR_PLUSPLUS },
		{ "./-", LOCATION_ARCHIVE, "./-", "./-", MAILDIR_PLUSPLUS },
		{ "anna@h: 1.tar.zst", LOCATION_ARCHIVE, "anna@h: 1.tar.zst",
		    "anna@h: 1.tar.zst", MAILDIR_PLUSPLUS },
	};
	struct fault f = FAULT_INIT;
	struct location l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(location_parse(rows[i].s, &l, &f), RC_OK);
		assert_int_equal(l.kind, rows[i].kind);
		assert_int_equal(l.layout, rows[i].layout);
		assert_same(l.text, rows[i].text);
		assert_same(l.path, rows[i].path);
		assert_int_equal(location_is_archive(&l),
		    rows[i].kind == LOCATION_ARCHIVE);
		location_release(&l);
	}
}

static void
what_is_wrong_with_a_location_is_said(void **state)
{
	static const struct {
		const char *s;
		const char *text;
	} rows[] = {
		{ "smtp:h", "'smtp:' is none of" },
		{ "", "empty" },
		{ "pop3://h", "'pop3:' is none of imaps://" },
		{ "imaps:h", "'imaps:' is none of imaps://" },
		{ "imaps://", "the host is missing" },
		{ "imaps://u@", "the host is missing" },
		{ "imaps://@h", "the user before '@' is empty" },
		{ "imaps://u@:99", "the host is missing" },
		{ "imaps://u%4@h", "bad %XX in the user's name" },
		{ "imaps://u%00@h", "control byte in the user's name" },
		{ "imaps://u%0d%0aX@h", "control byte in the user's name" },
		{ "imaps://h:", "a port is a number from 1 to 65535" },
		{ "imaps://h:0", "a port is a number from 1 to 65535" },
		{ "imaps://h:65536", "a port is a number from 1 to 65535" },
		{ "imaps://h:+99", "a port is a number from 1 to 65535" },
		{ "imaps://::1", "an IPv6 address is written in brackets" },
		{ "imaps://[::1", "']' is missing" },
		{ "imaps://[::g]", "bad IPv6 address" },
		{ "imaps://[::1]x", "only ':PORT' can follow" },
		{ "imaps://h/INBOX", "folders are chosen with --folder" },
		{ "imaps://h?x", "folders are chosen with --folder" },
		{ "imaps://b\xc3\xbc"
		  "cher.example",
		    "written in ASCII" },
		{ "imaps://a b", "bad character in the host's name" },
		{ "maildir:", "the directory after 'maildir:' is missing" },
		{ "maildir:x?layout=mbox", "?layout=++ or ?layout=fs" },
	};
	struct fault f = FAULT_INIT;
	struct location l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(location_parse(rows[i].s, &l, &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_USAGE);
		if (strstr(f.text, rows[i].text) == NULL)
			fail_msg("%s: got %s", rows[i].s, f.text);
		assert_null(l.text);
	}
}

static void
an_mx_is_a_host_with_or_without_a_port(void **state)
{
	static const struct {
		const char *s, *text, *host;
		uint16_t port;
	} rows[] = {
		{ "MX.example.com", "mx.example.com", "mx.example.com", 25 },
		{ "mx:2525", "mx:2525", "mx", 2525 },
		{ "[::1]:25", "[::1]", "::1", 25 },
	};
	static const char *const bad[] = { "", ":25", "mx/25", "mx:x",
		"anna@mx" };
	struct fault f = FAULT_INIT;
	struct location l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(location_parse_mx(rows[i].s, &l, &f), RC_OK);
		assert_int_equal(l.kind, LOCATION_MX);
		assert_true(location_is_smtp(&l));
		assert_same(l.text, rows[i].text);
		assert_same(l.host, rows[i].host);
		assert_int_equal(l.port, rows[i].port);
		location_release(&l);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(location_parse_mx(bad[i], &l, &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_USAGE);
	}
}

static void
a_password_in_a_location_is_refused_and_not_shown(void **state)
{
	static const char *const rows[] = { "imaps://anna:hunter2@h",
		"imaps://anna@example.com:hunter2@h",
		"imap+plain://:hunter2@h:99999", "nntp://anna:hunter2@h" };
	struct fault f = FAULT_INIT;
	struct location l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(location_parse(rows[i], &l, &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_USAGE);
		assert_null(strstr(f.text, "hunter2"));
	}
	assert_int_equal(location_parse(rows[0], &l, &f), RC_STORE);
	assert_non_null(strstr(f.text, "--secret"));
	assert_non_null(strstr(f.text, "%3A"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_location_is_parsed_and_has_one_text),
		cmocka_unit_test(
		    a_directory_and_an_archive_are_paths_as_they_stand),
		cmocka_unit_test(what_is_wrong_with_a_location_is_said),
		cmocka_unit_test(an_mx_is_a_host_with_or_without_a_port),
		cmocka_unit_test(
		    a_password_in_a_location_is_refused_and_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
