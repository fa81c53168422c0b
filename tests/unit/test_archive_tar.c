#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stores/archive/tar.h"
#include "util/mem.h"

static enum rc
put(void *arg, const void *p, size_t n, struct fault *f)
{
	return spool_add(arg, p, n, f);
}

static void
write_member(struct tar_out *t, const struct tar_head *h, const char *text)
{
	struct fault f = FAULT_INIT;

	assert_int_equal(tar_out_begin(t, h, &f), RC_OK);
	assert_int_equal(tar_out_data(t, text, (size_t)h->size, &f), RC_OK);
	assert_int_equal(tar_out_end(t, &f), RC_OK);
}

static void
members_come_back_as_they_were_written(void **state)
{
	static char deep[] = "maildir/.A/cur/"
			     "0123456789012345678901234567890123456789"
			     "0123456789012345678901234567890123456789"
			     "0123456789012345678901234567890123456789"
			     "0123456789012345678901234567890123456789"
			     "0123456789012345678901234567890123456789";
	static const struct tar_head head[] = {
		{ TAR_DIR, "maildir", NULL, 0, 1 },
		{ TAR_FILE, "maildir/a b", NULL, 0, 0 },
		{ TAR_FILE, "maildir/c", NULL, 5, TAR_TIME_MAX },
		{ TAR_LINK, "maildir/d", "maildir/c", 0, 7 },
		{ TAR_FILE, deep, NULL, 512, 1500000000 },
		{ TAR_LINK, "maildir/e", deep, 0, 1500000000 },
		{ TAR_DIR, deep, NULL, 0, 3 },
	};
	enum { N = sizeof(head) / sizeof(head[0]) };
	char text[512];
	struct spool *s = spool_new(1 << 20);
	struct tar_out *t = tar_out_new(put, s);
	struct tar_member *m = xmalloc(sizeof(*m));
	struct fault f = FAULT_INIT;
	uint64_t at = 0, end[N];
	size_t i;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (i = 0; i < N; i++) {
		write_member(t, &head[i], text);
		end[i] = spool_size(s);
		assert_int_equal(end[i] % TAR_BLOCK, 0);
	}
	tar_out_free(t);
	assert_int_equal(spool_size(s), end[N - 1]);
	for (i = 0; i < N; i++) {
		if (tar_next(s, &at, m, &f) != RC_OK)
			fail_msg("%zu: %s", i, f.text);
		assert_int_equal(at, end[i]);
		assert_int_equal(m->type, head[i].type);
		assert_int_equal(m->size, head[i].size);
		assert_int_equal(m->mtime, head[i].mtime);
		assert_string_equal(m->path, head[i].path);
		assert_string_equal(m->target,
		    head[i].target != NULL ? head[i].target : "");
	}
	assert_int_equal(tar_next(s, &at, m, &f), RC_END);
	free(m);
	spool_free(s);
}

static enum rc
refuse(void *arg, const void *p, size_t n, struct fault *f)
{
	(void)arg;
	(void)p;
	(void)n;
	return fault_set(f, RC_STORE, CAUSE_CANTCREATE, "disk full");
}

static void
a_sink_that_fails_is_heard(void **state)
{
	const struct tar_head head = { TAR_FILE, "a", NULL, 100000, 0 };
	struct tar_out *t = tar_out_new(refuse, NULL);
	struct fault f = FAULT_INIT;

	(void)state;
	assert_int_equal(tar_out_begin(t, &head, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_string_equal(f.text, "disk full");
	tar_out_free(t);
}

/* Sums up again, so that only what was changed is wrong. */
static void
repair(unsigned char *h)
{
	unsigned sum = 0;
	size_t i;

	memset(h + 148, ' ', 8);
	for (i = 0; i < TAR_BLOCK; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
}

static void
odd_headers_are_refused(void **state)
{
	static const struct {
		size_t at;
		const char *bytes;
		size_t n;
	} t[] = {
		{ 0, "\0", 1 },        /* the end of the archive */
		{ 100, "0000644", 7 }, /* mode */
		{ 108, "0000001", 7 }, /* uid */
		{ 116, "0000001", 7 }, /* gid */
		{ 116, "      1", 7 }, { 124, "77777777777", 11 }, /* size */
		{ 124, "\200\0\0\0\0\0\0\0\0\0\0\1", 12 },
		{ 124, "-0000000001", 11 },
		{ 136, "77777777777", 11 },       /* mtime */
		{ 136, "x", 1 }, { 156, "2", 1 }, /* symlink */
		{ 156, "3", 1 },                  /* device */
		{ 156, "L", 1 },                  /* GNU's long names */
		{ 156, "g", 1 }, { 156, "x", 1 },
		{ 156, "1", 1 }, /* a link to nothing */
		{ 156, "5", 1 }, /* a directory without a slash */
		{ 157, "b", 1 }, /* a file with a target */
		{ 257, "ustar ", 6 }, { 263, "01", 2 }, { 265, "root", 4 },
		{ 297, "root", 4 }, { 329, "000001", 6 }, { 337, "000001", 6 },
		{ 50, "x", 1 }, /* behind the name's NUL */
		{ 350, "x", 1 }, { 505, "x", 1 },
		{ 600, "x", 1 }, /* behind the file */
	};
	const struct tar_head head = { TAR_FILE, "a", NULL, 3, 1 };
	struct tar_member *m = xmalloc(sizeof(*m));
	struct spool *s;
	struct tar_out *w;
	unsigned char bytes[2 * TAR_BLOCK];
	struct fault f = FAULT_INIT;
	uint64_t at;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s = spool_new(4096);
		w = tar_out_new(put, s);
		write_member(w, &head, "xyz");
		tar_out_free(w);
		assert_int_equal(spool_read(s, 0, bytes, sizeof(bytes), &f),
		    RC_OK);
		memcpy(bytes + t[i].at, t[i].bytes, t[i].n);
		repair(bytes);
		spool_clear(s);
		assert_int_equal(spool_add(s, bytes, sizeof(bytes), &f), RC_OK);
		at = 0;
		if (tar_next(s, &at, m, &f) == RC_OK)
			fail_msg("%zu passed", i);
		spool_free(s);
	}
	free(m);
}

static void
odd_extended_headers_are_refused(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} t[] = {
		{ "10 path=b\n", true },
		{ "9 path=b\n", true },
		{ "8 path=b\n", false },
		{ "11 path=b\n", false },
		{ "10 path=b\n10 path=c\n", false },
		{ "10 path=b\nx", false },
		{ "10 path=b ", false },
		{ "11 mtime=1\n", false },
		{ "31 SCHILY.xattr.user.a=xxxxxxx\n", false },
		{ "10 size=3\n", true },
		{ "10 size=4\n", true },
		{ "20 size=99999999999\n", false },
		{ "11 size=-1\n", false },
		{ "14 linkpath=b\n", false },
		{ "99999999999999999999 path=b\n", false },
		{ " 9 path=b\n", false },
		{ "4 a=\n", false },
		{ "0 \n", false },
	};
	struct tar_head head = { TAR_FILE, "a", NULL, 3, 1 };
	struct tar_member *m = xmalloc(sizeof(*m));
	struct spool *s;
	struct tar_out *w;
	unsigned char bytes[4 * TAR_BLOCK];
	struct fault f = FAULT_INIT;
	uint64_t at;
	size_t i;
	enum rc rc;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s = spool_new(4096);
		w = tar_out_new(put, s);
		head.size = strlen(t[i].text);
		write_member(w, &head, t[i].text);
		head.size = 3;
		write_member(w, &head, "xyz");
		tar_out_free(w);
		assert_int_equal(spool_read(s, 0, bytes, sizeof(bytes), &f),
		    RC_OK);
		bytes[156] = 'x';
		repair(bytes);
		spool_clear(s);
		assert_int_equal(spool_add(s, bytes, sizeof(bytes), &f), RC_OK);
		at = 0;
		rc = tar_next(s, &at, m, &f);
		if ((rc == RC_OK) != t[i].good)
			fail_msg("%zu: %d %s", i, (int)rc, f.text);
		spool_free(s);
	}
	free(m);
}

static void
a_tar_that_ends_too_early_is_refused(void **state)
{
	const struct tar_head head = { TAR_FILE, "a", NULL, 700, 1 };
	char text[700];
	struct tar_member *m = xmalloc(sizeof(*m));
	struct spool *s = spool_new(4096);
	struct tar_out *w = tar_out_new(put, s);
	struct fault f = FAULT_INIT;
	uint64_t at = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	write_member(w, &head, text);
	tar_out_free(w);
	assert_int_equal(tar_next(s, &at, m, &f), RC_OK);
	while (spool_size(s) > 1) {
		assert_int_equal(spool_cut(s, spool_size(s) - 1, &f), RC_OK);
		at = 0;
		assert_int_equal(tar_next(s, &at, m, &f), RC_STORE);
	}
	spool_free(s);
	free(m);
}

/* Members behind damage, also where they do not start with a block. */
static void
members_are_found_behind_damage(void **state)
{
	static const struct tar_head head[] = {
		{ TAR_FILE, "maildir/a", NULL, 5, 1 },
		{ TAR_FILE, "maildir/b", NULL, 5, 2 },
		{ TAR_LINK, "maildir/c", "maildir/b", 0, 3 },
	};
	struct spool *whole = spool_new(1 << 20), *s = spool_new(1 << 20);
	struct tar_out *t = tar_out_new(put, whole);
	struct tar_member *m = xmalloc(sizeof(*m));
	char tar[8192], text[5];
	struct fault f = FAULT_INIT;
	uint64_t at = 0;
	size_t i, n;

	(void)state;
	for (i = 0; i < 3; i++)
		write_member(t, &head[i], "hello");
	n = (size_t)spool_size(whole);
	assert_true(n <= sizeof(tar));
	assert_int_equal(spool_read(whole, 0, tar, n, &f), RC_OK);
	tar[3] = 'x'; /* the first header does not add up any more */
	assert_int_equal(spool_add(s, "garbage", 7, &f), RC_OK);
	assert_int_equal(spool_add(s, tar, n, &f), RC_OK);
	assert_int_equal(tar_find(s, &at, m, &f), RC_OK);
	assert_string_equal(m->path, "maildir/b");
	assert_int_equal(m->offset, 7 + 1024);
	assert_int_equal(spool_read(s, m->data, text, 5, &f), RC_OK);
	assert_memory_equal(text, "hello", 5);
	assert_int_equal(at, 7 + 2048);
	assert_int_equal(tar_find(s, &at, m, &f), RC_OK);
	assert_string_equal(m->target, "maildir/b");
	assert_int_equal(tar_find(s, &at, m, &f), RC_END);
	tar_out_free(t);
	spool_free(whole);
	spool_free(s);
	free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_back_as_they_were_written),
		cmocka_unit_test(a_sink_that_fails_is_heard),
		cmocka_unit_test(odd_headers_are_refused),
		cmocka_unit_test(odd_extended_headers_are_refused),
		cmocka_unit_test(a_tar_that_ends_too_early_is_refused),
		cmocka_unit_test(members_are_found_behind_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
