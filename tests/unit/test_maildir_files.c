/* The small files and names of a Maildir, one module each. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes/hash.h"
#include "stores/maildir/dotlock.h"
#include "stores/maildir/keywords.h"
#include "stores/maildir/lines.h"
#include "stores/maildir/name.h"
#include "stores/maildir/uidlist.h"
#include "tests/unit/tempdir.h"
#include "util/interrupt.h"

static int
open_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd != -1);
	return fd;
}

static void
a_name_has_a_base_letters_and_a_size(void **state)
{
	static const struct {
		const char *name, *letters;
		size_t base;
		bool sized;
		uint64_t size;
	} rows[] = {
		{ "1.a.h", "", 5, false, 0 },
		{ "1.a.h:2,", "", 5, false, 0 },
		{ "1.a.h:2,FSab", "FSab", 5, false, 0 },
		{ "1.a.h:1,S", "", 5, false, 0 },
		{ "1.a.h,S=10,W=12:2,S", "S", 15, true, 12 },
		{ "1.a.h,W=0", "", 9, true, 0 },
		{ "1.a.h,W=12,S=10", "", 15, true, 12 },
		{ "1.a.h,W=x:2,", "", 9, false, 0 },
		{ "1.a.h,W=99999999999999999999:2,", "", 28, false, 0 },
		{ "1.a.h:2,S,W=5", "S,W=5", 5, false, 0 },
		{ "", "", 0, false, 0 },
	};
	uint64_t size;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(name_base_length(rows[i].name), rows[i].base);
		assert_string_equal(name_letters(rows[i].name),
		    rows[i].letters);
		size = 0;
		assert_int_equal(name_virtual_size(rows[i].name, &size),
		    rows[i].sized);
		assert_int_equal(size, rows[i].size);
	}
}

static void
unique_names_differ_and_need_no_escapes(void **state)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	(void)state;
	assert_true(hash_startup());
	name_unique(&a, 1);
	name_unique(&b, 1);
	assert_string_not_equal(buf_str(&a), buf_str(&b));
	assert_int_equal(strcspn(buf_str(&a), "/:, \n"), a.len);
	buf_release(&a);
	buf_release(&b);
}

static void
lines_end_at_the_last_line_feed(void **state)
{
	char *dir = tempdir_new(), *line;
	struct fault f = FAULT_INIT;
	struct lines l;
	int fd = open_dir(dir);

	(void)state;
	tempdir_write(dir, "f", "one\n\nthree\nhalf");
	assert_int_equal(lines_open(&l, fd, "f", &f), RC_OK);
	assert_int_equal(lines_next(&l, &line, &f), RC_OK);
	assert_string_equal(line, "one");
	assert_int_equal(lines_next(&l, &line, &f), RC_OK);
	assert_string_equal(line, "");
	assert_int_equal(lines_next(&l, &line, &f), RC_OK);
	assert_string_equal(line, "three");
	assert_int_equal(lines_next(&l, &line, &f), RC_END);
	lines_close(&l);
	assert_int_equal(lines_open(&l, fd, "none", &f), RC_OK);
	assert_int_equal(lines_next(&l, &line, &f), RC_END);
	lines_close(&l);
	close(fd);
	tempdir_remove(dir);
}

static void
a_line_without_end_is_bad_data(void **state)
{
	char *dir = tempdir_new(), *line, *text;
	struct fault f = FAULT_INIT;
	struct lines l;
	int fd = open_dir(dir);

	(void)state;
	text = calloc(1, 200001);
	assert_non_null(text);
	memset(text, 'x', 200000);
	tempdir_write(dir, "f", text);
	assert_int_equal(lines_open(&l, fd, "f", &f), RC_OK);
	assert_int_equal(lines_next(&l, &line, &f), RC_FOLDER);
	assert_int_equal(f.cause, CAUSE_DATA);
	lines_close(&l);
	free(text);
	close(fd);
	tempdir_remove(dir);
}

static void
a_dotlock_publishes_all_or_nothing(void **state)
{
	char *dir = tempdir_new(), *text;
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;
	struct dotlock l;
	int fd = open_dir(dir);

	(void)state;
	tempdir_write(dir, "f", "old");
	buf_adds(&b, "new");
	assert_int_equal(dotlock_take(&l, fd, "f", &f), RC_OK);
	dotlock_drop(&l);
	text = tempdir_read(dir, "f");
	assert_string_equal(text, "old");
	free(text);
	assert_int_equal(dotlock_take(&l, fd, "f", &f), RC_OK);
	assert_int_equal(access(tempdir_path(dir, "f.lock"), F_OK), 0);
	assert_int_equal(dotlock_publish(&l, &b, &f), RC_OK);
	text = tempdir_read(dir, "f");
	assert_string_equal(text, "new");
	free(text);
	assert_int_equal(access(tempdir_path(dir, "f.lock"), F_OK), -1);
	buf_release(&b);
	close(fd);
	tempdir_remove(dir);
}

/* A signal ends the wait for somebody else's lock, which stays. */
static void
a_lock_of_another_program_is_respected(void **state)
{
	char *dir = tempdir_new();
	struct fault f = FAULT_INIT;
	struct dotlock l;
	int fd = open_dir(dir);

	(void)state;
	tempdir_write(dir, "f.lock", "");
	interrupt_raise(15);
	assert_int_equal(dotlock_take(&l, fd, "f", &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_TEMPORARY);
	assert_int_equal(access(tempdir_path(dir, "f.lock"), F_OK), 0);
	interrupt_raise(0);
	close(fd);
	tempdir_remove(dir);
}

struct seen {
	char text[256];
};

static void
on_uid(void *arg, uint32_t uid, const char *base, size_t n)
{
	struct seen *s = arg;
	size_t at = strlen(s->text);

	(void)snprintf(s->text + at, sizeof(s->text) - at, "%u=%.*s ", uid,
	    (int)n, base);
}

static void
both_versions_of_the_uid_list_are_read(void **state)
{
	static const struct {
		const char *text;
		bool found;
		uint32_t uidvalidity, next;
		const char *uids;
	} rows[] = {
		{ "", false, 0, 0, "" },
		{ "1 77 9\n3 a.b\n8 c.d:2,S\n", true, 77, 9, "3=a.b 8=c.d " },
		{ "3 V77 N9 Gabc\n3 W12 :a.b\n8 :c.d:2,S\n", true, 77, 9,
		    "3=a.b 8=c.d " },
		{ "3 N9 V77\n8 Gx S5 :c\n", true, 77, 9, "8=c " },
		{ "3 V77\n", true, 77, 1, "" },
		{ "3 V77 N4 X1 Y\n1 :a\n", true, 77, 4, "1=a " },
		/* not ours to guess at */
		{ "2 77 9\n1 a\n", false, 0, 0, "" },
		{ "3 V0 N9\n1 :a\n", false, 0, 0, "" },
		{ "3 Vx N9\n1 :a\n", false, 0, 0, "" },
		{ "1 77\n", false, 0, 0, "" },
		/* bad lines and a half one are left out */
		{ "3 V7 N9\n0 :a\nx :b\n4294967295 :c\n5 d\n6 :e\n7 :f", true,
		    7, 9, "6=e " },
	};
	char *dir = tempdir_new();
	struct fault f = FAULT_INIT;
	struct uidlist_head head;
	int fd = open_dir(dir);
	struct seen s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tempdir_write(dir, "dovecot-uidlist", rows[i].text);
		memset(&s, 0, sizeof(s));
		assert_int_equal(uidlist_read(fd, &head, on_uid, &s, &f),
		    RC_OK);
		assert_int_equal(head.found, rows[i].found);
		assert_int_equal(head.uidvalidity, rows[i].uidvalidity);
		assert_int_equal(head.next, rows[i].next);
		assert_string_equal(s.text, rows[i].uids);
	}
	close(fd);
	tempdir_remove(dir);
}

static void
letters_mean_what_the_folder_says(void **state)
{
	static const struct {
		const char *text, *letters, *keywords;
	} rows[] = {
		{ "0 work\n1 $Forwarded\n", "", "" },
		{ "0 work\n1 $Forwarded\n", "FSb", "$Forwarded" },
		{ "0 work\n1 $Forwarded\n", "ba", "$Forwarded work" },
		{ "25 last\n", "z", "last" },
		{ "0 work\n", "c", "unknown-2" },
		{ "26 x\nnix\n0\n1 \n0 a\n0 b\n", "a", "a" },
	};
	char *dir = tempdir_new();
	struct atoms *atoms = atoms_new();
	struct fault f = FAULT_INIT;
	int fd = open_dir(dir);
	struct keywords k;
	size_t i;

	(void)state;
	keywords_init(&k);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tempdir_write(dir, "dovecot-keywords", rows[i].text);
		assert_int_equal(keywords_read(&k, fd, &f), RC_OK);
		assert_string_equal(keywords_of_letters(&k, rows[i].letters,
					atoms),
		    rows[i].keywords);
	}
	keywords_release(&k);
	atoms_free(atoms);
	close(fd);
	tempdir_remove(dir);
}

static void
new_keywords_get_the_next_letters(void **state)
{
	char *dir = tempdir_new(), *text;
	struct fault f = FAULT_INIT;
	struct buf letters = BUF_INIT;
	struct strs dropped = STRS_INIT;
	int fd = open_dir(dir);
	struct keywords k;

	(void)state;
	keywords_init(&k);
	assert_int_equal(keywords_read(&k, fd, &f), RC_OK);
	/* Another program was quicker: its letters stay. */
	tempdir_write(dir, "dovecot-keywords", "0 first\n2 Work\n");
	assert_int_equal(keywords_to_letters(&k, fd,
			     "new work bad\x7fone br(ace", &letters, &dropped,
			     &f),
	    RC_OK);
	assert_string_equal(buf_str(&letters), "cd");
	text = tempdir_read(dir, "dovecot-keywords");
	assert_string_equal(text, "0 first\n2 Work\n3 new\n");
	assert_int_equal(dropped.n, 2);
	free(text);
	strs_release(&dropped);
	buf_release(&letters);
	keywords_release(&k);
	close(fd);
	tempdir_remove(dir);
}

static void
a_27th_keyword_is_told_of(void **state)
{
	char *dir = tempdir_new();
	struct fault f = FAULT_INIT;
	struct buf letters = BUF_INIT, text = BUF_INIT;
	struct strs dropped = STRS_INIT;
	int fd = open_dir(dir), i;
	struct keywords k;

	(void)state;
	for (i = 0; i < 25; i++)
		buf_addf(&text, "%d k%d\n", i, i);
	tempdir_write(dir, "dovecot-keywords", buf_str(&text));
	keywords_init(&k);
	assert_int_equal(keywords_read(&k, fd, &f), RC_OK);
	assert_int_equal(keywords_to_letters(&k, fd, "k24 x y", &letters,
			     &dropped, &f),
	    RC_OK);
	assert_string_equal(buf_str(&letters), "yz");
	assert_int_equal(dropped.n, 1);
	assert_string_equal(dropped.v[0], "y");
	strs_release(&dropped);
	buf_release(&letters);
	buf_release(&text);
	keywords_release(&k);
	close(fd);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_a_base_letters_and_a_size),
		cmocka_unit_test(unique_names_differ_and_need_no_escapes),
		cmocka_unit_test(lines_end_at_the_last_line_feed),
		cmocka_unit_test(a_line_without_end_is_bad_data),
		cmocka_unit_test(a_dotlock_publishes_all_or_nothing),
		cmocka_unit_test(a_lock_of_another_program_is_respected),
		cmocka_unit_test(both_versions_of_the_uid_list_are_read),
		cmocka_unit_test(letters_mean_what_the_folder_says),
		cmocka_unit_test(new_keywords_get_the_next_letters),
		cmocka_unit_test(a_27th_keyword_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
