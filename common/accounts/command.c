#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accounts/command.h"
#include "util/clock.h"
#include "util/interrupt.h"

enum {
	COMMAND_INPUT = 0, /* its descriptors */
	COMMAND_OUTPUT = 1,
	SLICE_MS = 200,  /* a signal may come before we wait, or go to another
			  * thread: then nothing ends a wait */
	REAP_MS = 5,     /* between looks at one that is to end in time */
	GRACE_MS = 1000, /* from SIGTERM to SIGKILL */
};

/* One at work. */
struct run {
	pid_t pid;
	int ms;        /* 0: no bound, and it shares our process group, so
			* that it can ask on the terminal */
	int64_t until; /* clock_ms */
};

static enum rc
config(struct fault *f, const char *what, int error)
{
	return fault_set(f, RC_STORE, CAUSE_CONFIG,
	    "cannot run the command: %s: %s", what, strerror(error));
}

/* SIGPIPE and SIGXFSZ are ignored by us and would be by the command.  One
 * that is bounded has a process group of its own: what it started ends with
 * it. */
static int
start(const char *command, int out, struct run *run)
{
	short flags = POSIX_SPAWN_SETSIGDEF;
	char sh[] = "sh", c[] = "-c";
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t set;
	union {
		const char *in;
		char *out;
	} word = { command };
	char *argv[] = { sh, c, word.out, NULL };
	int e;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)sigaddset(&set, SIGXFSZ);
	e = posix_spawn_file_actions_init(&actions);
	if (e != 0)
		return e;
	e = posix_spawnattr_init(&attr);
	if (e != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return e;
	}
	e = posix_spawn_file_actions_addopen(&actions, COMMAND_INPUT,
	    "/dev/null", O_RDONLY, 0);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(&actions, out,
		    COMMAND_OUTPUT);
	if (e == 0)
		e = posix_spawnattr_setsigdefault(&attr, &set);
	if (e == 0)
		e = posix_spawnattr_setflags(&attr,
		    (short)(flags | (run->ms > 0 ? POSIX_SPAWN_SETPGROUP : 0)));
	if (e == 0)
		e = posix_spawn(&run->pid, "/bin/sh", &actions, &attr, argv,
		    environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	return e;
}

static enum rc
too_slow(const struct run *run, struct fault *f)
{
	return fault_set(f, RC_STORE, CAUSE_CONFIG,
	    "the command is not done after %d s: it was ended",
	    (run->ms + 999) / 1000);
}

/* Until there is something to read. */
static enum rc
await(const struct run *run, int fd, struct fault *f)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do {
		if (interrupt_check(f) != RC_OK)
			return RC_STORE;
		if (run->ms > 0 && clock_ms() >= run->until)
			return too_slow(run, f);
		n = poll(&p, 1, SLICE_MS);
	} while (n == 0 || (n == -1 && errno == EINTR));
	return n == -1 ? config(f, "poll", errno) : RC_OK;
}

/* The room is made at once: a buf that grows leaves copies behind. */
static enum rc
collect(const struct run *run, int fd, size_t max, struct buf *out,
    struct fault *f)
{
	unsigned char *p = buf_room(out, max + 1);
	size_t have = 0;
	ssize_t n;
	enum rc rc;

	for (;;) {
		rc = await(run, fd, f);
		if (rc != RC_OK)
			return rc;
		n = read(fd, p + have, max + 1 - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return config(f, "read", errno);
		if (n == 0)
			break;
		have += (size_t)n;
		if (have > max)
			return fault_set(f, RC_STORE, CAUSE_CONFIG,
			    "the command writes more than %zu octets", max);
	}
	out->len += have;
	return RC_OK;
}

/* RC_END: it is not done at the time. */
static enum rc
await_end(const struct run *run, int64_t until, int *status_r, struct fault *f)
{
	pid_t pid;

	for (;;) {
		pid = waitpid(run->pid, status_r, run->ms > 0 ? WNOHANG : 0);
		if (pid == run->pid)
			return RC_OK;
		if (pid == -1 && errno != EINTR)
			return config(f, "wait", errno);
		if (run->ms > 0 && clock_ms() >= until)
			return RC_END;
		if (run->ms > 0)
			(void)poll(NULL, 0, REAP_MS);
	}
}

/* Our child until we have waited for it: the number is its own. */
static void
end(const struct run *run)
{
	struct fault ignored;
	int status;

	if (run->ms == 0) {
		(void)kill(run->pid, SIGTERM);
		(void)!await_end(run, 0, &status, &ignored);
		return;
	}
	(void)kill(-run->pid, SIGTERM);
	if (await_end(run, clock_ms() + GRACE_MS, &status, &ignored) != RC_END)
		return;
	(void)kill(-run->pid, SIGKILL);
	(void)!await_end(run, INT64_MAX, &status, &ignored);
}

static enum rc
reap(const struct run *run, struct fault *f)
{
	int status = 0;
	enum rc rc;

	rc = await_end(run, run->until, &status, f);
	if (rc == RC_END) {
		end(run);
		return too_slow(run, f);
	}
	if (rc != RC_OK)
		return rc;
	if (WIFSIGNALED(status))
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "the command was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "the command ended with status %d", WEXITSTATUS(status));
	return RC_OK;
}

enum rc
command_output(const char *command, int ms, size_t max, struct buf *out,
    struct fault *f)
{
	struct run run = { .ms = ms, .until = clock_ms() + ms };
	int fd[2], e;
	enum rc rc;

	if (pipe2(fd, O_CLOEXEC) == -1)
		return config(f, "pipe", errno);
	e = start(command, fd[1], &run);
	(void)close(fd[1]);
	if (e != 0) {
		(void)close(fd[0]);
		return config(f, "/bin/sh", e);
	}
	rc = collect(&run, fd[0], max, out, f);
	(void)close(fd[0]);
	if (rc == RC_OK)
		return reap(&run, f);
	end(&run);
	return rc;
}
