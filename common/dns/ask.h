#ifndef DNS_ASK_H
#define DNS_ASK_H

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/message.h"
#include "util/fault.h"

/* Where a name server is; a value, to be copied. */
struct dns_server {
	int family; /* AF_INET or AF_INET6 */
	unsigned char address[16];
	uint16_t port;
	char text[INET6_ADDRSTRLEN + 8]; /* "192.0.2.1", "[::1]:5300" */
};

struct dns_servers {
	struct dns_server *v;
	size_t n;
	size_t cap;
};

/* ADDRESS[:PORT], a v6 address with a port in brackets; port 53.  option is
 * for the message.  CAUSE_USAGE. */
enum rc dns_server_take(const char *option, const char *s, struct dns_server *r,
    struct fault *f) CHECKED;
/* An address of a record of type A or AAAA, port 53. */
bool dns_server_of(const struct dns_record *address, struct dns_server *r);
bool dns_server_is(const struct dns_server *a, const struct dns_server *b);
/* Appends it, unless it is there already. */
void dns_servers_add(struct dns_servers *l, const struct dns_server *s);
/* Adds the one that is named, as dns_server_take does. */
enum rc dns_servers_take(const char *option, const char *s,
    struct dns_servers *l, struct fault *f) CHECKED;
void dns_servers_release(struct dns_servers *l);
/* The resolvers that this file names (NULL: /etc/resolv.conf); those of the
 * local machine where it names none. */
enum rc dns_servers_of_system(const char *file, struct dns_servers *r,
    struct fault *f) CHECKED;

struct dns_query {
	const struct dns_server *server;
	bool recurse; /* RD: for resolvers, not for authoritative servers */
	const char *name;
	enum dns_type type;
	struct dns_answer answer; /* overwritten by dns_ask */
};

struct dns_limits {
	int timeout_ms;    /* for a question, all tries together */
	atomic_bool *stop; /* NULL, or true: give up */
};

/* Used where no time is told. */
enum { DNS_TIMEOUT_MS = 8000 };

/*
 * Asks all at once, and waits until each has its answer or its time is up; a
 * truncated answer is asked for again by TCP.  RC_STORE: interrupted, or told
 * to stop (CAUSE_TEMPORARY); answers are to be released all the same.
 */
enum rc dns_ask(struct dns_query *q, size_t n, const struct dns_limits *l,
    struct fault *f) CHECKED;
void dns_queries_release(struct dns_query *q, size_t n);

#endif
