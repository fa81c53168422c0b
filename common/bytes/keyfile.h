#ifndef BYTES_KEYFILE_H
#define BYTES_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/*
 * The octets behind the base64 lines of minisign's files; what minisign.c
 * and keyfile.c share.  All members are octets, so that no struct has
 * padding; numbers are little-endian.
 */
struct secret_part { /* encrypted as one run */
	unsigned char id[8];
	unsigned char sk[64];    /* Ed25519 seed, then public key */
	unsigned char check[32]; /* BLAKE2b-256 of alg, id, sk; or zero */
};

struct secret_file {
	unsigned char alg[2];       /* "Ed" */
	unsigned char kdf[2];       /* "Sc" for scrypt, zero for none */
	unsigned char check_alg[2]; /* "B2" */
	unsigned char salt[32];
	unsigned char ops[8];
	unsigned char mem[8];
	struct secret_part part;
};

struct public_file {
	unsigned char alg[2]; /* "Ed" */
	unsigned char id[8];
	unsigned char pk[32];
};

struct signature_file {
	unsigned char alg[2]; /* "ED": of the BLAKE2b-512 of the file */
	unsigned char id[8];
	unsigned char sig[64];
};

_Static_assert(sizeof(struct secret_file) == 158, "minisign secret key");
_Static_assert(sizeof(struct public_file) == 42, "minisign public key");
_Static_assert(sizeof(struct signature_file) == 74, "minisign signature");

/* Takes the next line off *p, without its LF or CRLF; false at the end. */
bool keyfile_line(const char **p, size_t *n, const char **line_r,
    size_t *len_r);
/* True when s[0..n) is base64 of exactly n_out octets. */
bool keyfile_decode(const char *s, size_t n, void *out, size_t n_out);
/* Appends base64 and LF. */
void keyfile_encode(struct buf *b, const void *p, size_t n);
/* True when line starts with prefix; both are then moved behind it. */
bool keyfile_prefix(const char **line, size_t *n, const char *prefix);

uint64_t keyfile_get_le64(const unsigned char *p);
void keyfile_put_le64(unsigned char *p, uint64_t v);

/* Encrypts or decrypts s->part in place with the passphrase by s->salt, ops
 * and mem; false, and nothing changed, when memory does not suffice. */
bool keyfile_crypt(struct secret_file *s, const struct buf *pass);
/* What s->part.check must be, in the clear. */
void keyfile_checksum(const struct secret_file *s, unsigned char out[32]);

#endif
