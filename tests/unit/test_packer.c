#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "stores/archive/format.h"
#include "stores/archive/packer.h"
#include "util/mem.h"

enum { SEGMENTS = 40, NEVER = 1000, FILE_MAX = 200000 };

/* What the owner saw: the parcels' hashes and lines, in their order. */
struct seen {
	struct hash hash[SEGMENTS];
	struct buf lines;
	unsigned n;
	unsigned fail_at; /* of the parcels */
};

static enum rc
keep(void *arg, struct parcel *p, struct fault *f)
{
	struct seen *s = arg;
	struct hash hash;
	struct hasher h;
	const unsigned char *at;
	size_t n;

	if (s->n == s->fail_at)
		return fault_set(f, RC_STORE, CAUSE_CANTCREATE, "disk full");
	assert_true(s->n < SEGMENTS);
	assert_int_equal(p->frame.compressed, spool_size(p->packed));
	assert_int_equal(spool_view(p->packed, 0, SIZE_MAX, &at, &n, f), RC_OK);
	assert_int_equal(n, p->frame.compressed);
	hasher_init(&h);
	hasher_add(&h, at, n);
	hasher_end(&h, &hash);
	assert_true(hash_equal(&hash, &p->frame.hash));
	s->hash[s->n++] = hash;
	buf_add(&s->lines, p->lines.data, p->lines.len);
	return RC_OK;
}

static void
release(struct seen *s)
{
	buf_release(&s->lines);
}

/* The i-th: sizes go up and down, so that the pool overtakes itself. */
static void
fill(struct segment *s, unsigned i)
{
	const size_t n = i % 5 == 0 ? FILE_MAX : 100 * (size_t)i;
	struct spool *text = spool_new(FILE_MAX);
	struct fault f = FAULT_INIT;
	uint32_t x = i;
	unsigned char c;
	char *path;
	size_t k;

	for (k = 0; k < n; k++) {
		x = x * 1664525 + 1013904223;
		c = (unsigned char)("etaoin shrdlu\n\xff\1"[x >> 28]);
		assert_int_equal(spool_add(text, &c, 1, &f), RC_OK);
	}
	path = xasprintf("file%u", i);
	assert_true(segment_is_empty(s));
	assert_int_equal(segment_add_file(s, path, 1, text, &f), RC_OK);
	free(path);
	spool_free(text);
}

static enum rc
run(unsigned threads, uint64_t size, struct seen *s, struct fault *f)
{
	const struct packer_plan plan = { threads, size, FRAME_USUAL, keep, s };
	struct packer *p;
	unsigned i;
	enum rc rc;

	assert_int_equal(packer_new(&plan, &p, f), RC_OK);
	rc = packer_drain(p, f);
	for (i = 0; rc == RC_OK && i < SEGMENTS; i++) {
		fill(packer_segment(p), i);
		rc = packer_give(p, f);
	}
	if (rc == RC_OK)
		rc = packer_drain(p, f);
	if (rc != RC_OK) {
		/* It stays so, and nothing waits for what never comes. */
		assert_int_equal(packer_check(p, f), rc);
		assert_int_equal(packer_give(p, f), rc);
		assert_int_equal(packer_give(p, f), rc);
		assert_int_equal(packer_drain(p, f), rc);
	}
	packer_free(p);
	return rc;
}

static void
any_number_of_threads_gives_the_same_in_the_same_order(void **state)
{
	static const unsigned threads[] = { 2, 4, 7 };
	struct seen one = { .fail_at = NEVER };
	struct fault f = FAULT_INIT;
	size_t i;

	(void)state;
	assert_int_equal(run(1, 1 << 20, &one, &f), RC_OK);
	assert_int_equal(one.n, SEGMENTS);
	for (i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
		struct seen many = { .fail_at = NEVER };

		assert_int_equal(run(threads[i], 1 << 20, &many, &f), RC_OK);
		assert_int_equal(many.n, SEGMENTS);
		assert_memory_equal(many.hash, one.hash, sizeof(one.hash));
		assert_int_equal(many.lines.len, one.lines.len);
		assert_memory_equal(many.lines.data, one.lines.data,
		    one.lines.len);
		release(&many);
	}
	release(&one);
}

/* A writer that does not go on before so many were given. */
struct slow {
	pthread_mutex_t lock;
	pthread_cond_t given;
	unsigned n, wanted;
	bool waited; /* in vain */
};

static enum rc
keep_slowly(void *arg, struct parcel *p, struct fault *f)
{
	struct slow *s = arg;
	struct timespec end;

	(void)p;
	(void)f;
	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 5;
	pthread_mutex_lock(&s->lock);
	while (s->n < s->wanted && !s->waited)
		s->waited =
		    pthread_cond_timedwait(&s->given, &s->lock, &end) != 0;
	pthread_mutex_unlock(&s->lock);
	return RC_OK;
}

/* There is memory for three that are full, and two of their frames. */
static void
while_one_is_written_small_ones_are_given(void **state)
{
	struct slow s = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.given = PTHREAD_COND_INITIALIZER,
		.wanted = 8 };
	const struct packer_plan plan = { 2, 1 << 20, FRAME_USUAL, keep_slowly,
		&s };
	struct fault f = FAULT_INIT;
	struct packer *p;
	unsigned i;

	(void)state;
	assert_int_equal(packer_new(&plan, &p, &f), RC_OK);
	for (i = 0; i < s.wanted; i++) {
		fill(packer_segment(p), i);
		assert_int_equal(packer_give(p, &f), RC_OK);
		pthread_mutex_lock(&s.lock);
		s.n++;
		pthread_cond_signal(&s.given);
		pthread_mutex_unlock(&s.lock);
	}
	assert_int_equal(packer_drain(p, &f), RC_OK);
	packer_free(p);
	assert_false(s.waited);
}

static void
what_cannot_be_written_fails_the_calls_that_follow(void **state)
{
	static const unsigned at[] = { 0, 1, 17, SEGMENTS - 1 };
	struct fault f = FAULT_INIT;
	unsigned threads;
	size_t i;

	(void)state;
	for (threads = 1; threads <= 4; threads += 3)
		for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
			struct seen s = { .fail_at = at[i] };

			assert_int_equal(run(threads, 1 << 20, &s, &f),
			    RC_STORE);
			assert_int_equal(f.cause, CAUSE_CANTCREATE);
			assert_string_equal(f.text, "disk full");
			assert_int_equal(s.n, at[i]);
			release(&s);
		}
}

/* Segments that go to a file cannot be packed where there is none; those
 * before are written. */
static void
what_cannot_be_packed_fails_in_its_turn(void **state)
{
	struct seen s = { .fail_at = NEVER };
	const struct packer_plan plan = { 3, 1 << 10, FRAME_USUAL, keep, &s };
	struct spool *large = spool_new(1 << 20);
	struct fault f = FAULT_INIT;
	struct packer *p;
	char *text = xcalloc(FILE_MAX, 1);
	uint32_t x = 1;
	size_t i;

	(void)state;
	for (i = 0; i < FILE_MAX; i++) {
		x = x * 1664525 + 1013904223;
		text[i] = (char)(x >> 24 & 0x7f);
	}
	assert_int_equal(spool_add(large, text, FILE_MAX, &f), RC_OK);
	assert_int_equal(packer_new(&plan, &p, &f), RC_OK);
	for (i = 0; i < 3; i++) {
		fill(packer_segment(p), (unsigned)i + 1);
		assert_int_equal(packer_give(p, &f), RC_OK);
	}
	assert_int_equal(segment_add_file(packer_segment(p), "x", 1, large, &f),
	    RC_OK);
	/* the segment has its file by now, what it becomes has not */
	assert_int_equal(setenv("TMPDIR", "/nonexistent", 1), 0);
	if (packer_give(p, &f) == RC_OK)
		assert_int_equal(packer_drain(p, &f), RC_STORE);
	assert_int_equal(packer_check(p, &f), RC_STORE);
	unsetenv("TMPDIR");
	assert_non_null(strstr(f.text, "/nonexistent"));
	assert_int_equal(s.n, 3);
	packer_free(p);
	spool_free(large);
	free(text);
	release(&s);
}

static void
a_packer_may_go_before_its_work_is_done(void **state)
{
	struct seen s = { .fail_at = NEVER };
	const struct packer_plan plan = { 3, 1 << 20, FRAME_USUAL, keep, &s };
	struct fault f = FAULT_INIT;
	struct packer *p;
	unsigned i;

	(void)state;
	for (i = 0; i < 20; i++) {
		assert_int_equal(packer_new(&plan, &p, &f), RC_OK);
		s.n = 0;
		fill(packer_segment(p), 5);
		assert_int_equal(packer_give(p, &f), RC_OK);
		fill(packer_segment(p), i);
		assert_int_equal(packer_give(p, &f), RC_OK);
		packer_free(p);
	}
	release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    any_number_of_threads_gives_the_same_in_the_same_order),
		cmocka_unit_test(while_one_is_written_small_ones_are_given),
		cmocka_unit_test(
		    what_cannot_be_written_fails_the_calls_that_follow),
		cmocka_unit_test(what_cannot_be_packed_fails_in_its_turn),
		cmocka_unit_test(a_packer_may_go_before_its_work_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
