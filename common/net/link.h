#ifndef NET_LINK_H
#define NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/endpoint.h"
#include "net/tls.h"

enum net_trouble {
	NET_FINE,
	NET_EOF,       /* the server closed */
	NET_STALL,     /* nothing for timeout_ms */
	NET_ERROR,     /* the socket or TLS failed: text tells */
	NET_HOSTILE,   /* the guard refused an answer: text tells */
	NET_INTERRUPT, /* a signal came */
};

enum { LINK_TEXT_MAX = 512 };

/* A connection's bytes, in plaintext or through TLS, and what went wrong
 * with it: the first trouble stays. */
struct link {
	int fd;          /* -1: closed */
	struct tls *tls; /* NULL: plaintext */
	int timeout_ms;
	int64_t linger_until; /* until then (clock_ms) silence is no
			       * trouble; 0: it is one after timeout_ms */
	struct pace *pace;    /* borrowed */
	uint64_t in, out;     /* octets, inside TLS */
	int64_t asked_us;     /* of the last write that is not answered; 0 */
	int64_t turn_us;      /* shortest wait for an answer so far; -1 */
	enum net_trouble trouble;
	char text[LINK_TEXT_MAX];
};

/* Connects, and shakes hands for SECURITY_TLS; faults name host and port. */
enum rc link_open(struct link *l, const struct endpoint *at, struct fault *f)
    CHECKED;
/* The TLS handshake. */
enum rc link_secure(struct link *l, const struct endpoint *at, struct fault *f)
    CHECKED;
/* At least one octet; -1 with the trouble noted, the end included. */
ssize_t link_read(struct link *l, void *to, size_t max);
ssize_t link_write(struct link *l, const void *from, size_t len);
void link_close(struct link *l);
/* True when the server is on this machine. */
bool link_is_loopback(const struct link *l);
/* Notes it, if it is the first. */
void link_trouble(struct link *l, enum net_trouble what, const char *text);

#endif
