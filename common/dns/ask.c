/* Questions to chosen servers, all at once, over c-ares. */
#include "dns/ask.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	/* c-ares doubles the time of each try: 1 + 2 + 4 shares. */
	TRIES = 3,
	SHARES = 7,
	SLICE_MS = 200, /* a wish to stop is seen so soon */
	CHANNELS_MAX = 256,
	SOCKETS = 2, /* of a channel with one server: UDP and TCP */
};

/* A channel of c-ares has one list of servers and one set of flags. */
struct line {
	const struct dns_server *server;
	bool recurse;
	bool dead; /* nobody is there */
	ares_channel channel;
};

struct asking {
	const struct dns_limits *limits;
	struct line *line;
	size_t lines, cap;
	size_t open; /* questions without an answer */
	int64_t end; /* clock_ms: no longer, whatever happens */
};

/* What c-ares hands back; each has a query of its own. */
struct ticket {
	struct asking *asking;
	struct dns_query *query;
	size_t line;
};

static enum dns_outcome
outcome_without_answer(int status)
{
	switch (status) {
	case ARES_ECONNREFUSED:
	case ARES_ECANCELLED:
		return DNS_UNREACHABLE;
	case ARES_EBADRESP:
	case ARES_EBADNAME:
	case ARES_EFORMERR:
		return DNS_MALFORMED;
	default:
		return DNS_TIMEOUT;
	}
}

static void
answered(void *arg, int status, int timeouts, unsigned char *p, int n)
{
	struct ticket *t = arg;

	(void)timeouts;
	if (p != NULL && n > 0)
		dns_message_read(p, (size_t)n, &t->query->answer);
	else
		t->query->answer.outcome = outcome_without_answer(status);
	if (status == ARES_ECONNREFUSED)
		t->asking->line[t->line].dead = true;
	t->asking->open--;
}

static int
open_channel(const struct dns_query *q, int timeout_ms, ares_channel *r)
{
	/* What a server says is told, not judged: NOCHECKRESP. */
	struct ares_options o = {
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN |
		    (q->recurse ? 0 : ARES_FLAG_NORECURSE),
		.timeout = timeout_ms / SHARES > 0 ? timeout_ms / SHARES : 1,
		.tries = TRIES,
	};
	struct ares_addr_port_node node = { .family = q->server->family };
	char nowhere[] = "/dev/null", files[] = "f";
	int code;

	/* nothing of it is left to files and the environment */
	o.resolvconf_path = nowhere;
	o.lookups = files;
	node.udp_port = node.tcp_port = q->server->port;
	memcpy(&node.addr, q->server->address,
	    q->server->family == AF_INET ? 4 : 16);
	code = ares_init_options(r, &o,
	    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		ARES_OPT_RESOLVCONF | ARES_OPT_LOOKUPS);
	if (code != ARES_SUCCESS)
		return code;
	code = ares_set_servers_ports(*r, &node);
	if (code != ARES_SUCCESS)
		ares_destroy(*r);
	return code;
}

static enum rc
line_to(struct asking *a, const struct dns_query *q, size_t *r, struct fault *f)
{
	ares_channel channel;
	size_t i;
	int code;

	for (i = 0; i < a->lines; i++)
		if (a->line[i].recurse == q->recurse &&
		    dns_server_is(a->line[i].server, q->server)) {
			*r = i;
			return RC_OK;
		}
	if (a->lines == CHANNELS_MAX)
		return fault_set(f, RC_STORE, CAUSE_REFUSED,
		    "more than %d name servers: name fewer", CHANNELS_MAX);
	code = open_channel(q, a->limits->timeout_ms, &channel);
	if (code != ARES_SUCCESS)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "cannot ask %s: %s", q->server->text, ares_strerror(code));
	a->line = xgrow(a->line, a->lines, &a->cap, sizeof(*a->line));
	a->line[a->lines] =
	    (struct line){ q->server, q->recurse, false, channel };
	*r = a->lines++;
	return RC_OK;
}

static enum rc
send_all(struct asking *a, struct dns_query *q, size_t n, struct ticket *ticket,
    struct fault *f)
{
	enum rc rc;
	size_t i, line = 0;

	for (i = 0; i < n; i++) {
		rc = line_to(a, &q[i], &line, f);
		if (rc != RC_OK)
			return rc;
		ticket[i] = (struct ticket){ a, &q[i], line };
		a->open++;
		ares_query(a->line[line].channel, q[i].name, ns_c_in,
		    (int)q[i].type, answered, &ticket[i]);
	}
	return RC_OK;
}

/* How long there is nothing to do for c-ares. */
static int
patience(const struct asking *a)
{
	struct timeval slice = { 0, SLICE_MS * 1000 }, room, *least;
	int ms = SLICE_MS, one;
	size_t i;

	for (i = 0; i < a->lines; i++) {
		least = ares_timeout(a->line[i].channel, &slice, &room);
		one = (int)(least->tv_sec * 1000 + least->tv_usec / 1000) + 1;
		if (one < ms)
			ms = one;
	}
	return ms;
}

/* What c-ares waits for; of[i] is the line of p[i]. */
static size_t
watched(const struct asking *a, struct pollfd *p, size_t *of)
{
	ares_socket_t fd[SOCKETS] = { ARES_SOCKET_BAD, ARES_SOCKET_BAD };
	unsigned bits, k;
	size_t i, n = 0;

	for (i = 0; i < a->lines; i++) {
		bits = (unsigned)ares_getsock(a->line[i].channel, fd, SOCKETS);
		for (k = 0; k < SOCKETS; k++) {
			p[n] = (struct pollfd){ .fd = fd[k] };
			if (ARES_GETSOCK_READABLE(bits, k))
				p[n].events |= POLLIN;
			if (ARES_GETSOCK_WRITABLE(bits, k))
				p[n].events |= POLLOUT;
			if (p[n].events != 0)
				of[n++] = i;
		}
	}
	return n;
}

/* Waits for a part of a second, and lets c-ares read and write. */
static void
turn(struct asking *a, struct pollfd *p, size_t *of)
{
	const size_t n = watched(a, p, of);
	const short in = POLLIN | POLLERR | POLLHUP;
	size_t i;

	if (poll(p, (nfds_t)n, patience(a)) > 0)
		for (i = 0; i < n; i++)
			ares_process_fd(a->line[of[i]].channel,
			    p[i].revents & in ? p[i].fd : ARES_SOCKET_BAD,
			    p[i].revents & POLLOUT ? p[i].fd : ARES_SOCKET_BAD);
	for (i = 0; i < a->lines; i++) {
		ares_process_fd(a->line[i].channel, ARES_SOCKET_BAD,
		    ARES_SOCKET_BAD);
		/* the kernel tells of one datagram, and means them all */
		if (a->line[i].dead)
			ares_cancel(a->line[i].channel);
	}
}

static enum rc
wait_all(struct asking *a, struct fault *f)
{
	struct pollfd *p = xcalloc(a->lines * SOCKETS + 1, sizeof(*p));
	size_t *of = xcalloc(a->lines * SOCKETS + 1, sizeof(*of));
	enum rc rc = RC_OK;

	while (rc == RC_OK && a->open > 0 && clock_ms() < a->end) {
		rc = interrupt_check(f);
		if (rc == RC_OK && a->limits->stop != NULL &&
		    atomic_load(a->limits->stop))
			rc = fault_set(f, RC_STORE, CAUSE_TEMPORARY,
			    "told to stop asking");
		if (rc == RC_OK)
			turn(a, p, of);
	}
	free(p);
	free(of);
	return rc;
}

enum rc
dns_ask(struct dns_query *q, size_t n, const struct dns_limits *l,
    struct fault *f)
{
	struct asking a = { .limits = l };
	struct ticket *ticket = xcalloc(n + 1, sizeof(*ticket));
	enum rc rc;
	size_t i;

	for (i = 0; i < n; i++)
		q[i].answer = (struct dns_answer){ .outcome = DNS_TIMEOUT };
	/* who answers by TCP, and slowly, has the same time once more */
	a.end = clock_ms() + 2 * (int64_t)l->timeout_ms;
	rc = send_all(&a, q, n, ticket, f);
	if (rc == RC_OK)
		rc = wait_all(&a, f);
	/* what is open still is handed back as a timeout */
	for (i = 0; i < a.lines; i++)
		ares_destroy(a.line[i].channel);
	free(a.line);
	free(ticket);
	return rc;
}

void
dns_queries_release(struct dns_query *q, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		dns_answer_release(&q[i].answer);
}
