#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/boxes.h"
#include "tests/unit/tempdir.h"

static void
without_a_list_uids_follow_the_names(void **state)
{
	char *dir = boxes_small();
	struct folder_state st;
	struct store *s;

	(void)state;
	tempdir_write(dir, "cur/.hidden", "x");
	tempdir_mkdir(dir, "cur/subdir");
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	boxes_select(s, "INBOX", STORE_READ, &st);
	assert_int_equal(st.exists, 3);
	assert_int_equal(st.uidnext, 4);
	assert_true(st.uidvalidity != 0);
	boxes_text(boxes_scan(s, 1),
	    "1 \\Answered \\Flagged todo; 2 \\Seen; 3");
	boxes_text(boxes_scan(s, 2), "2 \\Seen; 3");
	boxes_text(boxes_scan(s, 4), "");
	assert_int_equal(access(tempdir_path(dir, "new/3.c"), F_OK), 0);
	assert_int_equal(access(tempdir_path(dir, "dovecot-uidlist"), F_OK),
	    -1);
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

static uint32_t
uidvalidity_of(const char *dir)
{
	struct store *s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	struct folder_state st;
	uint32_t v;

	boxes_select(s, "INBOX", STORE_READ, &st);
	v = st.uidvalidity;
	folder_state_release(&st);
	store_free(s);
	return v;
}

static void
without_a_list_other_messages_are_another_uidvalidity(void **state)
{
	char *dir = boxes_small();
	uint32_t v = uidvalidity_of(dir);

	(void)state;
	assert_int_equal(uidvalidity_of(dir), v);
	/* Flags are no other messages. */
	assert_int_equal(rename(tempdir_path(dir, "cur/2.b:2,S"),
			     tempdir_path(dir, "cur/2.b:2,")),
	    0);
	assert_int_equal(uidvalidity_of(dir), v);
	assert_int_equal(unlink(tempdir_path(dir, "new/3.c")), 0);
	assert_int_not_equal(uidvalidity_of(dir), v);
	tempdir_remove(dir);
}

static void
dovecots_list_gives_the_uids(void **state)
{
	char *dir = boxes_small();
	struct folder_state st;
	struct store *s;

	(void)state;
	/* 2.b is not in the list; x is no more. */
	tempdir_write(dir, "dovecot-uidlist",
	    "3 V1234 N50 Gabc\n7 :x\n9 :3.c\n44 W16 :1.a,S=13,W=16\n");
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	boxes_select(s, "INBOX", STORE_READ, &st);
	assert_int_equal(st.uidvalidity, 1234);
	assert_int_equal(st.uidnext, 51);
	boxes_text(boxes_scan(s, 1),
	    "9; 44 \\Answered \\Flagged todo; 50 \\Seen");
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

static void
a_list_with_one_uid_twice_loses_no_message(void **state)
{
	char *dir = boxes_small();
	struct folder_state st;
	struct store *s;

	(void)state;
	tempdir_write(dir, "dovecot-uidlist",
	    "3 V1234 N2 Gabc\n5 :2.b\n5 :1.a,S=13,W=16\n7 :3.c\n");
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	boxes_select(s, "INBOX", STORE_READ, &st);
	boxes_text(boxes_scan(s, 1),
	    "5 \\Answered \\Flagged todo; 7; 8 \\Seen");
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

static void
a_list_that_leaves_no_uids_is_told_of(void **state)
{
	char *dir = boxes_small(), wire[] = "";
	struct folder folder = { .wire = wire };
	struct fault f = FAULT_INIT;
	struct folder_state st;
	struct store *s;

	(void)state;
	tempdir_write(dir, "dovecot-uidlist",
	    "3 V1234 N2 Gabc\n4294967294 :3.c\n");
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	folder_state_init(&st);
	assert_int_equal(s->ops->select(s, &folder, STORE_READ, &st, &f),
	    RC_FOLDER);
	assert_non_null(strstr(f.text, "dovecot-uidlist"));
	store_free(s);
	tempdir_remove(dir);
}

static void
selected_again_what_was_there_keeps_its_uid(void **state)
{
	char *dir = boxes_small();
	struct folder_state st, again;
	struct store *s;

	(void)state;
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	boxes_select(s, "INBOX", STORE_READ, &st);
	assert_int_equal(unlink(tempdir_path(dir, "cur/2.b:2,S")), 0);
	tempdir_write(dir, "cur/0.new:2,D", "x");
	boxes_select(s, "INBOX", STORE_READ, &again);
	assert_int_equal(again.uidvalidity, st.uidvalidity);
	boxes_text(boxes_scan(s, 1),
	    "1 \\Answered \\Flagged todo; 3; 4 \\Draft");
	folder_state_release(&st);
	folder_state_release(&again);
	store_free(s);
	tempdir_remove(dir);
}

static void
a_message_is_read_as_it_goes_over_the_wire(void **state)
{
	char *dir = boxes_small();
	struct folder_state st;
	struct store *s;

	(void)state;
	tempdir_write(dir, "cur/4.d:2,", "crlf\r\nbare\nend");
	tempdir_write(dir, "cur/5.e:2,", "");
	tempdir_write(dir, "cur/6.f:2,", "\na\r\r\nb\n\nc\rd\r");
	tempdir_write(dir, "cur/7.g:2,", "a\r\n\r\nb\r\n");
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	boxes_select(s, "INBOX", STORE_READ, &st);
	boxes_text(boxes_read(s, 1), "Subject: a\r\n\r\na\r\n");
	boxes_text(boxes_read(s, 3), "Subject: c\r\n\r\nc\r\n");
	/* Both line ends in one file: as Dovecot gives it. */
	boxes_text(boxes_read(s, 4), "crlf\r\nbare\r\nend");
	boxes_text(boxes_read(s, 5), "");
	boxes_text(boxes_read(s, 6), "\r\na\r\r\nb\r\n\r\nc\rd\r");
	boxes_text(boxes_read(s, 7), "a\r\n\r\nb\r\n");
	boxes_text(boxes_read(s, 99), "gone");
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

static void
a_message_that_was_renamed_is_found_again(void **state)
{
	char *dir = boxes_small();
	struct folder_state st;
	struct store *s;

	(void)state;
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	boxes_select(s, "INBOX", STORE_READ, &st);
	assert_int_equal(rename(tempdir_path(dir, "cur/2.b:2,S"),
			     tempdir_path(dir, "cur/2.b:2,ST")),
	    0);
	assert_int_equal(rename(tempdir_path(dir, "new/3.c"),
			     tempdir_path(dir, "cur/3.c:2,")),
	    0);
	assert_int_equal(unlink(tempdir_path(dir, "cur/1.a,S=13,W=16:2,FRa")),
	    0);
	tempdir_write(dir, "cur/0.z:2,", "new");
	boxes_text(boxes_read(s, 2), "Subject: b\r\n\r\nb\r\n");
	boxes_text(boxes_read(s, 3), "Subject: c\r\n\r\nc\r\n");
	boxes_text(boxes_read(s, 1), "gone");
	boxes_text(boxes_scan(s, 1), "2 \\Seen \\Deleted; 3; 4");
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

static void
what_is_no_plain_message_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *bytes;
		const char *read;
	} rows[] = {
		{ "\x1f\x8b\x08xxxx",
		    "refused: compressed by Dovecot's zlib "
		    "plugin (gzip): read this mailbox over IMAP" },
		{ "\x28\xb5\x2f\xfdxxxx",
		    "refused: compressed by Dovecot's "
		    "zlib plugin (zstd): read this mailbox over IMAP" },
		{ "BZh61AY&SYxx",
		    "refused: compressed by Dovecot's zlib "
		    "plugin (bzip2): read this mailbox over IMAP" },
		{ "BZh: a header\n", "BZh: a header\r\n" },
		{ "CRYPTED\x03\x07xx",
		    "refused: encrypted by Dovecot's "
		    "mail_crypt plugin: read this mailbox over IMAP" },
	};
	char *dir = tempdir_new();
	struct folder_state st;
	struct store *s;
	size_t i;
	char name[32];

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(name, sizeof(name), "cur/%zu.x:2,", i + 1);
		tempdir_write(dir, name, rows[i].bytes);
	}
	assert_int_equal(symlink("1.x:2,", tempdir_path(dir, "cur/8")), 0);
	assert_int_equal(mkfifo(tempdir_path(dir, "cur/9"), 0600), 0);
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	boxes_select(s, "INBOX", STORE_READ, &st);
	assert_int_equal(st.exists, i + 2);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		boxes_text(boxes_read(s, (uint32_t)i + 1), rows[i].read);
	boxes_text(boxes_read(s, (uint32_t)i + 1),
	    "refused: a symbolic link, not a file");
	boxes_text(boxes_read(s, (uint32_t)i + 2), "refused: not a file");
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

struct described {
	struct msg m;
	struct fingerprint fp;
};

static enum rc
keep(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct described *d = arg;

	(void)f;
	d->m = *m;
	d->fp = *fp;
	return RC_OK;
}

static void
a_scan_tells_date_size_and_fingerprint(void **state)
{
	static const char header[] = "From: a\nSubject: long\n more\n";
	char *dir = tempdir_new(), *text;
	const struct timespec times[2] = { { 5, 0 }, { 837593065, 999 } };
	struct fingerprint wanted;
	struct fault f = FAULT_INIT;
	struct folder_state st;
	struct described d;
	struct store *s;
	uint64_t seen;
	size_t i, n;

	(void)state;
	/* The empty line ends at every offset around a chunk's border. */
	for (i = 0; i < 6; i++) {
		n = 65536 + i;
		text = calloc(1, n + 100);
		assert_non_null(text);
		memset(text, 'x', n);
		memcpy(text, "From: ", 6);
		memcpy(text + n - 4, "\r\n\r\n", 4);
		memcpy(text + n, "Subject: body", 13);
		tempdir_write(dir, "cur/1.a,S=5,W=70000:2,", text);
		s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
		boxes_select(s, "INBOX", STORE_READ, &st);
		assert_int_equal(s->ops->scan(s, 1, SCAN_FINGERPRINT, keep, &d,
				     &seen, &f),
		    RC_OK);
		fingerprint_of(text, n - 2, &wanted);
		assert_true(fingerprint_equal(&d.fp, &wanted));
		assert_int_equal(d.m.size, 70000);
		folder_state_release(&st);
		store_free(s);
		free(text);
	}
	assert_int_equal(unlink(tempdir_path(dir, "cur/1.a,S=5,W=70000:2,")),
	    0);
	tempdir_write(dir, "cur/2.b:2,", header);
	assert_int_equal(
	    utimensat(AT_FDCWD, tempdir_path(dir, "cur/2.b:2,"), times, 0), 0);
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	boxes_select(s, "INBOX", STORE_READ, &st);
	assert_int_equal(
	    s->ops->scan(s, 1, SCAN_FINGERPRINT, keep, &d, &seen, &f), RC_OK);
	assert_int_equal(seen, 1);
	assert_true(d.m.date.known);
	assert_int_equal(d.m.date.epoch, 837593065);
	assert_int_equal(d.m.date.zone, 0);
	assert_int_equal(d.m.size, sizeof(header) - 1);
	fingerprint_of(header, sizeof(header) - 1, &wanted);
	assert_true(fingerprint_equal(&d.fp, &wanted));
	folder_state_release(&st);
	store_free(s);
	tempdir_remove(dir);
}

static void
a_folder_that_vanished_is_no_input(void **state)
{
	char *dir = boxes_small();
	struct fault f = FAULT_INIT;
	struct folder_state st;
	struct folder folder = { .name = NULL };
	char wire[] = ".Gone";
	struct store *s;

	(void)state;
	s = boxes_open(dir, MAILDIR_PLUSPLUS, false);
	folder.wire = wire;
	folder_state_init(&st);
	assert_int_equal(s->ops->select(s, &folder, STORE_READ, &st, &f),
	    RC_FOLDER);
	assert_int_equal(f.cause, CAUSE_NOINPUT);
	store_free(s);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_list_uids_follow_the_names),
		cmocka_unit_test(
		    without_a_list_other_messages_are_another_uidvalidity),
		cmocka_unit_test(dovecots_list_gives_the_uids),
		cmocka_unit_test(a_list_with_one_uid_twice_loses_no_message),
		cmocka_unit_test(a_list_that_leaves_no_uids_is_told_of),
		cmocka_unit_test(selected_again_what_was_there_keeps_its_uid),
		cmocka_unit_test(a_message_is_read_as_it_goes_over_the_wire),
		cmocka_unit_test(a_message_that_was_renamed_is_found_again),
		cmocka_unit_test(
		    what_is_no_plain_message_is_refused_with_its_reason),
		cmocka_unit_test(a_scan_tells_date_size_and_fingerprint),
		cmocka_unit_test(a_folder_that_vanished_is_no_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
