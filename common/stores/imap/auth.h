#ifndef IMAP_AUTH_H
#define IMAP_AUTH_H

#include <stdbool.h>

#include "stores/imap/session.h"
#include "util/fault.h"

enum auth_mechanism {
	AUTH_SCRAM,   /* SCRAM-SHA-256, RFC 7677 */
	AUTH_PLAIN,   /* RFC 4616 */
	AUTH_LOGIN,   /* draft-murchison-sasl-login */
	AUTH_COMMAND, /* LOGIN, RFC 3501 (6.2.3) */
	AUTH_CRAM,    /* CRAM-MD5, RFC 2195 */
};

/*
 * Chooses what the server offers: the one named (any case; "LOGIN" is
 * AUTHENTICATE LOGIN, else the command), else the strongest.  Where TLS
 * protects the line that is SCRAM-SHA-256, PLAIN, LOGIN, CRAM-MD5 (whose
 * servers must know the password itself); in plaintext CRAM-MD5 goes before
 * PLAIN.  proxied: only those that can log in for another user.  master:
 * over TLS PLAIN goes first, since Dovecot's SCRAM checks the user's own
 * password even then (2.3.19, measured).
 * SCRAM wants SASLprep, which we do not have: a password that is not ASCII
 * goes by PLAIN over TLS where nothing else was asked for.
 * RC_STORE and CAUSE_CONFIG when nothing fits.
 */
struct auth_want {
	const char *named; /* NULL: none */
	bool secure;       /* TLS */
	bool proxied;      /* with an authzid */
	bool master;       /* proxied, or a name like user*master */
	bool ascii;        /* the password is */
};
enum rc auth_choose(const struct imap_caps *caps, const struct auth_want *w,
    enum auth_mechanism *r, struct fault *f) CHECKED;

/* Fetches the secret, logs in, wipes.  CAUSE_LOGIN with the server's text,
 * CAUSE_TEMPORARY for [UNAVAILABLE], BYE and the like. */
enum rc auth_login(struct session *s, struct imap_reply *r, struct fault *f)
    CHECKED;

#endif
