#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/pool/pool.h"
#include "util/interrupt.h"

enum { JOBS = 40, LARGE = 200 * 1000 };

/* What a job does, by its number. */
enum deed {
	DEED_ANSWER,
	DEED_CRASH,
	DEED_HANG,
	DEED_LEAVE,
	DEED_LARGE,
	DEED_SLOW,
	DEED_OBEY,
	DEED_SAY,
};

struct play {
	enum deed deed[JOBS];
	const char *host[JOBS];
	enum pool_fate fate[JOBS];
	size_t octets[JOBS];
	unsigned calls[JOBS];
	unsigned news[JOBS];
	size_t connections; /* of each job at its host */
	int signo;          /* raised at the first news; 0 */
	/* in memory of all: jobs that run at one host, and the most so far */
	struct {
		int running[2];
		int most[2];
	} * shared;
};

static const char *
host_of(void *arg, size_t job, size_t i)
{
	const struct play *p = arg;

	return i < p->connections ? p->host[job] : NULL;
}

static void
come(struct play *p, size_t job, int by)
{
	const int i = p->host[job] != NULL && p->host[job][0] == 'b';
	int n =
	    __atomic_add_fetch(&p->shared->running[i], by, __ATOMIC_SEQ_CST);
	int most = __atomic_load_n(&p->shared->most[i], __ATOMIC_SEQ_CST);

	while (n > most &&
	    !__atomic_compare_exchange_n(&p->shared->most[i], &most, n, false,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		continue;
}

static void
work(void *arg, size_t job, struct pool_line *line, struct buf *b)
{
	struct play *p = arg;

	come(p, job, 1);
	switch (p->deed[job]) {
	case DEED_CRASH:
		(void)raise(SIGKILL);
		break;
	case DEED_HANG:
		for (;;)
			(void)pause();
		break;
	case DEED_LEAVE:
		_exit(0);
		break;
	case DEED_LARGE:
		memset(buf_room(b, LARGE), 'x', LARGE);
		b->len += LARGE;
		break;
	case DEED_SLOW:
		(void)poll(NULL, 0, 30);
		break;
	case DEED_OBEY:
		pool_say(line, "here", 4);
		while (interrupt_signal() == 0)
			(void)poll(NULL, 0, 1000);
		/* to clean up: no signal, and then one again */
		pool_spare(line, 20);
		if (interrupt_signal() != 0)
			abort();
		(void)raise(SIGTERM);
		while (interrupt_signal() == 0)
			(void)poll(NULL, 0, 1000);
		buf_adds(b, "cleaned");
		break;
	case DEED_SAY:
		memset(buf_room(b, LARGE), 'x', LARGE);
		pool_say(line, b->data, LARGE);
		pool_say(line, b->data, 0);
		pool_say(line, "xxx", 3);
		(void)raise(SIGKILL);
		break;
	case DEED_ANSWER:
		buf_addf(b, "%zu", job);
		break;
	}
	come(p, job, -1);
}

static void
ended(void *arg, size_t job, enum pool_fate fate, const struct buf *b)
{
	struct play *p = arg;

	p->calls[job]++;
	p->fate[job] = fate;
	p->octets[job] += b->len;
}

static void
said(void *arg, size_t job, const struct buf *b)
{
	struct play *p = arg;
	size_t i;

	p->news[job]++;
	p->octets[job] += b->len;
	for (i = 0; p->deed[job] == DEED_SAY && i < b->len; i++)
		assert_int_equal(b->data[i], 'x');
	if (p->signo != 0)
		interrupt_raise(p->signo);
}

static struct pool
prepare(struct play *p)
{
	memset(p, 0, sizeof(*p));
	p->connections = 1;
	p->shared = mmap(NULL, sizeof(*p->shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(p->shared != MAP_FAILED);
	return (struct pool){ .jobs = JOBS,
		.at_once = 8,
		.per_host = 8,
		.limit_ms = 60000,
		.grace_ms = 60000,
		.host = host_of,
		.work = work,
		.said = said,
		.ended = ended,
		.arg = p };
}

static void
finish(struct play *p)
{
	assert_int_equal(munmap(p->shared, sizeof(*p->shared)), 0);
}

static void
what_becomes_of_one_job_touches_no_other(void **state)
{
	struct fault f = FAULT_INIT;
	struct play p;
	struct pool pool = prepare(&p);
	size_t i;

	(void)state;
	p.deed[0] = p.deed[17] = DEED_CRASH;
	p.deed[3] = p.deed[39] = DEED_HANG;
	p.deed[5] = DEED_LEAVE;
	p.deed[6] = DEED_LARGE;
	pool.limit_ms = 1500; /* a busy machine answers within */
	assert_int_equal(pool_run(&pool, &f), RC_OK);
	for (i = 0; i < JOBS; i++) {
		assert_int_equal(p.calls[i], 1);
		switch (p.deed[i]) {
		case DEED_CRASH:
		case DEED_LEAVE:
			assert_int_equal(p.fate[i], POOL_CRASHED);
			assert_int_equal(p.octets[i], 0);
			break;
		case DEED_HANG:
			assert_int_equal(p.fate[i], POOL_LATE);
			break;
		case DEED_LARGE:
			assert_int_equal(p.fate[i], POOL_DONE);
			assert_int_equal(p.octets[i], LARGE);
			break;
		case DEED_OBEY:
		case DEED_SAY:
			fail();
			break;
		case DEED_SLOW:
		case DEED_ANSWER:
			assert_int_equal(p.fate[i], POOL_DONE);
			assert_int_equal(p.octets[i], i < 10 ? 1 : 2);
			break;
		}
	}
	finish(&p);
}

static void
no_host_has_more_than_it_may(void **state)
{
	struct fault f = FAULT_INIT;
	struct play p;
	struct pool pool = prepare(&p);
	size_t i;

	(void)state;
	for (i = 0; i < JOBS; i++)
		p.deed[i] = DEED_SLOW;
	for (i = 0; i < JOBS; i++)
		p.host[i] = i < JOBS / 2 ? "a" : "b";
	pool.per_host = 2;
	assert_int_equal(pool_run(&pool, &f), RC_OK);
	for (i = 0; i < JOBS; i++)
		assert_int_equal(p.fate[i], POOL_DONE);
	assert_in_range(p.shared->most[0], 1, 2);
	assert_in_range(p.shared->most[1], 1, 2);
	finish(&p);
}

static void
hosts_without_a_limit_share_what_there_is(void **state)
{
	struct fault f = FAULT_INIT;
	struct play p;
	struct pool pool = prepare(&p);

	size_t i;

	(void)state;
	for (i = 0; i < JOBS; i++)
		p.deed[i] = DEED_SLOW;
	pool.per_host = 1; /* and no host is named */
	pool.at_once = 3;
	assert_int_equal(pool_run(&pool, &f), RC_OK);
	assert_in_range(p.shared->most[0], 2, 3);
	finish(&p);
}

static void
a_job_with_more_connections_has_the_host_alone(void **state)
{
	struct fault f = FAULT_INIT;
	struct play p;
	struct pool pool = prepare(&p);
	size_t i;

	(void)state;
	for (i = 0; i < JOBS; i++) {
		p.deed[i] = DEED_SLOW;
		p.host[i] = i < 4 ? (i % 2 == 0 ? "a" : "A") : "b";
	}
	pool.jobs = 12;
	p.connections = 3;
	pool.per_host = 2;
	assert_int_equal(pool_run(&pool, &f), RC_OK);
	assert_int_equal(p.shared->most[0], 1);
	assert_int_equal(p.shared->most[1], 1);
	pool = (finish(&p), prepare(&p));
	for (i = 0; i < JOBS; i++) {
		p.deed[i] = DEED_SLOW;
		p.host[i] = "a";
	}
	pool.jobs = 12;
	p.connections = 2;
	pool.per_host = 5;
	assert_int_equal(pool_run(&pool, &f), RC_OK);
	assert_in_range(p.shared->most[0], 1, 2);
	finish(&p);
}

static void
news_come_whole_and_before_a_crash(void **state)
{
	struct fault f = FAULT_INIT;
	struct play p;
	struct pool pool = prepare(&p);

	(void)state;
	p.deed[3] = DEED_SAY;
	assert_int_equal(pool_run(&pool, &f), RC_OK);
	assert_int_equal(p.news[3], 3);
	assert_int_equal(p.octets[3], LARGE + 3);
	assert_int_equal(p.fate[3], POOL_CRASHED);
	finish(&p);
}

static void
a_signal_is_a_request_and_then_the_end(void **state)
{
	struct fault f = FAULT_INIT;
	struct play p;
	struct pool pool = prepare(&p);
	size_t i;

	(void)state;
	for (i = 0; i < JOBS; i++)
		p.deed[i] = i == 1 ? DEED_HANG : DEED_OBEY;
	p.signo = SIGTERM;
	pool.at_once = 3;
	pool.grace_ms = 1000; /* a busy machine answers within */
	assert_int_equal(pool_run(&pool, &f), RC_STORE);
	interrupt_raise(0);
	assert_int_equal(f.cause, CAUSE_TEMPORARY);
	assert_string_equal(f.text, "interrupted by SIGTERM");
	for (i = 0; i < JOBS; i++)
		assert_int_equal(p.calls[i], i < 3);
	assert_int_equal(p.fate[0], POOL_DONE);
	assert_int_equal(p.fate[1], POOL_STOPPED);
	assert_int_equal(p.fate[2], POOL_DONE);
	finish(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_becomes_of_one_job_touches_no_other),
		cmocka_unit_test(no_host_has_more_than_it_may),
		cmocka_unit_test(hosts_without_a_limit_share_what_there_is),
		cmocka_unit_test(
		    a_job_with_more_connections_has_the_host_alone),
		cmocka_unit_test(news_come_whole_and_before_a_crash),
		cmocka_unit_test(a_signal_is_a_request_and_then_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
