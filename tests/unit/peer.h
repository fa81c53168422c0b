#ifndef UNIT_PEER_H
#define UNIT_PEER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/*
 * A server on loopback, in a child, that plays a script: waits for a line
 * (NULL: does not), which must be the one named, and says something.  Then
 * it closes, or, where the last word is PEER_HANG, waits to be closed.
 */
struct peer_turn {
	const char *expect;
	const char *say;
};

#define PEER_HANG ((const char *)1)

struct peer {
	pid_t pid;
	uint16_t port;
};

/* Status of a child whose client said something else. */
enum { PEER_WRONG = 3, PEER_BROKEN = 4, PEER_SECONDS = 60 };

static int
peer_listen(uint16_t *port_r)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port_r = ntohs(a.sin_port);
	return fd;
}

static void
peer_say(int fd, const char *p)
{
	size_t n = strlen(p);
	ssize_t put;

	while (n > 0) {
		put = send(fd, p, n, MSG_NOSIGNAL);
		if (put <= 0)
			_exit(PEER_BROKEN);
		p += put;
		n -= (size_t)put;
	}
}

/* A line without its CRLF. */
static void
peer_hear(int fd, char *line, size_t max)
{
	size_t n = 0;

	while (n + 1 < max && read(fd, line + n, 1) == 1)
		if (line[n++] == '\n')
			break;
	while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		n--;
	line[n] = '\0';
}

static void
peer_play(int fd, const struct peer_turn *t, size_t n)
{
	char line[4096], c;
	size_t i;

	for (i = 0; i < n; i++) {
		if (t[i].expect != NULL) {
			peer_hear(fd, line, sizeof(line));
			if (strcmp(line, t[i].expect) != 0 && line[0] != '\0')
				(void)fprintf(stderr,
				    "peer heard '%s', not "
				    "'%s'\n",
				    line, t[i].expect);
			if (strcmp(line, t[i].expect) != 0)
				_exit(PEER_WRONG);
		}
		if (t[i].say == PEER_HANG)
			while (read(fd, &c, 1) == 1)
				;
		else if (t[i].say != NULL)
			peer_say(fd, t[i].say);
	}
}

static void
peer_start(struct peer *p, const struct peer_turn *t, size_t n)
{
	int listener = peer_listen(&p->port), fd;

	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid != 0) {
		(void)close(listener);
		return;
	}
	(void)alarm(PEER_SECONDS); /* nobody comes: do not wait for ever */
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		_exit(PEER_BROKEN);
	peer_play(fd, t, n);
	/* What the client says last is read, so that it is not reset. */
	(void)shutdown(fd, SHUT_WR);
	while (read(fd, &(char){ 0 }, 1) == 1)
		;
	_exit(0);
}

/* Waits until it is gone; true when the client said what it should. */
static bool
peer_end(const struct peer *p)
{
	int status;

	while (waitpid(p->pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#endif
