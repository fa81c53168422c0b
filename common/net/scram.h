#ifndef NET_SCRAM_H
#define NET_SCRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/*
 * The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel
 * binding and without SASLprep.  Messages are as in the RFC, before base64.
 */
struct scram {
	struct buf gs2;  /* "n,a=user," */
	struct buf bare; /* client-first-message-bare */
	struct buf nonce;
	unsigned char server_signature[32];
	bool ready; /* server_signature is known */
};

/* authzid NULL: the one who logs in. */
void scram_init(struct scram *s, const char *authzid, const char *authcid,
    const char *nonce);
void scram_release(struct scram *s); /* wipes */
void scram_first(const struct scram *s, struct buf *r);
/* Appends the answer to the server's first message.  Returns NULL, or what
 * is wrong with that message. */
const char *scram_final(struct scram *s, const char *server, size_t n,
    const struct buf *password, struct buf *r);
/* Returns NULL when the server has proved that it knows the password. */
const char *scram_verify(const struct scram *s, const char *server, size_t n);

/* A saslname: "," and "=" are written =2C and =3D. */
void scram_add_name(struct buf *b, const char *name);

#endif
