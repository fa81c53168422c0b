#include "net/link.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/dial.h"
#include "util/clock.h"
#include "util/interrupt.h"

void
link_trouble(struct link *l, enum net_trouble what, const char *text)
{
	if (l->trouble != NET_FINE)
		return;
	l->trouble = what;
	(void)snprintf(l->text, sizeof(l->text), "%s", text);
}

static void
system_trouble(struct link *l, int error)
{
	if (error == ECONNRESET || error == EPIPE)
		link_trouble(l, NET_EOF, "");
	else
		link_trouble(l, NET_ERROR, strerror(error));
}

static void
stall(struct link *l, bool to_write)
{
	char text[LINK_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s the server for %d s",
	    to_write ? "nothing could be sent to" : "nothing came from",
	    l->timeout_ms / 1000);
	link_trouble(l, NET_STALL, text);
}

/* 0, or -1: with the trouble noted, or because it lingered long enough. */
static int
await(struct link *l, bool to_write)
{
	const bool lingers = l->linger_until != 0 && !to_write;
	int64_t ms = l->timeout_ms;

	if (lingers)
		ms = l->linger_until - clock_ms();
	switch (wait_for(l->fd, to_write, ms > 0 ? (int)ms : 0)) {
	case WAIT_READY:
		return 0;
	case WAIT_STALL:
		if (!lingers)
			stall(l, to_write);
		return -1;
	case WAIT_INTERRUPT:
		link_trouble(l, NET_INTERRUPT, "interrupted");
		return -1;
	case WAIT_ERROR:
		break;
	}
	system_trouble(l, errno);
	return -1;
}

/* After an SSL_read or SSL_write that gave nothing: 0 to try again. */
static int
tls_retry(struct link *l, int result)
{
	unsigned long code;
	const char *reason;
	int error = errno;

	switch (SSL_get_error(tls_ssl(l->tls), result)) {
	case SSL_ERROR_WANT_READ:
		return await(l, false);
	case SSL_ERROR_WANT_WRITE:
		return await(l, true);
	case SSL_ERROR_ZERO_RETURN:
		link_trouble(l, NET_EOF, "");
		return -1;
	case SSL_ERROR_SYSCALL:
		system_trouble(l, error == 0 ? ECONNRESET : error);
		return -1;
	default:
		break;
	}
	code = ERR_peek_error();
	reason = ERR_reason_error_string(code);
	/* A server that just closes, without TLS's own goodbye. */
	if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		link_trouble(l, NET_EOF, "");
	else
		link_trouble(l, NET_ERROR,
		    reason != NULL ? reason : "TLS failed");
	ERR_clear_error();
	return -1;
}

/* What recv or send said: 0 to try again. */
static int
plain_retry(struct link *l, ssize_t result, bool to_write)
{
	if (result < 0 && errno == EINTR)
		return 0;
	if (result < 0 && errno == EAGAIN)
		return await(l, to_write);
	system_trouble(l, result == 0 ? ECONNRESET : errno);
	return -1;
}

/* True when the link can be used: no trouble yet, and no signal came. */
static bool
usable(struct link *l)
{
	if (interrupt_signal() != 0)
		link_trouble(l, NET_INTERRUPT, "interrupted");
	if (l->fd < 0)
		link_trouble(l, NET_EOF, "");
	ERR_clear_error();
	errno = 0;
	return l->trouble == NET_FINE;
}

/* A command was sent, or the connection made: an answer is to come. */
static void
asked(struct link *l)
{
	l->asked_us = clock_us();
}

static void
answered(struct link *l)
{
	int64_t turn;

	if (l->asked_us == 0)
		return;
	turn = clock_us() - l->asked_us;
	l->asked_us = 0;
	if (l->turn_us < 0 || turn < l->turn_us)
		l->turn_us = turn;
}

ssize_t
link_read(struct link *l, void *to, size_t max)
{
	ssize_t got;
	int retry;

	max = pace_portion(l->pace, max);
	while (usable(l)) {
		if (l->tls != NULL)
			got = SSL_read(tls_ssl(l->tls), to,
			    max > INT_MAX ? INT_MAX : (int)max);
		else
			got = recv(l->fd, to, max, 0);
		if (got > 0) {
			l->in += (uint64_t)got;
			answered(l);
			pace_octets(l->pace, (size_t)got);
			return got;
		}
		retry = l->tls != NULL ? tls_retry(l, (int)got) :
					 plain_retry(l, got, false);
		if (retry != 0)
			break;
	}
	return -1;
}

ssize_t
link_write(struct link *l, const void *from, size_t len)
{
	ssize_t put;
	int retry;

	len = pace_portion(l->pace, len);
	while (usable(l)) {
		if (l->tls != NULL)
			put = SSL_write(tls_ssl(l->tls), from,
			    len > INT_MAX ? INT_MAX : (int)len);
		else
			put = send(l->fd, from, len, MSG_NOSIGNAL);
		if (put > 0) {
			l->out += (uint64_t)put;
			asked(l);
			pace_octets(l->pace, (size_t)put);
			return put;
		}
		retry = l->tls != NULL ? tls_retry(l, (int)put) :
					 plain_retry(l, put, true);
		if (retry != 0)
			break;
	}
	return -1;
}

static enum rc
handshake_wait(void *arg, bool to_write, struct fault *f)
{
	struct link *l = arg;
	enum rc rc;

	if (await(l, to_write) == 0)
		return RC_OK;
	rc = interrupt_check(f);
	if (rc != RC_OK)
		return rc;
	return fault_set(f, RC_STORE, CAUSE_UNREACHABLE, "no TLS handshake: %s",
	    l->text);
}

enum rc
link_secure(struct link *l, const struct endpoint *at, struct fault *f)
{
	return tls_connect(at, l->fd, handshake_wait, l, &l->tls, f);
}

/* What the system buffers has left the server before we pay for it. */
static void
narrow(const struct link *l)
{
	int room = pace_room(l->pace);

	/* a wish: where it is not granted the average holds all the same */
	if (room > 0)
		(void)setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &room,
		    sizeof(room));
}

enum rc
link_open(struct link *l, const struct endpoint *at, struct fault *f)
{
	enum rc rc;

	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->turn_us = -1;
	l->timeout_ms = at->timeout_ms;
	l->pace = at->pace;
	rc = dial(at->host, at->port, at->timeout_ms, &l->fd, f);
	if (rc == RC_OK)
		narrow(l);
	if (rc == RC_OK && at->security == SECURITY_TLS) {
		rc = link_secure(l, at, f);
		if (rc != RC_OK)
			rc = fault_wrap(f, rc, "%s:%u", at->host,
			    (unsigned)at->port);
	}
	if (rc != RC_OK)
		link_close(l);
	asked(l);
	return rc;
}

bool
link_is_loopback(const struct link *l)
{
	struct sockaddr_storage peer = { 0 };
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	socklen_t n = sizeof(peer);

	if (getpeername(l->fd, (struct sockaddr *)&peer, &n) != 0)
		return false;
	if (peer.ss_family == AF_INET) {
		memcpy(&in, &peer, sizeof(in));
		return ntohl(in.sin_addr.s_addr) >> 24 == 127;
	}
	if (peer.ss_family != AF_INET6)
		return peer.ss_family == AF_UNIX;
	memcpy(&in6, &peer, sizeof(in6));
	return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
	    (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) &&
		in6.sin6_addr.s6_addr[12] == 127);
}

void
link_close(struct link *l)
{
	tls_free(l->tls);
	l->tls = NULL;
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
}
