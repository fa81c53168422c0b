#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "restore/keep.h"
#include "tests/unit/archive_kit.h"
#include "tests/unit/tempdir.h"

/* The archive of what is removed. */

static const struct store_info info = { .location = "maildir:/x",
	.software = "Maildir++" };

struct bench {
	struct kit kit;
	struct intake *in;
	char path[256];
	struct keep *k;
	struct fault f;
};

static void
begin(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	kit_open(&b->kit);
	b->in = intake_new(1 << 20);
	(void)snprintf(b->path, sizeof(b->path), "%s",
	    tempdir_path(b->kit.dir, "kept.tar.zst"));
	assert_int_equal(keep_open(b->path, b->kit.key, &info, &b->k, &b->f),
	    RC_OK);
}

static void
finish(struct bench *b)
{
	keep_free(b->k);
	intake_free(b->in);
	kit_close(&b->kit);
}

static void
folder(struct bench *b, const char *name, uint64_t listed)
{
	struct folder f = { .wire = NULL };

	f.wire = strdup(name);
	f.name = strdup(name);
	f.sep = '/';
	assert_int_equal(keep_folder(b->k, &f, 7, listed, &b->f), RC_OK);
	folder_release(&f);
}

/* lie: the hash that was taken down is another one. */
static void
add(struct bench *b, uint32_t uid, const char *text, bool lie)
{
	static const struct fingerprint fp = { { 1 } };
	struct msg m = { .uid = uid, .keywords = "", .flags = FLAG_SEEN };
	struct body body;

	intake_begin(b->in);
	assert_int_equal(intake_add(b->in, text, strlen(text), &b->f), RC_OK);
	assert_int_equal(intake_end(b->in, &body, &b->f), RC_OK);
	if (lie)
		body.digest.hash.b[0] ^= 1;
	assert_int_equal(keep_add(b->k, &m, &fp, &body, &b->f), RC_OK);
}

static void
it_is_read_back_whole(void **state)
{
	char *minisig;
	struct bench b;

	(void)state;
	begin(&b);
	folder(&b, "INBOX", 5);
	add(&b, 3, "Subject: x\r\n\r\none\r\n", false);
	add(&b, 9, "Subject: x\r\n\r\none\r\n", false);
	folder(&b, "Old/Stuff", 1);
	add(&b, 1, "Subject: y\r\n\r\ntwo\r\n", false);
	assert_int_equal(keep_close(b.k, &b.f), RC_OK);
	assert_int_equal(access(b.path, R_OK), 0);
	minisig = tempdir_read(b.kit.dir, "kept.tar.zst.minisig");
	assert_int_equal(strncmp(minisig, "untrusted comment: ", 19), 0);
	free(minisig);
	finish(&b);
}

static void
what_is_not_as_it_was_read_is_a_fault(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	folder(&b, "INBOX", 2);
	add(&b, 3, "Subject: x\r\n\r\none\r\n", false);
	add(&b, 4, "Subject: y\r\n\r\ntwo\r\n", true);
	assert_int_equal(keep_close(b.k, &b.f), RC_STORE);
	assert_int_equal(strncmp(b.f.text, "nothing was removed: ", 21), 0);
	finish(&b);
}

static void
one_that_is_left_open_leaves_no_file(void **state)
{
	struct bench b;
	char part[300];

	(void)state;
	begin(&b);
	folder(&b, "INBOX", 1);
	add(&b, 3, "Subject: x\r\n\r\none\r\n", false);
	keep_free(b.k);
	b.k = NULL;
	(void)snprintf(part, sizeof(part), "%s.part", b.path);
	assert_int_equal(access(part, F_OK), -1);
	assert_int_equal(access(b.path, F_OK), -1);
	finish(&b);
}

static void
a_file_that_is_there_is_left_alone(void **state)
{
	struct keep *second = NULL;
	struct bench b;
	char *text;

	(void)state;
	begin(&b);
	tempdir_write(b.kit.dir, "mine", "mine");
	assert_int_equal(keep_open(tempdir_path(b.kit.dir, "mine"), b.kit.key,
			     &info, &second, &b.f),
	    RC_STORE);
	assert_int_equal(b.f.cause, CAUSE_CANTCREATE);
	text = tempdir_read(b.kit.dir, "mine");
	assert_string_equal(text, "mine");
	free(text);
	finish(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_back_whole),
		cmocka_unit_test(what_is_not_as_it_was_read_is_a_fault),
		cmocka_unit_test(one_that_is_left_open_leaves_no_file),
		cmocka_unit_test(a_file_that_is_there_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
