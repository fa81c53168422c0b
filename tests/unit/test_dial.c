#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "net/dial.h"

static int
hear(uint16_t *port_r)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port_r = ntohs(a.sin_port);
	return fd;
}

static int
option(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void
a_silent_line_is_kept_alive(void **state)
{
	struct fault f = FAULT_INIT;
	uint16_t port;
	const int server = hear(&port);
	int fd;

	(void)state;
	assert_int_equal(dial("127.0.0.1", port, 5000, &fd, &f), RC_OK);
	assert_int_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	/* Sooner than a router forgets it, and dead within minutes. */
	assert_in_range(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 30, 120);
	assert_in_range(option(fd, IPPROTO_TCP, TCP_KEEPINTVL) *
		option(fd, IPPROTO_TCP, TCP_KEEPCNT),
	    30, 120);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	close(fd);
	close(server);
}

static void
nobody_there_is_unreachable(void **state)
{
	struct fault f = FAULT_INIT;
	uint16_t port;
	int fd;

	(void)state;
	close(hear(&port));
	assert_int_equal(dial("127.0.0.1", port, 5000, &fd, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_UNREACHABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_line_is_kept_alive),
		cmocka_unit_test(nobody_there_is_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
