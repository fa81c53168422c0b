#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "stores/maildir/dotlock.h"
#include "tempdir.h"
#include "util/buf.h"
#include "util/interrupt.h"

/* A directory with a file in it, and a process that ended. */
struct place {
	char *dir;
	int fd;
	pid_t gone;
	char host[256];
};

static int
enter(void **state)
{
	static struct place p;

	p.dir = tempdir_new();
	tempdir_write(p.dir, "list", "old\n");
	p.fd = open(p.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p.gone = fork();
	if (p.gone == 0)
		_exit(0);
	if (p.fd == -1 || p.gone == -1 || waitpid(p.gone, NULL, 0) != p.gone ||
	    gethostname(p.host, sizeof(p.host)) != 0)
		return -1;
	*state = &p;
	return 0;
}

static int
leave(void **state)
{
	struct place *p = *state;

	(void)close(p->fd);
	tempdir_remove(p->dir);
	return 0;
}

static void
holds(const struct place *p, const char *name, const char *text)
{
	char *have = tempdir_read(p->dir, name);

	assert_string_equal(have, text);
	free(have);
}

static bool
is_there(const struct place *p, const char *name)
{
	return faccessat(p->fd, name, F_OK, 0) == 0;
}

static void
lock_of(const struct place *p, long pid, const char *host)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%ld:%s", pid, host);
	tempdir_write(p->dir, "list.lock", text);
}

static void
a_lock_names_its_process_and_host(void **state)
{
	struct place *p = *state;
	struct fault f = FAULT_INIT;
	struct dotlock l;
	char want[512];

	assert_int_equal(dotlock_take(&l, p->fd, "list", &f), RC_OK);
	(void)snprintf(want, sizeof(want), "%ld:%s", (long)getpid(), p->host);
	holds(p, "list.lock", want);
	dotlock_drop(&l);
	assert_false(is_there(p, "list.lock"));
	holds(p, "list", "old\n");
}

static void
what_is_published_takes_the_place_of_the_old(void **state)
{
	struct place *p = *state;
	struct fault f = FAULT_INIT;
	struct buf text = BUF_INIT;
	struct dotlock l;
	struct stat st;

	buf_adds(&text, "new\n");
	assert_int_equal(dotlock_take(&l, p->fd, "list", &f), RC_OK);
	assert_int_equal(dotlock_publish(&l, &text, &f), RC_OK);
	holds(p, "list", "new\n");
	assert_false(is_there(p, "list.lock"));
	assert_int_equal(fstatat(p->fd, "list", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_release(&text);
}

static void
the_lock_of_a_process_that_died_here_is_taken_over(void **state)
{
	struct place *p = *state;
	struct fault f = FAULT_INIT;
	struct dotlock l;

	lock_of(p, (long)p->gone, p->host);
	assert_int_equal(dotlock_take(&l, p->fd, "list", &f), RC_OK);
	dotlock_drop(&l);
	assert_false(is_there(p, "list.lock"));
}

static void
stays(struct place *p)
{
	struct fault f = FAULT_INIT;
	struct dotlock l;
	char *before = tempdir_read(p->dir, "list.lock");

	interrupt_raise(15); /* ends the wait */
	assert_int_equal(dotlock_take(&l, p->fd, "list", &f), RC_STORE);
	interrupt_raise(0);
	assert_int_equal(f.cause, CAUSE_TEMPORARY);
	holds(p, "list.lock", before);
	free(before);
}

static void
the_lock_of_a_living_process_stays(void **state)
{
	struct place *p = *state;

	lock_of(p, (long)getppid(), p->host);
	stays(p);
}

static void
the_lock_of_another_host_stays(void **state)
{
	struct place *p = *state;

	lock_of(p, (long)p->gone, "elsewhere.example");
	stays(p);
}

static void
a_lock_that_says_nothing_stays(void **state)
{
	static const char *const text[] = { "", "3 V1 N2\n", "0:", "-1:x",
		"99999999999999999999:x", "12" };
	struct place *p = *state;
	size_t i;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		tempdir_write(p->dir, "list.lock", text[i]);
		stays(p);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lock_names_its_process_and_host),
		TEST(what_is_published_takes_the_place_of_the_old),
		TEST(the_lock_of_a_process_that_died_here_is_taken_over),
		TEST(the_lock_of_a_living_process_stays),
		TEST(the_lock_of_another_host_stays),
		TEST(a_lock_that_says_nothing_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
