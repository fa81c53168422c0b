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

/* Base64 (RFC 4648, 4), padded; false on anything else. */
void base64_add(struct buf *r, const void *p, size_t n);
bool base64_decode(struct buf *r, const char *s, size_t n);

#endif
