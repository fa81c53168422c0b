#ifndef ACCOUNTS_REACH_H
#define ACCOUNTS_REACH_H

#include "accounts/location.h"
#include "accounts/open.h"
#include "net/endpoint.h"
#include "util/fault.h"

/* What it takes to log in at a server, of any protocol. */
struct reach {
	struct endpoint at;     /* borrowed from location and access */
	struct credentials who; /* the secret is asked for at each connect */
	char *user;             /* who's, owned */
};

/*
 * Fills it.  The rules are the same for all protocols: plaintext goes to this
 * machine only, unless it is allowed; without a user in the location
 * ~/.netrc's is taken; the secret comes from its specification, else from
 * ~/.netrc, else it is asked for on the terminal.  CAUSE_USAGE,
 * CAUSE_CONFIG.
 */
enum rc reach_fill(const struct location *l, const struct access *a,
    struct reach *r, struct fault *f) CHECKED;
void reach_release(struct reach *r);

/*
 * Gets the secret now, where it can be had only once: by fd:N, or by asking a
 * person.  Processes that are forked afterwards have it, and need not take
 * turns at a terminal.
 */
enum rc reach_prepare(const struct location *l, const struct access *a,
    struct fault *f) CHECKED;
/* Tells the secret of the location's user, n octets: nobody is asked.  For
 * an access whose secret is NULL. */
void reach_tell(const struct location *l, const struct access *a,
    const void *secret, size_t n);

#endif
