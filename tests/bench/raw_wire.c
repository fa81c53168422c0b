#include "tests/bench/raw_wire.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
raw_send(struct raw *raw, const char *bytes, size_t size)
{
	if (raw->queued == raw->room) {
		raw->room = raw->room == 0 ? 1024 : raw->room * 2;
		raw->queue =
		    reallocarray(raw->queue, raw->room, sizeof(*raw->queue));
		if (raw->queue == NULL)
			err(70, "queue");
	}
	raw->queue[raw->queued++] = (struct slice){ bytes, size };
}

void
raw_send_text(struct raw *raw, const char *format, ...)
{
	va_list ap;
	char *text;
	int size;

	va_start(ap, format);
	size = vasprintf(&text, format, ap);
	va_end(ap);
	if (size < 0)
		err(70, "text");
	raw_send(raw, text, (size_t)size);
}

/* What fits of the queue goes into one buffer: TLS has one record then. */
static void
fill_out(struct raw *raw)
{
	raw->out_at = raw->out_size = 0;
	while (raw->sent < raw->queued && raw->out_size < OUT_SIZE) {
		const struct slice *first = &raw->queue[raw->sent];
		size_t size = first->size - raw->sent_of_first;

		if (size > OUT_SIZE - raw->out_size)
			size = OUT_SIZE - raw->out_size;
		memcpy(raw->out + raw->out_size,
		    first->bytes + raw->sent_of_first, size);
		raw->out_size += size;
		raw->sent_of_first += size;
		if (raw->sent_of_first == first->size) {
			raw->sent++;
			raw->sent_of_first = 0;
		}
	}
}

/* Octets moved, 0 when the descriptor has to be waited for. */
static size_t
tls_moved(struct raw *raw, int result)
{
	int why;

	if (result > 0)
		return (size_t)result;
	why = SSL_get_error(raw->ssl, result);
	if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		errx(74, "TLS ended: %d", why);
	return 0;
}

static size_t
plain_moved(ssize_t result)
{
	if (result > 0)
		return (size_t)result;
	if (result == 0)
		errx(74, "connection closed");
	if (errno != EAGAIN && errno != EINTR)
		err(74, "connection");
	return 0;
}

static bool
write_some(struct raw *raw)
{
	const char *bytes;
	size_t size, done;

	if (raw->out_at == raw->out_size)
		fill_out(raw);
	bytes = raw->out + raw->out_at;
	size = raw->out_size - raw->out_at;
	if (size == 0)
		return false;
	if (raw->ssl != NULL)
		done = tls_moved(raw, SSL_write(raw->ssl, bytes, (int)size));
	else
		done = plain_moved(send(raw->fd, bytes, size, MSG_NOSIGNAL));
	raw->out_at += done;
	return done != 0;
}

static bool
read_some(struct raw *raw)
{
	char *room = raw->in + raw->in_size;
	size_t size = IN_SIZE - raw->in_size, done;

	if (size == 0)
		errx(76, "a line of more than %d octets", IN_SIZE);
	if (raw->ssl != NULL)
		done = tls_moved(raw, SSL_read(raw->ssl, room, (int)size));
	else
		done = plain_moved(recv(raw->fd, room, size, 0));
	raw->in_size += done;
	return done != 0;
}

/* Sends the queue and reads until every command is answered. */
void
raw_converse(struct raw *raw, void (*take)(struct raw *))
{
	struct pollfd ready = { .fd = raw->fd };

	while (raw->answers < raw->commands) {
		bool moved = write_some(raw);

		if (read_some(raw)) {
			take(raw);
			moved = true;
		}
		if (moved)
			continue;
		ready.events = POLLIN;
		if (raw->out_at < raw->out_size || raw->sent < raw->queued)
			ready.events |= POLLOUT;
		if (poll(&ready, 1, -1) < 0 && errno != EINTR)
			err(71, "poll");
	}
}

void
raw_connect(struct raw *raw, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int on = 1;

	to.sin_port = htons(port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	raw->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (raw->fd < 0 ||
	    connect(raw->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		err(69, "port %u", port);
	if (setsockopt(raw->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		err(71, "TCP_NODELAY");
	if (raw->tls) {
		SSL_CTX *context = SSL_CTX_new(TLS_client_method());

		raw->ssl = context == NULL ? NULL : SSL_new(context);
		if (raw->ssl == NULL || SSL_set_fd(raw->ssl, raw->fd) != 1 ||
		    SSL_connect(raw->ssl) != 1)
			errx(69, "port %u: no TLS", port);
		SSL_set_mode(raw->ssl,
		    SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	}
	if (fcntl(raw->fd, F_SETFL, O_NONBLOCK) != 0)
		err(71, "O_NONBLOCK");
}
