#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "survey/fit/quirks.h"
#include "tests/unit/survey_kit.h"
#include "tests/unit/tempdir.h"

static enum rc
parse(struct quirks *q, const char *text, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	buf_adds(&b, text);
	rc = quirks_parse(q, "t", &b, f);
	buf_release(&b);
	return rc;
}

static void
a_stanza_is_read_whole(void **state)
{
	struct quirks q = QUIRKS_INIT;
	struct fault f = FAULT_INIT;
	const struct quirk *v;

	(void)state;
	assert_int_equal(
	    parse(&q,
		"# a comment\n\n[One]\nmatch host *.example.com\n"
		"match software *X*\nmessage-max 35M\nline-max 9900\r\n"
		"hour-in 3600\nrefuses nul bare-lf\nrefuses empty\n"
		"changes any\nfolders case  inbox\nforbids ^\"\n"
		"reserved Sync Issues\nno-flag *:FLAG*\nlevel mime\n"
		"note Two words.  \n[Two]\nmatch kind maildir",
		&f),
	    RC_OK);
	assert_int_equal(q.n, 2);
	v = &q.v[0];
	assert_string_equal(v->name, "One");
	assert_int_equal(v->message_max, 35 << 20);
	assert_int_equal(v->line_max, 9900);
	assert_int_equal(v->hour_in, 3600);
	assert_int_equal(v->refuses, QUIRK_NUL | QUIRK_BARE_LF | QUIRK_EMPTY);
	assert_int_equal(v->changes, QUIRK_ANY);
	assert_int_equal(v->folders, QUIRK_CASE | QUIRK_INBOX);
	assert_int_equal(v->forbids.len, 2);
	assert_string_equal(v->reserved.v[0], "Sync Issues");
	assert_string_equal(v->level, "mime");
	assert_string_equal(v->note.v[0], "Two words.");
	quirks_release(&q);
}

static void
what_is_wrong_is_named_by_its_line(void **state)
{
	static const struct {
		const char *text;
		const char *why;
	} rows[] = {
		{ "x\n", "t:1: stands before the first [NAME]" },
		{ "[A\n", "t:1: a stanza starts with [NAME]" },
		{ "[]\n", "t:1: a stanza starts with [NAME]" },
		{ "[A]\n[B]\nmatch kind x\n",
		    "t:2: the stanza above has no 'match'" },
		{ "[A]\nnote x\n", "t:2: the last stanza has no 'match'" },
		{ "[A]\nmatch kind x\nnonsense 1\n", "t:3: is nothing" },
		{ "[A]\nmatch kind x\nnote\n", "t:3: is nothing" },
		{ "[A]\nmatch kind x\nmessage-max many\n", "t:3: a size" },
		{ "[A]\nmatch kind x\nmessage-max 0\n", "t:3: a size" },
		{ "[A]\nmatch kind x\ndepth-max -1\n", "t:3: a number" },
		{ "[A]\nmatch kind x\nrefuses nul spam\n",
		    "t:3: holds a word" },
		{ "[A]\nmatch kind x\nnote \xff\n", "t:3: is no text" },
	};
	struct quirks q = QUIRKS_INIT;
	struct fault f;
	size_t i;

	(void)state;
	assert_int_equal(parse(&q, "[K]\nmatch kind k\n", &f), RC_OK);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(&q, rows[i].text, &f), RC_STORE);
		assert_int_equal(f.cause, CAUSE_CONFIG);
		if (strncmp(f.text, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("row %zu: %s", i, f.text);
		assert_int_equal(q.n, 1);
	}
	quirks_release(&q);
}

/* What the server says of itself, and what is to be found. */
static const struct {
	const char *location;
	const char *software;
	const char *capability;
	const char *name; /* NULL: nothing is known */
} servers[] = {
	{ "imaps://a@gmail.com@imap.gmail.com", "Gimap", "IDLE", "Gmail" },
	{ "imaps://a@b.com@proxy.b.com", "", "X-GM-EXT-1", "Gmail" },
	{ "imaps://a@outlook.office365.com:993", "", "IDLE", "Office 365" },
	{ "imaps://a@b.com@outlook.office365.com", "", "IDLE", "Office 365" },
	{ "imaps://outlook.office365.com", "", "IDLE", "Office 365" },
	{ "imap://a@mx.corp", "The Microsoft Exchange IMAP4 service is ready.",
	    "IDLE", "Exchange" },
	{ "imap://a@mx.corp", "Dovecot 2.3.19 (b3ad6004dc)", "IDLE",
	    "Dovecot" },
	{ "imap://a@mx.corp", "mx.corp Cyrus IMAP 3.6.1", "IDLE", "Cyrus" },
	{ "imap://imap.gmail.com@mx.corp", "", "IDLE", NULL },
	{ "imap://a@[::1]:143", "Something", "IDLE", NULL },
};

static void
servers_are_known_by_what_they_say(void **state)
{
	struct quirks q = QUIRKS_INIT;
	struct fault f = FAULT_INIT;
	const struct quirk *v;
	struct survey s;
	size_t i;

	(void)state;
	assert_int_equal(quirks_load(&q, NULL, &f), RC_OK);
	for (i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		kit_survey(&s, false);
		assert_null(quirks_find(&q, &s.target));
		free(s.source.location);
		free(s.source.software);
		s.source.location = strdup(servers[i].location);
		s.source.software = strdup(servers[i].software);
		strs_add(&s.source.capability, servers[i].capability);
		v = quirks_find(&q, &s.source);
		if ((v == NULL) != (servers[i].name == NULL) ||
		    (v != NULL && strcmp(v->name, servers[i].name) != 0))
			fail_msg("row %zu: %s", i, v == NULL ? "-" : v->name);
		survey_release(&s);
	}
	quirks_release(&q);
}

static void
a_users_file_comes_first(void **state)
{
	struct quirks q = QUIRKS_INIT;
	struct fault f = FAULT_INIT;
	const struct quirk *v;
	struct survey s;
	char *dir = tempdir_new();

	(void)state;
	tempdir_write(dir, "mine", "[Mine]\nmatch host OLD.*\n");
	assert_int_equal(quirks_load(&q, tempdir_path(dir, "mine"), &f), RC_OK);
	kit_survey(&s, false);
	v = quirks_find(&q, &s.source);
	assert_string_equal(v == NULL ? "-" : v->name, "Mine");
	assert_int_equal(quirks_load(&q, tempdir_path(dir, "none"), &f),
	    RC_STORE);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	survey_release(&s);
	quirks_release(&q);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stanza_is_read_whole),
		cmocka_unit_test(what_is_wrong_is_named_by_its_line),
		cmocka_unit_test(servers_are_known_by_what_they_say),
		cmocka_unit_test(a_users_file_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
