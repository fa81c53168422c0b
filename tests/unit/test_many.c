#include "tests/unit/many.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mail/harvest.h"
#include "stores/imap/imap.h"
#include "util/buf.h"

/* What a harvest of a large folder takes in memory. */

enum {
	FEW = 40000,
	MANY = 240000,
	/* struct msg, a byte that tells what has its fate, what is copied
	 * for a connection; not twice that */
	OCTETS_EACH = 80,
};

static uint64_t came;

static enum rc
give_secret(void *arg, struct buf *b, struct fault *f)
{
	(void)arg;
	(void)f;
	buf_adds(b, "x");
	return RC_OK;
}

static enum rc
open_one(void *arg, struct store **r, struct fault *f)
{
	return imap_open(arg, r, f);
}

static enum rc
on_begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	(void)arg;
	(void)h;
	(void)f;
	return RC_OK;
}

static enum rc
on_message(void *arg, struct harvest_folder *h, const struct harvest_message *m,
    struct fault *f)
{
	(void)arg;
	(void)h;
	(void)f;
	came += m->fate == READ_BODY;
	return RC_OK;
}

static void
on_end(void *arg, struct harvest_folder *h)
{
	(void)arg;
	(void)h;
}

static enum rc
on_failed(void *arg, struct harvest_folder *h, bool begun, struct fault *f)
{
	(void)arg;
	(void)h;
	(void)begun;
	(void)f;
	return RC_OK;
}

static void
on_lost(void *arg, const struct fault *f, unsigned left)
{
	(void)arg;
	(void)f;
	(void)left;
}

/* In a process of its own: 0 when all came. */
static int
harvest(uint16_t port, uint32_t messages)
{
	static const struct harvest_ops ops = { .begin = on_begin,
		.message = on_message,
		.end = on_end,
		.drop = on_end,
		.failed = on_failed,
		.lost = on_lost };
	struct imap_config c = { .location = "many",
		.host = "127.0.0.1",
		.port = port,
		.security = IMAP_PLAIN,
		.user = "anna",
		.secret = give_secret,
		.timeout_ms = 60000,
		.compress = IMAP_COMPRESS_OFF };
	struct harvest h = { &ops, NULL, NULL, open_one, &c, 8 };
	struct folders folders = FOLDERS_INIT;
	const struct folder *list[1];
	struct fault f = FAULT_INIT;

	if (imap_open(&c, &h.store, &f) != RC_OK ||
	    h.store->ops->folders(h.store, &folders, &f) != RC_OK ||
	    folders.n != 1)
		return 2;
	list[0] = &folders.v[0];
	if (harvest_run(&h, list, 1, &f) != RC_OK)
		return 3;
	folders_release(&folders);
	store_free(h.store);
	return came == messages ? 0 : 4;
}

/* KiB at the most. */
static long
peak(uint32_t messages)
{
	struct rusage used;
	struct many m;
	int status;
	pid_t pid;

	many_start(&m, messages);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(harvest(m.port, messages));
	assert_int_equal(wait4(pid, &status, 0, &used), pid);
	many_stop(&m);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return used.ru_maxrss;
}

static void
a_message_that_is_listed_takes_few_octets(void **state)
{
	long few, many;

	(void)state;
	few = peak(FEW);
	many = peak(MANY);
	printf("# %ld KiB, %ld KiB\n", few, many);
#ifndef __SANITIZE_ADDRESS__
	assert_true((many - few) * 1024 < (long)(MANY - FEW) * OCTETS_EACH);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_that_is_listed_takes_few_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
