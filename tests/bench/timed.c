/*
 * timed: runs a command and writes one line to FILE: seconds of wall time,
 * of user time, of system time (the command and the children it waited for),
 * the largest peak of memory of one of them in KiB, and the exit status.
 *
 *   timed FILE COMMAND [ARGUMENT...]
 *
 * A parent of its own and a small one: the peak of a process starts with
 * that of the one it was forked from.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double
seconds(struct timeval at)
{
	return (double)at.tv_sec + (double)at.tv_usec / 1e6;
}

static double
now(void)
{
	struct timespec at;

	if (clock_gettime(CLOCK_MONOTONIC, &at) != 0)
		err(71, "clock");
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	struct rusage use;
	double start, wall;
	pid_t pid;
	FILE *file;
	int status;

	if (argc < 3)
		errx(64, "usage: timed FILE COMMAND [ARGUMENT...]");
	file = fopen(argv[1], "we");
	if (file == NULL)
		err(73, "%s", argv[1]);
	start = now();
	pid = fork();
	if (pid < 0)
		err(71, "fork");
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		err(127, "%s", argv[2]);
	}
	if (wait4(pid, &status, 0, &use) != pid)
		err(71, "wait");
	wall = now() - start;
	status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(file, "%.4f %.4f %.4f %ld %d\n", wall, seconds(use.ru_utime),
	    seconds(use.ru_stime), use.ru_maxrss, status);
	if (fclose(file) != 0)
		err(74, "%s", argv[1]);
	return status;
}
