#ifndef PROBE_BOUNCE_H
#define PROBE_BOUNCE_H

#include <stdbool.h>
#include <stddef.h>

/* What a server reports of a message that it did not deliver. */
enum bounce_action {
	BOUNCE_FAILED,    /* for good */
	BOUNCE_DELAYED,   /* it goes on trying */
	BOUNCE_DELIVERED, /* or relayed, or expanded: it went on */
};

struct bounce {
	enum bounce_action action;
	char *status;     /* "5.1.1" (RFC 3463); "": not told */
	char *recipient;  /* "": not told */
	char *server;     /* who reports; "" */
	char *diagnostic; /* what the remote server said; "" */
};

/*
 * Reads a delivery status notification (RFC 3464), or, of servers that write
 * none, a mail from nobody or the postmaster with a status code in it.  False:
 * it is neither.  raw has any line ends; texts are owned, bytes as they came.
 */
bool bounce_of(const void *raw, size_t n, struct bounce *r);
void bounce_release(struct bounce *b);

#endif
