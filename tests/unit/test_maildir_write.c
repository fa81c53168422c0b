#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes/hash.h"
#include "tests/unit/boxes.h"
#include "tests/unit/tempdir.h"
#include "util/mem.h"

static int
setup(void **state)
{
	(void)state;
	return hash_startup() ? 0 : -1;
}

/* The only file of a directory; the caller frees. */
static char *
only_file(const char *dir, const char *name)
{
	DIR *d = opendir(tempdir_path(dir, name));
	const struct dirent *e;
	char *found = NULL;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		assert_null(found);
		found = strdup(e->d_name);
	}
	closedir(d);
	assert_non_null(found);
	return found;
}

static bool
is_empty(const char *dir, const char *name)
{
	/* Fails unless it is. */
	return rmdir(tempdir_path(dir, name)) == 0;
}

static void
a_message_arrives_with_its_date_flags_and_keywords(void **state)
{
	const struct msg m = {
		.date = { .epoch = 837593065, .zone = -420, .known = true },
		.flags = FLAG_SEEN | FLAG_DRAFT,
		.keywords = "$Forwarded todo",
	};
	char *dir = tempdir_new(), *name, *text, path[512];
	struct append_item item;
	struct fault f = FAULT_INIT;
	struct stat st;
	struct store *s;

	(void)state;
	s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
	boxes_create(s, "INBOX");
	assert_int_equal(
	    boxes_append(s, "Subject: x\r\n\r\nhi\r\n", &m, &item, &f), RC_OK);
	assert_int_equal(item.fate, APPEND_DONE);
	assert_int_equal(item.uid, 0);
	assert_false(item.repaired);
	name = only_file(dir, "cur");
	assert_non_null(strstr(name, ",S=15,W=18:2,DSab"));
	(void)snprintf(path, sizeof(path), "cur/%s", name);
	text = tempdir_read(dir, path);
	assert_string_equal(text, "Subject: x\n\nhi\n");
	assert_int_equal(stat(tempdir_path(dir, path), &st), 0);
	assert_int_equal(st.st_mtime, 837593065);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(text);
	text = tempdir_read(dir, "dovecot-keywords");
	assert_string_equal(text, "0 $Forwarded\n1 todo\n");
	assert_true(is_empty(dir, "tmp"));
	free(text);
	free(name);
	store_free(s);
	tempdir_remove(dir);
}

static void
what_was_written_reads_the_same(void **state)
{
	static const struct {
		const char *wire;
		const char *reason;
	} rows[] = {
		{ "a: b\r\n\r\nx\r\n", NULL },
		{ "a: b\r\n\r\nno end", NULL },
		{ "", NULL },
		{ "lone\rCR\r\n", NULL },
		{ "a: b\r\n\r\nbare\nmixed\r\n",
		    "bare LF: a Maildir's LF reads as CRLF" },
		{ "a: b\r\r\n\r\nx\r\n", NULL },
		{ "bare\nonly\n", "bare LF: a Maildir's LF reads as CRLF" },
	};
	const struct msg m = { .keywords = "" };
	char *dir, *got;
	struct append_item item;
	struct fault f = FAULT_INIT;
	struct folder_state st;
	struct store *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		dir = tempdir_new();
		s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
		boxes_create(s, "INBOX");
		assert_int_equal(boxes_append(s, rows[i].wire, &m, &item, &f),
		    RC_OK);
		assert_int_equal(item.repaired, rows[i].reason != NULL);
		if (rows[i].reason != NULL)
			assert_string_equal(item.reason, rows[i].reason);
		boxes_select(s, "INBOX", STORE_READ, &st);
		got = boxes_read(s, 1);
		if (rows[i].reason == NULL)
			assert_string_equal(got, rows[i].wire);
		free(got);
		folder_state_release(&st);
		store_free(s);
		tempdir_remove(dir);
	}
}

static void
a_keyword_that_cannot_be_kept_is_told_of(void **state)
{
	const struct msg m = { .keywords = "good n\xc3\xb6" };
	char *dir = tempdir_new();
	struct append_item item;
	struct fault f = FAULT_INIT;
	struct folder_state st;
	struct store *s;

	(void)state;
	s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
	boxes_create(s, "INBOX");
	assert_int_equal(boxes_append(s, "x", &m, &item, &f), RC_OK);
	assert_true(item.repaired);
	assert_string_equal(item.reason,
	    "a Maildir cannot keep the keywords n\xc3\xb6");
	boxes_select(s, "INBOX", STORE_READ, &st);
	boxes_text(boxes_scan(s, 1), "1 good");
	assert_int_equal(st.permanent_keywords.n, 1);
	assert_true(st.permanent_any);
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

static void
a_new_maildir_keeps_its_uidvalidity_while_mail_arrives(void **state)
{
	const struct msg m = { .keywords = "" };
	char *dir = tempdir_new(), *list;
	struct folder_state one, two;
	struct append_item item;
	struct fault f = FAULT_INIT;
	struct store *s;

	(void)state;
	s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
	boxes_create(s, "A");
	boxes_select(s, "A", STORE_APPEND, &one);
	assert_int_equal(boxes_append(s, "x", &m, &item, &f), RC_OK);
	boxes_select(s, "INBOX", STORE_APPEND, &two);
	folder_state_release(&two);
	boxes_select(s, "A", STORE_APPEND, &two);
	assert_int_equal(two.uidvalidity, one.uidvalidity);
	assert_int_equal(two.exists, 1);
	list = tempdir_read(dir, ".A/dovecot-uidlist");
	assert_memory_equal(list, "3 V", 3);
	free(list);
	folder_state_release(&one);
	folder_state_release(&two);
	store_free(s);
	tempdir_remove(dir);
}

static void
a_list_of_dovecots_is_never_changed(void **state)
{
	static const char list[] = "3 V77 N5 Gabc\n4 :1.a\n";
	const struct msg m = { .keywords = "" };
	char *dir = tempdir_new(), *got;
	struct append_item item;
	struct fault f = FAULT_INIT;
	struct folder_state st;
	struct store *s;

	(void)state;
	tempdir_write(dir, "cur/1.a:2,", "a");
	tempdir_mkdir(dir, "tmp");
	tempdir_write(dir, "dovecot-uidlist", list);
	s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
	boxes_select(s, "INBOX", STORE_APPEND, &st);
	assert_int_equal(boxes_append(s, "b", &m, &item, &f), RC_OK);
	folder_state_release(&st);
	boxes_select(s, "INBOX", STORE_APPEND, &st);
	assert_int_equal(st.uidvalidity, 77);
	boxes_text(boxes_scan(s, 1), "4; 5");
	got = tempdir_read(dir, "dovecot-uidlist");
	assert_string_equal(got, list);
	free(got);
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

/* A limit on the size of files stands for the full disk. */
static void
a_full_disk_leaves_nothing_half_written(void **state)
{
	const struct msg m = { .keywords = "" };
	char *dir = tempdir_new(), text[20001];
	struct rlimit old, small;
	struct append_item item;
	struct fault f = FAULT_INIT;
	struct store *s;
	enum rc rc;

	(void)state;
	memset(text, 'x', 20000);
	text[20000] = '\0';
	s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
	boxes_create(s, "INBOX");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = old;
	small.rlim_cur = 10000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = boxes_append(s, text, &m, &item, &f);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(rc, RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_int_equal(item.fate, APPEND_TODO);
	assert_true(is_empty(dir, "tmp"));
	assert_true(is_empty(dir, "cur"));
	store_free(s);
	tempdir_remove(dir);
}

enum { MANY = 300 };

struct told {
	unsigned calls;
	bool stop;
};

static enum rc
on_done(void *arg, struct append_item *item, struct fault *f)
{
	struct told *t = arg;

	assert_int_equal(item->fate, APPEND_DONE);
	t->calls++;
	if (!t->stop)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_IO, "journal");
}

/* MANY times one body. */
static enum rc
append_many(struct store *s, struct append_item *items, struct told *t,
    struct fault *f)
{
	static const struct msg m = { .keywords = "" };
	struct append_order order = { .item = items,
		.n = MANY,
		.fn = on_done,
		.arg = t };
	struct intake *in = intake_new(1024);
	struct body body;
	enum rc rc;
	size_t i;

	intake_begin(in);
	assert_int_equal(intake_add(in, "x\r\n", 3, f), RC_OK);
	assert_int_equal(intake_end(in, &body, f), RC_OK);
	memset(items, 0, MANY * sizeof(*items));
	for (i = 0; i < MANY; i++) {
		items[i].msg = &m;
		items[i].body = &body;
	}
	rc = s->ops->append(s, &order, f);
	intake_free(in);
	return rc;
}

static void
many_messages_arrive_in_rounds(void **state)
{
	struct append_item items[MANY];
	char *dir = tempdir_new();
	struct told t = { 0, false };
	struct fault f = FAULT_INIT;
	struct folder_state st;
	struct store *s;

	(void)state;
	s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
	boxes_create(s, "INBOX");
	assert_int_equal(append_many(s, items, &t, &f), RC_OK);
	assert_int_equal(t.calls, MANY);
	assert_int_equal(s->ops->commit(s, &f), RC_OK);
	boxes_select(s, "INBOX", STORE_READ, &st);
	assert_int_equal(st.exists, MANY);
	assert_true(is_empty(dir, "tmp"));
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

static void
a_caller_that_stops_leaves_no_temporary_files(void **state)
{
	struct append_item items[MANY];
	char *dir = tempdir_new();
	struct told t = { 0, true };
	struct fault f = FAULT_INIT;
	struct folder_state st;
	struct store *s;

	(void)state;
	s = boxes_open(dir, MAILDIR_PLUSPLUS, true);
	boxes_create(s, "INBOX");
	assert_int_equal(append_many(s, items, &t, &f), RC_STORE);
	assert_int_equal(t.calls, 1);
	assert_int_equal(items[0].fate, APPEND_DONE);
	assert_int_equal(items[1].fate, APPEND_TODO);
	boxes_select(s, "INBOX", STORE_READ, &st);
	assert_int_equal(st.exists, 1);
	assert_true(is_empty(dir, "tmp"));
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_message_arrives_with_its_date_flags_and_keywords),
		cmocka_unit_test(what_was_written_reads_the_same),
		cmocka_unit_test(a_keyword_that_cannot_be_kept_is_told_of),
		cmocka_unit_test(
		    a_new_maildir_keeps_its_uidvalidity_while_mail_arrives),
		cmocka_unit_test(a_list_of_dovecots_is_never_changed),
		cmocka_unit_test(a_full_disk_leaves_nothing_half_written),
		cmocka_unit_test(many_messages_arrive_in_rounds),
		cmocka_unit_test(a_caller_that_stops_leaves_no_temporary_files),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
