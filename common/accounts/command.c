#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accounts/command.h"
#include "util/interrupt.h"

enum { COMMAND_INPUT = 0, COMMAND_OUTPUT = 1 }; /* its descriptors */

static enum rc
config(struct fault *f, const char *what, int error)
{
	return fault_set(f, RC_STORE, CAUSE_CONFIG,
	    "cannot run the command: %s: %s", what, strerror(error));
}

/* SIGPIPE and SIGXFSZ are ignored by us and would be by the command. */
static int
start(const char *command, int out, pid_t *pid_r)
{
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
		e = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	if (e == 0)
		e = posix_spawn(pid_r, "/bin/sh", &actions, &attr, argv,
		    environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	return e;
}

/* The room is made at once: a buf that grows leaves copies behind. */
static enum rc
collect(int fd, size_t max, struct buf *out, struct fault *f)
{
	unsigned char *p = buf_room(out, max + 1);
	size_t have = 0;
	ssize_t n;
	enum rc rc;

	for (;;) {
		n = read(fd, p + have, max + 1 - have);
		if (n == -1 && errno == EINTR) {
			rc = interrupt_check(f);
			if (rc != RC_OK)
				return rc;
			continue;
		}
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

static enum rc
reap(pid_t pid, struct fault *f)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return config(f, "wait", errno);
	if (WIFSIGNALED(status))
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "the command was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "the command ended with status %d", WEXITSTATUS(status));
	return RC_OK;
}

enum rc
command_output(const char *command, size_t max, struct buf *out,
    struct fault *f)
{
	struct fault ignored;
	int fd[2], e;
	enum rc rc;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) == -1)
		return config(f, "pipe", errno);
	e = start(command, fd[1], &pid);
	(void)close(fd[1]);
	if (e != 0) {
		(void)close(fd[0]);
		return config(f, "/bin/sh", e);
	}
	rc = collect(fd[0], max, out, f);
	(void)close(fd[0]);
	if (rc == RC_OK)
		return reap(pid, f);
	/* Our child until we have waited for it: the number is its own. */
	(void)kill(pid, SIGTERM);
	(void)!reap(pid, &ignored);
	return rc;
}
