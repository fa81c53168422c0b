#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "bytes/spool.h"
#include "util/buf.h"

static const size_t bounds[] = { 0, 1, 100, 4096, 300000, 4000000 };

enum { N_BOUNDS = sizeof(bounds) / sizeof(bounds[0]) };

static unsigned char
octet_at(uint64_t off)
{
	return (unsigned char)(off * 131 + (off >> 8) * 7 + (off >> 16));
}

static void
add_octets(struct spool *s, size_t n, size_t step)
{
	unsigned char *part;
	struct fault f = FAULT_INIT;
	size_t i, k;

	part = malloc(step);
	assert_non_null(part);
	for (; n > 0; n -= k) {
		k = n < step ? n : step;
		for (i = 0; i < k; i++)
			part[i] = octet_at(spool_size(s) + i);
		assert_int_equal(spool_add(s, part, k, &f), RC_OK);
	}
	free(part);
}

static void
check_octets(struct spool *s, uint64_t size)
{
	static const size_t wants[] = { 77, 4096, SIZE_MAX };
	struct fault f = FAULT_INIT;
	const unsigned char *p;
	uint64_t off;
	size_t w, n, i;

	assert_true(spool_size(s) == size);
	for (w = 0; w < 3; w++) {
		for (off = 0; off < size; off += n) {
			assert_int_equal(
			    spool_view(s, off, wants[w], &p, &n, &f), RC_OK);
			assert_true(n > 0 && n <= wants[w]);
			for (i = 0; i < n; i++) {
				if (p[i] != octet_at(off + i))
					fail_msg("octet %llu is wrong",
					    (unsigned long long)(off + i));
			}
		}
		assert_true(off == size);
		assert_int_equal(spool_view(s, off, 1, &p, &n, &f), RC_END);
	}
}

static void
octets_come_back_from_memory_and_from_the_file(void **state)
{
	static const size_t steps[] = { 10, 1000, 200000, 1000000 };
	struct spool *s;
	size_t i, k;

	(void)state;
	for (i = 0; i < N_BOUNDS; i++) {
		for (k = 0; k < 4; k++) {
			s = spool_new(bounds[i]);
			add_octets(s, 1000003, steps[k]);
			check_octets(s, 1000003);
			add_octets(s, 11, 3);
			check_octets(s, 1000014);
			spool_free(s);
		}
	}
	spool_free(NULL);
}

static void
room_is_given_in_memory_and_never_above_the_bound(void **state)
{
	enum { BOUND = 10000, HALF = 6000 };
	struct spool *s = spool_new(BOUND);
	struct fault f = FAULT_INIT;
	unsigned char *p;
	size_t i;

	(void)state;
	add_octets(s, 100, 100);
	assert_null(spool_room(s, BOUND - 99));
	p = spool_room(s, BOUND - 100);
	assert_non_null(p);
	for (i = 0; i < HALF; i++)
		p[i] = octet_at(100 + i);
	spool_filled(s, HALF);
	check_octets(s, 100 + HALF);
	assert_int_equal(spool_cut(s, 0, &f), RC_OK);
	assert_non_null(spool_room(s, BOUND));
	spool_free(s);
}

static void
a_cleared_spool_is_like_a_new_one(void **state)
{
	struct spool *s;
	size_t i, round;

	(void)state;
	for (i = 0; i < N_BOUNDS; i++) {
		s = spool_new(bounds[i]);
		for (round = 0; round < 3; round++) {
			add_octets(s, 400000 + round, 3000);
			check_octets(s, 400000 + round);
			spool_clear(s);
			assert_true(spool_size(s) == 0);
			add_octets(s, 50, 50);
			check_octets(s, 50);
			spool_clear(s);
		}
		spool_free(s);
	}
}

static void
a_spool_can_be_cut_anywhere_and_go_on(void **state)
{
	static const uint64_t cuts[] = { 500000, 499999, 131073, 131072, 7, 0 };
	struct fault f = FAULT_INIT;
	struct spool *s;
	size_t i, k;

	(void)state;
	for (i = 0; i < N_BOUNDS; i++) {
		for (k = 0; k < sizeof(cuts) / sizeof(cuts[0]); k++) {
			s = spool_new(bounds[i]);
			add_octets(s, 500000, 900);
			check_octets(s, 500000);
			assert_int_equal(spool_cut(s, cuts[k], &f), RC_OK);
			check_octets(s, cuts[k]);
			add_octets(s, 200000, 900);
			check_octets(s, cuts[k] + 200000);
			spool_free(s);
		}
	}
}

static void
what_was_cut_off_does_not_show_again(void **state)
{
	struct fault f = FAULT_INIT;
	unsigned char part[1000], got[1000];
	struct spool *s;
	size_t i;

	(void)state;
	memset(part, '!', sizeof(part));
	for (i = 0; i < N_BOUNDS; i++) {
		s = spool_new(bounds[i]);
		add_octets(s, 500000, 900);
		/* Seen once, so that it may be remembered. */
		assert_int_equal(spool_read(s, 100000, got, 1000, &f), RC_OK);
		assert_int_equal(spool_cut(s, 100500, &f), RC_OK);
		while (spool_size(s) < 600000)
			assert_int_equal(spool_add(s, part, 1000, &f), RC_OK);
		assert_int_equal(spool_read(s, 100500, got, 1000, &f), RC_OK);
		assert_memory_equal(got, part, 1000);
		spool_free(s);
	}
}

static void
reading_out_of_range_is_our_bug(void **state)
{
	struct fault f = FAULT_INIT;
	unsigned char part[64];
	struct spool *s;
	size_t i;

	(void)state;
	s = spool_new(16);
	add_octets(s, 100, 10);
	assert_int_equal(spool_read(s, 30, part, 64, &f), RC_OK);
	for (i = 0; i < 64; i++)
		assert_int_equal(part[i], octet_at(30 + i));
	assert_int_equal(spool_read(s, 100, part, 0, &f), RC_OK);
	assert_int_equal(spool_read(s, 37, part, 64, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_BUG);
	f.cause = CAUSE_NONE;
	assert_int_equal(spool_read(s, UINT64_MAX, part, 2, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_BUG);
	f.cause = CAUSE_NONE;
	assert_int_equal(spool_cut(s, 101, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_BUG);
	spool_free(s);
}

/* Octets that this process has read, from files or anything else. */
static uint64_t
octets_read(void)
{
	char text[256] = "";
	unsigned long long n = 0;
	FILE *io = fopen("/proc/self/io", "r");

	assert_non_null(io);
	assert_non_null(fgets(text, sizeof(text), io));
	assert_int_equal(fclose(io), 0);
	assert_int_equal(strncmp(text, "rchar: ", 7), 0);
	n = strtoull(text + 7, NULL, 10);
	return n;
}

static void
who_jumps_does_not_read_all_between(void **state)
{
	enum { SIZE = 4 << 20, JUMPS = 1000, PIECE = 96 };
	struct spool *s = spool_new(0);
	struct fault f = FAULT_INIT;
	unsigned char piece[PIECE];
	uint64_t before, off = 1;
	size_t i;

	(void)state;
	add_octets(s, SIZE, 65536);
	before = octets_read();
	for (i = 0; i < JUMPS; i++) {
		off = (off * 1103515245 + 12345) % (SIZE - PIECE);
		assert_int_equal(spool_read(s, off, piece, PIECE, &f), RC_OK);
		assert_int_equal(piece[PIECE - 1], octet_at(off + PIECE - 1));
	}
	assert_true(octets_read() - before < (uint64_t)JUMPS * 10000);
	/* who reads on gets much at once */
	before = octets_read();
	check_octets(s, SIZE);
	assert_true(octets_read() - before < (uint64_t)4 * SIZE);
	spool_free(s);
}

static void
the_file_has_no_name(void **state)
{
	char dir[] = "/tmp/mailproof-spool.XXXXXX";
	struct dirent *entry;
	struct spool *s;
	DIR *d;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(setenv("TMPDIR", dir, 1), 0);
	s = spool_new(10);
	add_octets(s, 300000, 1000);
	d = opendir(dir);
	assert_non_null(d);
	for (entry = readdir(d); entry != NULL; entry = readdir(d))
		assert_true(entry->d_name[0] == '.');
	closedir(d);
	spool_free(s);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
a_missing_directory_is_named(void **state)
{
	struct fault f = FAULT_INIT;
	struct spool *s;

	(void)state;
	assert_int_equal(setenv("TMPDIR", "/nonexistent/place", 1), 0);
	s = spool_new(2);
	assert_int_equal(spool_add(s, "abc", 3, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_non_null(strstr(f.text, "/nonexistent/place"));
	assert_int_equal(unsetenv("TMPDIR"), 0);
	spool_free(s);
}

static void
a_full_disk_is_told_and_loses_nothing(void **state)
{
	struct rlimit old, low;
	struct fault f = FAULT_INIT;
	struct spool *s;
	unsigned char part[150000];

	(void)state;
	/* A limit on file sizes stands in for the disk: EFBIG. */
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = old;
	low.rlim_cur = 200000;
	s = spool_new(10);
	add_octets(s, 150000, 150000);
	memset(part, 'x', sizeof(part));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	assert_int_equal(spool_add(s, part, sizeof(part), &f), RC_STORE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(f.cause, CAUSE_CANTCREATE);
	assert_non_null(strstr(f.text, "temporary file in '"));
	assert_int_equal(spool_cut(s, 150000, &f), RC_OK);
	check_octets(s, 150000);
	spool_free(s);
}

static void
a_shared_spool_shows_the_same_and_leaves_it(void **state)
{
	struct spool *s, *a, *b;
	size_t i;

	(void)state;
	for (i = 0; i < N_BOUNDS; i++) {
		s = spool_new(bounds[i]);
		add_octets(s, 400000, 3000);
		a = spool_share(s);
		b = spool_share(s);
		check_octets(a, 400000);
		check_octets(b, 400000);
		spool_free(a);
		check_octets(b, 400000);
		spool_free(b);
		check_octets(s, 400000);
		add_octets(s, 5000, 3000);
		check_octets(s, 405000);
		spool_free(s);
	}
}

/* One that is at the file's other end must not be shown ours. */
static void
two_who_share_a_spool_do_not_meet(void **state)
{
	const unsigned char *p, *q;
	struct fault f = FAULT_INIT;
	struct spool *s, *a;
	size_t n, m;

	(void)state;
	s = spool_new(10);
	add_octets(s, 400000, 3000);
	a = spool_share(s);
	assert_int_equal(spool_view(s, 0, 1, &p, &n, &f), RC_OK);
	assert_int_equal(spool_view(a, 300001, 1, &q, &m, &f), RC_OK);
	assert_int_equal(*p, octet_at(0));
	assert_int_equal(*q, octet_at(300001));
	spool_free(a);
	spool_free(s);
}

static void
a_file_foreseen_spares_the_memory(void **state)
{
	struct spool *s = spool_new(4000000);

	(void)state;
	spool_expect(s, 5000000);
	assert_null(spool_room(s, 300000));
	add_octets(s, 5000000, 100000);
	check_octets(s, 5000000);
	spool_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    octets_come_back_from_memory_and_from_the_file),
		cmocka_unit_test(
		    room_is_given_in_memory_and_never_above_the_bound),
		cmocka_unit_test(a_cleared_spool_is_like_a_new_one),
		cmocka_unit_test(a_spool_can_be_cut_anywhere_and_go_on),
		cmocka_unit_test(what_was_cut_off_does_not_show_again),
		cmocka_unit_test(reading_out_of_range_is_our_bug),
		cmocka_unit_test(who_jumps_does_not_read_all_between),
		cmocka_unit_test(the_file_has_no_name),
		cmocka_unit_test(a_missing_directory_is_named),
		cmocka_unit_test(a_shared_spool_shows_the_same_and_leaves_it),
		cmocka_unit_test(two_who_share_a_spool_do_not_meet),
		cmocka_unit_test(a_full_disk_is_told_and_loses_nothing),
		cmocka_unit_test(a_file_foreseen_spares_the_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
