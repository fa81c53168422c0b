#include "net/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/interrupt.h"

/* A signal may come between the look at its flag and poll(): no wait is
 * longer than this, so that it is seen all the same. */
enum { SLICE_MS = 500 };

/* Routers forget lines that were silent for some minutes: seconds of silence,
 * then between the questions, of which so many may stay without answer. */
enum { KEEP_IDLE = 60, KEEP_AGAIN = 15, KEEP_TRIES = 4 };

enum wait_result
wait_for(int fd, bool to_write, int ms)
{
	struct pollfd p = { .fd = fd };
	int64_t end = clock_ms() + ms, left;
	int n;

	p.events = to_write ? POLLOUT : POLLIN;
	for (;;) {
		if (interrupt_signal() != 0)
			return WAIT_INTERRUPT;
		left = end - clock_ms();
		if (left <= 0)
			return WAIT_STALL;
		n = poll(&p, 1, left < SLICE_MS ? (int)left : SLICE_MS);
		if (n > 0)
			return WAIT_READY;
		if (n < 0 && errno != EINTR)
			return WAIT_ERROR;
	}
}

/* 0, or the errno that says why this address does not do; EINTR when a
 * signal came. */
static int
await_connection(int fd, int ms)
{
	socklen_t len = sizeof(int);
	int error = 0;

	switch (wait_for(fd, true, ms)) {
	case WAIT_READY:
		break;
	case WAIT_STALL:
		return ETIMEDOUT;
	case WAIT_INTERRUPT:
		return EINTR;
	case WAIT_ERROR:
		return errno;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return errno;
	return error;
}

static int
set_options(int fd)
{
	static const struct {
		int level, name, value;
	} rows[] = {
		/* Commands are written whole: nothing is gained by holding
		 * them. */
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE },
		{ IPPROTO_TCP, TCP_KEEPINTVL, KEEP_AGAIN },
		{ IPPROTO_TCP, TCP_KEEPCNT, KEEP_TRIES },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (setsockopt(fd, rows[i].level, rows[i].name, &rows[i].value,
			sizeof(rows[i].value)) != 0)
			return errno;
	return 0;
}

static int
connect_one(const struct addrinfo *a, int ms, int *fd_r)
{
	int error = 0, fd;

	fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    a->ai_protocol);
	if (fd < 0)
		return errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
		error = errno;
		if (error == EINPROGRESS || error == EINTR)
			error = await_connection(fd, ms);
	}
	if (error == 0)
		error = set_options(fd);
	if (error != 0) {
		(void)close(fd);
		return error;
	}
	*fd_r = fd;
	return 0;
}

static enum rc
resolve(const char *host, uint16_t port, struct addrinfo **r, struct fault *f)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV };
	char service[8];
	int code;

	(void)snprintf(service, sizeof(service), "%u", (unsigned)port);
	code = getaddrinfo(host, service, &hints, r);
	if (code == 0)
		return RC_OK;
	if (code == EAI_SYSTEM)
		return fault_errno(f, RC_STORE, CAUSE_UNREACHABLE,
		    "%s:%u: cannot look up the host", host, (unsigned)port);
	(void)fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
	    "%s:%u: cannot look up the host: %s", host, (unsigned)port,
	    gai_strerror(code));
	return code == EAI_NONAME ? fault_lasts(f, RC_STORE) : RC_STORE;
}

enum rc
dial(const char *host, uint16_t port, int ms, int *fd_r, struct fault *f)
{
	struct addrinfo *all, *a;
	int error = EADDRNOTAVAIL;
	enum rc rc;

	rc = resolve(host, port, &all, f);
	if (rc != RC_OK)
		return rc;
	for (a = all; a != NULL; a = a->ai_next) {
		error = connect_one(a, ms, fd_r);
		if (error == 0 || interrupt_signal() != 0)
			break;
	}
	freeaddrinfo(all);
	if (error == 0)
		return RC_OK;
	rc = interrupt_check(f);
	if (rc != RC_OK)
		return rc;
	if (error == ETIMEDOUT)
		return fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "%s:%u: no answer within %d s", host, (unsigned)port,
		    ms / 1000);
	errno = error;
	return fault_errno(f, RC_STORE, CAUSE_UNREACHABLE,
	    "%s:%u: cannot connect", host, (unsigned)port);
}
