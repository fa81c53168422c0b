#ifndef BYTES_SECKEY_H
#define BYTES_SECKEY_H

/* What minisign.c and seckey.c share; lies in sodium_malloc() memory. */
struct seckey {
	unsigned char id[8];
	unsigned char sk[64]; /* Ed25519 seed, then public key */
};

#endif
