#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stores/imap/listline.h"
#include "util/mem.h"

static enum listline_kind
parse(const char *text, struct folder *r)
{
	return listline_parse(text, strlen(text), r);
}

static void
a_list_line_tells_a_folder(void **state)
{
	static const struct {
		const char *line;
		const char *wire;
		char sep;
		unsigned attr;
		const char *special;
	} cases[] = {
		{ "* LIST () \"/\" INBOX", "INBOX", '/', 0, NULL },
		{ "* LIST (\\HasNoChildren \\Sent) \".\" \"INBOX.Sent Mail\"",
		    "INBOX.Sent Mail", '.', 0, "\\Sent" },
		{ "* list (\\noselect) NIL {6}\r\na\"b\\c)", "a\"b\\c)", 0,
		    FOLDER_NOSELECT, NULL },
		{ "* LIST (\\NonExistent \\Subscribed) \"\\\\\" a\\b", "a\\b",
		    '\\', FOLDER_NOSELECT | FOLDER_SUBSCRIBED, NULL },
		{ "* LIST (\\NoInferiors) \"/\" x (\"CHILDINFO\" (\"A\"))", "x",
		    '/', FOLDER_NOINFERIORS, NULL },
		{ "* LIST () \"/\" \"\"", "", '/', 0, NULL },
		{ "* LIST (\\ALL) \"/\" gr\xc3\xbc"
		  "n",
		    "gr\xc3\xbc"
		    "n",
		    '/', 0, "\\All" },
		{ "* LIST () \"/\" \"NIL\"", "NIL", '/', 0, NULL },
	};
	struct folder f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].line, &f), LISTLINE_LIST);
		assert_string_equal(f.wire, cases[i].wire);
		assert_int_equal(f.sep, cases[i].sep);
		assert_int_equal(f.attr, cases[i].attr);
		if (cases[i].special == NULL)
			assert_null(f.special);
		else
			assert_string_equal(f.special, cases[i].special);
		assert_null(f.name);
		folder_release(&f);
	}
}

static void
a_status_line_tells_counts(void **state)
{
	struct folder f;

	(void)state;
	assert_int_equal(
	    parse("* STATUS \"a b\" (MESSAGES 3 RECENT 0 UIDNEXT "
		  "4294967295 UIDVALIDITY 9 SIZE 5000000000 "
		  "MAILBOXID (F2) HIGHESTMODSEQ 9223372036854775807)",
		&f),
	    LISTLINE_STATUS);
	assert_string_equal(f.wire, "a b");
	assert_true(f.status_known);
	assert_int_equal(f.messages, 3);
	assert_true(f.uidnext == UINT32_MAX);
	assert_int_equal(f.uidvalidity, 9);
	assert_true(f.bytes == 5000000000);
	assert_true(f.modseq == INT64_MAX);
	folder_release(&f);
	/* Without MESSAGES the count is not known. */
	assert_int_equal(parse("* STATUS x (UIDNEXT 4)", &f), LISTLINE_STATUS);
	assert_false(f.status_known);
	folder_release(&f);
}

static void
a_line_about_folders_is_never_passed_over(void **state)
{
	static const char *const broken[] = { "* LIST", "* LIST (", "* LIST ()",
		"* LIST () \"/\"", "* LIST () \"//\" x", "* LIST \"/\" x",
		"* LSUB () \"/\" {9}\r\nabc", "* STATUS x",
		"* STATUS x (MESSAGES", "* LIST () \"/\" \"open" };
	static const char *const other[] = { "", "*", "* OK done",
		"LIST () NIL x", "* 3 EXISTS", "* LISTS () NIL x", "+ go" };
	struct folder f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		assert_int_equal(parse(broken[i], &f), LISTLINE_BROKEN);
		assert_null(f.wire);
	}
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_int_equal(parse(other[i], &f), LISTLINE_OTHER);
}

static void
a_nul_in_a_name_becomes_what_is_refused_later(void **state)
{
	static const char line[] = "* LIST () \"/\" {3}\r\na\0b";
	struct folder f;

	(void)state;
	assert_int_equal(listline_parse(line, sizeof(line) - 1, &f),
	    LISTLINE_LIST);
	assert_string_equal(f.wire, "a\nb");
	folder_release(&f);
}

static void
other_peoples_mail_is_foreign(void **state)
{
	static const char line[] =
	    "* NAMESPACE ((\"\" \"/\")(\"Archive/\" \"/\" \"X\" (\"Y\"))) "
	    "((\"~\" \"/\")) ((\"Public.\" \".\") (\"#news.\" \".\"))";
	static const struct {
		const char *wire;
		char sep;
		bool foreign;
	} cases[] = { { "INBOX", '/', false }, { "Archive/2019", '/', false },
		{ "~joe/x", '/', true }, { "Public.x", '.', true },
		{ "Public", '.', true }, { "Public", '/', false },
		{ "Publicity", '.', false }, { "#news.comp", '.', true } };
	struct strs prefixes = STRS_INIT;
	struct folder f = { 0 };
	size_t i;

	(void)state;
	assert_true(listline_foreign(line, sizeof(line) - 1, &prefixes));
	assert_int_equal(prefixes.n, 3);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f.wire = xstrdup(cases[i].wire);
		f.sep = cases[i].sep;
		assert_int_equal(listline_is_foreign(&prefixes, &f),
		    cases[i].foreign);
		folder_release(&f);
	}
	strs_release(&prefixes);
	assert_true(listline_foreign("* NAMESPACE NIL NIL NIL", 23, &prefixes));
	assert_int_equal(prefixes.n, 0);
	assert_false(listline_foreign("* NAMESPACE", 11, &prefixes));
	assert_false(listline_foreign("* LIST () NIL x", 15, &prefixes));
	strs_release(&prefixes);
}

struct merge {
	struct folders list, lsub, status;
};

static void
tell(struct merge *m, const char *line)
{
	struct folder f;

	switch (parse(line, &f)) {
	case LISTLINE_LIST:
		*folders_add(&m->list) = f;
		break;
	case LISTLINE_LSUB:
		*folders_add(&m->lsub) = f;
		break;
	case LISTLINE_STATUS:
		*folders_add(&m->status) = f;
		break;
	case LISTLINE_OTHER:
	case LISTLINE_BROKEN:
		fail();
	}
}

static void
merge_release(struct merge *m)
{
	folders_release(&m->list);
	folders_release(&m->lsub);
	folders_release(&m->status);
}

static void
what_three_answers_say_is_one_list(void **state)
{
	struct merge m = { 0 };
	const struct folder *f;

	(void)state;
	tell(&m, "* LIST () \".\" INBOX.b");
	tell(&m, "* LIST (\\Noselect) \".\" INBOX.a");
	tell(&m, "* LIST (\\Sent) \".\" INBOX.a");
	tell(&m, "* LIST () \".\" Inbox");
	tell(&m, "* LIST (\\HasChildren) \".\" INBOX");
	tell(&m, "* LSUB () \".\" INBOX.a");
	tell(&m, "* LSUB (\\Noselect) \".\" INBOX.b");
	tell(&m, "* LSUB () \".\" INBOX.gone");
	tell(&m, "* STATUS INBOX.b (MESSAGES 7)");
	listline_merge(&m.list, &m.lsub, &m.status, "INBOX.", '.');
	assert_int_equal(m.list.n, 3);
	assert_string_equal(m.list.v[0].name, "INBOX");
	f = folders_find(&m.list, "a");
	assert_non_null(f);
	assert_int_equal(f->attr, FOLDER_SUBSCRIBED);
	assert_string_equal(f->special, "\\Sent");
	f = folders_find(&m.list, "b");
	assert_non_null(f);
	assert_int_equal(f->attr, 0);
	assert_true(f->status_known);
	assert_int_equal(f->messages, 7);
	merge_release(&m);
}

static void
there_is_always_an_inbox(void **state)
{
	struct merge m = { 0 };

	(void)state;
	listline_merge(&m.list, &m.lsub, &m.status, "", '/');
	assert_int_equal(m.list.n, 1);
	assert_string_equal(m.list.v[0].wire, "INBOX");
	assert_int_equal(m.list.v[0].sep, '/');
	merge_release(&m);
}

static void
names_that_read_the_same_are_told_apart(void **state)
{
	struct merge m = { 0 };
	const struct folder *f;

	(void)state;
	tell(&m, "* LIST () \".\" INBOX.A");
	tell(&m, "* LIST () \".\" Inbox.A");
	tell(&m, "* LIST () \".\" \"INBOX.A (2)\"");
	listline_merge(&m.list, &m.lsub, &m.status, "", '.');
	assert_int_equal(m.list.n, 4);
	assert_non_null(folders_find(&m.list, "INBOX/A"));
	f = folders_find(&m.list, "INBOX/A (2)");
	assert_non_null(f);
	assert_string_equal(f->wire, "INBOX.A (2)");
	assert_non_null(folders_find(&m.list, "INBOX/A (3)"));
	merge_release(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_line_tells_a_folder),
		cmocka_unit_test(a_status_line_tells_counts),
		cmocka_unit_test(a_line_about_folders_is_never_passed_over),
		cmocka_unit_test(a_nul_in_a_name_becomes_what_is_refused_later),
		cmocka_unit_test(other_peoples_mail_is_foreign),
		cmocka_unit_test(what_three_answers_say_is_one_list),
		cmocka_unit_test(there_is_always_an_inbox),
		cmocka_unit_test(names_that_read_the_same_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
