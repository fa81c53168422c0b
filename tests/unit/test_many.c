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

#include "bytes/hash.h"
#include "mail/harvest.h"
#include "stores/imap/imap.h"
#include "tests/unit/signing.h"
#include "tests/unit/tempdir.h"
#include "util/buf.h"

/* What a harvest of a large folder takes in memory. */

enum {
	FEW = 40000,
	MANY = 240000,
	/* struct msg, a byte that tells what has its fate, what is copied
	 * for a connection; not twice that */
	OCTETS_EACH = 72,
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
	struct imap_config c = { .at.location = "many",
		.at.host = "127.0.0.1",
		.at.port = port,
		.at.security = SECURITY_NONE,
		.who.user = "anna",
		.who.secret = give_secret,
		.at.timeout_ms = 60000,
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

/* KiB at the most, of a child that has to end with this status. */
static long
peak_of(pid_t pid, int wanted)
{
	struct rusage used;
	int status;

	assert_true(pid >= 0);
	assert_int_equal(wait4(pid, &status, 0, &used), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), wanted);
	return used.ru_maxrss;
}

static long
peak(uint32_t messages)
{
	const struct many_plan plan = { messages, 1 };
	struct many m;
	long most;
	pid_t pid;

	many_start(&m, &plan);
	pid = fork();
	if (pid == 0)
		_exit(harvest(m.port, messages));
	most = peak_of(pid, 0);
	many_stop(&m);
	return most;
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

/* The programs, each against a server that holds so many, with segments so
 * small that what comes and goes hides nothing; what the last one
 * made is read by the next. */
static const struct {
	const char *program;
	const char *option[2];
	const char *key;
	int status;
	uint32_t held; /* of a million messages of the archive */
	long octets;   /* a message may take */
} runs[] = {
	{ "mbackup", { "-q", "--segment-size=1M" }, "-s", 0, 1000000, 115 },
	{ "maudit", { "-q", "--level=full" }, "-p", 0, 1000000, 105 },
	{ "maudit", { "-q", "--level=full" }, "-p", 1, 0, 130 },
	{ "mrestore", { "-q", "-n" }, "-p", 0, 1000000, 165 },
	/* of no archive */
	{ "msurvey", { "-q", "--format=tsv" }, NULL, 0, 1000000, 75 },
	{ "msurvey", { "-q", "--deep" }, NULL, 0, 1000000, 110 },
};

enum { RUNS = sizeof(runs) / sizeof(runs[0]) };

static void
run_program(size_t i, const char *dir, uint16_t port)
{
	const bool makes = strcmp(runs[i].program, "mbackup") == 0;
	const char *program =
	    tempdir_path(getenv("MAILPROOF_BIN"), runs[i].program);
	const char *archive = tempdir_path(dir, "a.tar.zst");
	char location[64];

	(void)snprintf(location, sizeof(location),
	    "imap+plain://anna@127.0.0.1:%u", port);
	(void)setenv("HOME", dir, 1);
	(void)setenv("XDG_STATE_HOME", dir, 1);
	(void)setenv("MANY_SECRET", "x", 1);
	if (makes) {
		(void)unlink(archive);
		(void)unlink(tempdir_path(dir, "a.tar.zst.minisig"));
	}
	if (freopen("/dev/null", "w", stdout) == NULL)
		_exit(127);
	if (runs[i].key == NULL)
		(void)execl(program, program, runs[i].option[0],
		    runs[i].option[1], "--secret=env:MANY_SECRET", "-j2",
		    "--compress-line=off", location, NULL);
	else
		(void)execl(program, program, runs[i].option[0],
		    runs[i].option[1], "--secret=env:MANY_SECRET", "-j2",
		    "--compress-line=off", runs[i].key,
		    tempdir_path(dir, makes ? "sec" : "pub"),
		    makes ? "-o" : archive, makes ? archive : location,
		    makes ? location : NULL, NULL);
	_exit(127);
}

static long
program_peak(size_t i, const char *dir, uint32_t messages)
{
	const struct many_plan plan = {
		(uint32_t)((uint64_t)messages * runs[i].held / 1000000), 1
	};
	struct many m;
	long most;
	pid_t pid;

	many_start(&m, &plan);
	pid = fork();
	if (pid == 0)
		run_program(i, dir, m.port);
	most = peak_of(pid, runs[i].status);
	many_stop(&m);
	return most;
}

static void
a_message_takes_few_octets_of_each_program(void **state)
{
	static const uint32_t messages[] = { FEW, MANY };
	long kib[2][RUNS], each;
	char *dir;
	size_t i, k;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	if (getenv("MAILPROOF_BIN") == NULL)
		skip();
	assert_true(hash_startup());
	dir = tempdir_new();
	signing_generate(tempdir_path(dir, "pub"), tempdir_path(dir, "sec"));
	for (k = 0; k < 2; k++)
		for (i = 0; i < RUNS; i++)
			kib[k][i] = program_peak(i, dir, messages[k]);
	for (i = 0; i < RUNS; i++) {
		each = (kib[1][i] - kib[0][i]) * 1024 / (long)(MANY - FEW);
		printf("# %s %s, %u held: %ld KiB, %ld octets each\n",
		    runs[i].program, runs[i].option[1], runs[i].held, kib[1][i],
		    each);
		assert_true(each < runs[i].octets);
	}
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_that_is_listed_takes_few_octets),
		cmocka_unit_test(a_message_takes_few_octets_of_each_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
