#ifndef BYTES_DIGEST_H
#define BYTES_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/hash.h"
#include "bytes/spool.h"
#include "util/fault.h"

/* What intake.c and body.c share; nobody else needs it. */

/* Line ends of a run of octets that comes in pieces. */
struct tally {
	uint64_t lf;   /* LFs */
	uint64_t bare; /* LFs without a CR directly before */
	bool cr;       /* the last octet was a CR */
};

void tally_add(struct tally *t, const void *p, size_t n);

/*
 * Hashes a file form as it comes.  LFs at the end so far are held back (as
 * a count), so that the canonical hash of an ordinary message is the state
 * before them and costs no second pass.
 */
struct digester {
	struct hasher hasher;
	uint64_t size;
	uint64_t held;          /* LFs not yet in hasher */
	unsigned char first[5]; /* the first octets: "From "? */
	unsigned char last;     /* the last octet in hasher */
	bool nul;               /* there was a NUL */
};

void digester_init(struct digester *d);
void digester_add(struct digester *d, const void *p, size_t n);
/* Fills *r; the octets lie in s from off on (s NULL: not all were kept), t
 * counted them, and eol is what the caller decided. */
enum rc digester_end(struct digester *d, struct spool *s, uint64_t off,
    const struct tally *t, enum eol eol, struct digest *r, struct fault *f)
    CHECKED;

/* digest.canon of size octets at off in s, of either form. */
enum rc digest_canon(struct spool *s, uint64_t off, uint64_t size,
    unsigned char canon_r[16], struct fault *f) CHECKED;

/*
 * Copies with CRLF for LF while room (2 at least) lasts; moves *p and *n
 * over what was taken.  Returns the octets written to out.
 */
size_t eol_expand(const unsigned char **p, size_t *n, unsigned char *out,
    size_t room);

#endif
