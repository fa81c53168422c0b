#ifndef NET_SASL_H
#define NET_SASL_H

#include <stdbool.h>

#include "net/endpoint.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

/*
 * The client's side of SASL (RFC 4422), whatever protocol carries it.  What
 * passes here is decoded: base64 and lines are the driver's, as are IMAP's
 * AUTHENTICATE and SMTP's AUTH.
 */
enum sasl_mechanism {
	SASL_SCRAM,       /* SCRAM-SHA-256, RFC 7677 */
	SASL_PLAIN,       /* RFC 4616 */
	SASL_LOGIN,       /* draft-murchison-sasl-login */
	SASL_CRAM,        /* CRAM-MD5, RFC 2195 */
	SASL_OAUTHBEARER, /* RFC 7628 */
	SASL_XOAUTH2,     /* Google's and Microsoft's; no RFC */
};

/* As servers offer it: "CRAM-MD5". */
const char *sasl_name(enum sasl_mechanism m);

/* What there is to log in with. */
struct sasl_want {
	const char *named; /* NULL: none */
	const char *login; /* what else takes what LOGIN does, for messages:
			    * "the LOGIN command" (IMAP); NULL: nothing */
	bool secure;       /* TLS */
	bool proxied;      /* for another user */
	bool master;       /* proxied, or a name like user*master */
	bool ascii;        /* the password is */
	bool token;        /* it is an OAuth2 token */
};

/* Fetches the secret (wiped by the caller, also after a failure) and fills
 * *w, login excepted.  A secret with a NUL is CAUSE_CONFIG: no mechanism can
 * carry it. */
enum rc sasl_prepare(const struct credentials *who, const struct endpoint *at,
    struct buf *secret, struct sasl_want *w, struct fault *f) CHECKED;

/*
 * Chooses among the names offered (upper case): the one named (any case),
 * else the strongest.  For a token that is OAUTHBEARER, then XOAUTH2.  For a
 * password, where TLS protects the line: SCRAM-SHA-256, PLAIN, LOGIN,
 * CRAM-MD5 (whose servers must know the password itself); in plaintext
 * CRAM-MD5 goes before PLAIN.  proxied: only those that can log in for
 * another user.  master: over TLS PLAIN goes first, since Dovecot's SCRAM
 * checks the user's own password even then (2.3.19, measured).
 * SCRAM wants SASLprep, which we do not have: a password that is not ASCII
 * goes by PLAIN over TLS where nothing else was asked for.
 * RC_STORE and CAUSE_CONFIG when nothing fits.
 */
enum rc sasl_choose(const struct strs *offered, const struct sasl_want *w,
    enum sasl_mechanism *r, struct fault *f) CHECKED;

/* One login on its way; all arguments are borrowed until sasl_free. */
struct sasl;
struct sasl *sasl_new(enum sasl_mechanism m, const struct credentials *who,
    const struct buf *secret, const struct endpoint *at);
void sasl_free(struct sasl *s); /* wipes; takes NULL */

/* The first response needs no challenge: it can go as an initial response
 * (RFC 4959, RFC 4954), and is never empty. */
bool sasl_speaks_first(const struct sasl *s);
/*
 * Appends to response (wiped by the caller) what answers the challenge, NULL:
 * none came yet.  RC_END: there is nothing more to say, the exchange is to be
 * cancelled with "*".  RC_STORE: CAUSE_LOGIN where the server is not what it
 * claims to be, CAUSE_CONFIG where the secret cannot be sent.
 */
enum rc sasl_step(struct sasl *s, const struct buf *challenge,
    struct buf *response, struct fault *f) CHECKED;
/* The next response will be empty whatever the server says.  It may be sent
 * at once, one wait less; the challenge is to be given to sasl_step still. */
bool sasl_is_ahead(const struct sasl *s);
/* After the server's OK: was it really the server (SCRAM)?  CAUSE_LOGIN. */
enum rc sasl_done(struct sasl *s, struct fault *f) CHECKED;
/* After its refusal: what that may mean, to be put behind its words, begun
 * with "; "; "" when nothing is known.  Borrowed until sasl_free. */
const char *sasl_hint(struct sasl *s);

#endif
