#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes/hash.h"
#include "tests/unit/boxes.h"
#include "tests/unit/tempdir.h"
#include "util/mem.h"

/* Flags set, messages and folders removed. */

static const char uidlist[] = "3 V77 N9\n3 :a\n4 :b\n5 :c\n";

struct box {
	char *dir;
	struct store *s;
	struct buf told; /* "UID fate reason" of each, "; " between */
	struct fault f;
};

static int
setup(void **state)
{
	(void)state;
	return hash_startup() ? 0 : -1;
}

static void
begin(struct box *b)
{
	struct folder_state st;

	memset(b, 0, sizeof(*b));
	b->dir = tempdir_new();
	tempdir_write(b->dir, "cur/a:2,PSb", "x");
	tempdir_write(b->dir, "cur/b:2,", "y");
	tempdir_write(b->dir, "new/c", "z");
	tempdir_mkdir(b->dir, "tmp");
	tempdir_write(b->dir, "dovecot-uidlist", uidlist);
	tempdir_write(b->dir, "dovecot-keywords", "0 todo\n1 $Done\n");
	b->s = boxes_open(b->dir, MAILDIR_PLUSPLUS, true);
	boxes_select(b->s, "INBOX", STORE_APPEND, &st);
	folder_state_release(&st);
}

static void
finish(struct box *b)
{
	buf_release(&b->told);
	store_free(b->s);
	tempdir_remove(b->dir);
}

static enum rc
on_change(void *arg, const struct msg *m, enum change_fate fate,
    const char *reason, struct fault *f)
{
	static const char *const fates[] = { "done", "gone", "refused" };
	struct box *b = arg;

	(void)f;
	buf_addf(&b->told, "%s%u %s%s%s", b->told.len > 0 ? "; " : "", m->uid,
	    fates[fate], reason != NULL ? " " : "",
	    reason != NULL ? reason : "");
	return RC_OK;
}

static void
assert_listed(struct box *b, const char *name, const char *wanted)
{
	struct folder_state st;
	char *got;

	boxes_select(b->s, name, STORE_READ, &st);
	got = boxes_scan(b->s, 1);
	assert_string_equal(got, wanted);
	free(got);
	folder_state_release(&st);
}

static bool
is_there(const struct box *b, const char *name)
{
	return access(tempdir_path(b->dir, name), F_OK) == 0;
}

static void
flags_become_exactly_those(void **state)
{
	const struct msg v[] = {
		{ .uid = 3, .flags = FLAG_FLAGGED, .keywords = "todo" },
		{ .uid = 5, .flags = FLAG_SEEN | FLAG_DRAFT, .keywords = "" },
	};
	struct box b;

	(void)state;
	begin(&b);
	assert_int_equal(b.s->ops->set_flags(b.s, v, 2, on_change, &b, &b.f),
	    RC_OK);
	assert_int_equal(b.s->ops->commit(b.s, &b.f), RC_OK);
	assert_string_equal(buf_str(&b.told), "3 done; 5 done");
	/* What no flag of IMAP stands for stays, and new mail is no more. */
	assert_true(is_there(&b, "cur/a:2,FPa"));
	assert_true(is_there(&b, "cur/c:2,DS"));
	assert_listed(&b, "INBOX", "3 \\Flagged todo; 4; 5 \\Seen \\Draft");
	finish(&b);
}

static void
a_message_renamed_meanwhile_is_found(void **state)
{
	const struct msg v[] = {
		{ .uid = 4, .flags = FLAG_SEEN, .keywords = "" },
		{ .uid = 5, .flags = FLAG_SEEN, .keywords = "" },
		{ .uid = 6, .flags = FLAG_SEEN, .keywords = "" },
	};
	struct box b;

	(void)state;
	begin(&b);
	tempdir_write(b.dir, "cur/b:2,T", "y");
	assert_int_equal(unlink(tempdir_path(b.dir, "cur/b:2,")), 0);
	assert_int_equal(unlink(tempdir_path(b.dir, "new/c")), 0);
	assert_int_equal(b.s->ops->set_flags(b.s, v, 3, on_change, &b, &b.f),
	    RC_OK);
	assert_string_equal(buf_str(&b.told), "4 done; 5 gone; 6 gone");
	assert_listed(&b, "INBOX", "3 \\Seen $Done; 4 \\Seen");
	finish(&b);
}

static void
what_a_name_cannot_hold_is_told(void **state)
{
	const struct msg m = { .uid = 4,
		.flags = FLAG_SEEN,
		.keywords = "n\xc3\xb6 todo" };
	struct box b;

	(void)state;
	begin(&b);
	assert_int_equal(b.s->ops->set_flags(b.s, &m, 1, on_change, &b, &b.f),
	    RC_OK);
	assert_string_equal(buf_str(&b.told),
	    "4 done a Maildir cannot keep the keywords n\xc3\xb6");
	finish(&b);
}

static void
a_message_is_removed_by_its_uid(void **state)
{
	const struct msg v[] = { { .uid = 4, .keywords = "" },
		{ .uid = 5, .keywords = "" }, { .uid = 8, .keywords = "" } };
	struct box b;

	(void)state;
	begin(&b);
	assert_int_equal(b.s->ops->remove(b.s, v, 3, on_change, &b, &b.f),
	    RC_OK);
	assert_int_equal(b.s->ops->commit(b.s, &b.f), RC_OK);
	assert_string_equal(buf_str(&b.told), "4 done; 5 done; 8 gone");
	assert_listed(&b, "INBOX", "3 \\Seen $Done");
	finish(&b);
}

static void
nothing_changes_where_the_folder_is_read(void **state)
{
	const struct msg m = { .uid = 4, .keywords = "" };
	struct folder_state st;
	struct box b;

	(void)state;
	begin(&b);
	boxes_select(b.s, "INBOX", STORE_READ, &st);
	assert_int_equal(b.s->ops->remove(b.s, &m, 1, on_change, &b, &b.f),
	    RC_STORE);
	assert_int_equal(b.f.cause, CAUSE_BUG);
	folder_state_release(&st);
	finish(&b);
}

static const struct folder_row {
	const char *wire;
	const char *file; /* in it; NULL */
	enum rc rc;
	const char *after; /* boxes_folders */
} folder_rows[] = {
	{ ".A", NULL, RC_OK, "INBOX A/B" },
	{ ".A", "dovecot-uidlist", RC_OK, "INBOX A/B" },
	{ ".A", "cur/x:2,", RC_FOLDER, "INBOX A A/B" },
	{ ".A", "new/x", RC_FOLDER, "INBOX A A/B" },
	{ ".A", "tmp/x", RC_FOLDER, "INBOX A A/B" },
	{ "", NULL, RC_FOLDER, "INBOX A A/B" },
};

static void
check_folder_row(const struct folder_row *r)
{
	struct folder folder = { .wire = xstrdup(r->wire),
		.name = xstrdup("it") };
	char path[64], *got;
	struct box b;

	begin(&b);
	boxes_create(b.s, "A");
	boxes_create(b.s, "A/B");
	boxes_create(b.s, "A");
	(void)snprintf(path, sizeof(path), "%s/%s", r->wire,
	    r->file != NULL ? r->file : "");
	if (r->file != NULL)
		tempdir_write(b.dir, path, "x");
	assert_int_equal(b.s->ops->remove_folder(b.s, &folder, &b.f), r->rc);
	got = boxes_folders(b.s);
	assert_string_equal(got, r->after);
	if (r->rc != RC_OK && r->file != NULL) {
		assert_true(is_there(&b, path));
		assert_true(is_there(&b, ".A/tmp"));
		assert_true(is_there(&b, ".A/new"));
	}
	free(got);
	folder_release(&folder);
	finish(&b);
}

static void
a_folder_goes_when_it_is_empty(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(folder_rows) / sizeof(folder_rows[0]); i++)
		check_folder_row(&folder_rows[i]);
}

static void
a_subscription_is_taken_off(void **state)
{
	static const struct {
		const char *before;
		const char *after;
	} rows[] = {
		{ "A\nB\nC\n", "A\nC\n" },
		{ "A\nC\n", "A\nC\n" },
		{ "V\t2\n\nA\nB\nC\tD\n", "V\t2\n\nA\nC\tD\n" },
	};
	struct folder folder = { .wire = xstrdup(".B"), .name = xstrdup("B") };
	struct box b;
	char *got;
	size_t i;

	(void)state;
	begin(&b);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tempdir_write(b.dir, "subscriptions", rows[i].before);
		assert_int_equal(b.s->ops->unsubscribe(b.s, &folder, &b.f),
		    RC_OK);
		got = tempdir_read(b.dir, "subscriptions");
		assert_string_equal(got, rows[i].after);
		free(got);
	}
	folder_release(&folder);
	finish(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_become_exactly_those),
		cmocka_unit_test(a_message_renamed_meanwhile_is_found),
		cmocka_unit_test(what_a_name_cannot_hold_is_told),
		cmocka_unit_test(a_message_is_removed_by_its_uid),
		cmocka_unit_test(nothing_changes_where_the_folder_is_read),
		cmocka_unit_test(a_folder_goes_when_it_is_empty),
		cmocka_unit_test(a_subscription_is_taken_off),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
