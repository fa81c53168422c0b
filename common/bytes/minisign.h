#ifndef BYTES_MINISIGN_H
#define BYTES_MINISIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes/hash.h"
#include "util/buf.h"
#include "util/fault.h"

/* minisign's files, made and read with libsodium (FORMAT.md, Signatures). */

enum {
	MINISIGN_COMMENT_MAX = 8192, /* a trusted comment, octets */
	MINISIGN_FILE_MAX = 16384,   /* a .minisig or key file, octets */
};

struct pubkey {
	unsigned char id[8];  /* little-endian key number */
	unsigned char pk[32]; /* Ed25519 */
};

/* A secret key in guarded memory (sodium_malloc), wiped when freed. */
struct seckey;

/* Asks for a passphrase; appends it to pass (wiped by the caller). what
 * names the key file for the prompt. */
typedef enum rc minisign_pass_fn(void *arg, const char *what, struct buf *pass,
    struct fault *f);

enum rc pubkey_load(const char *path, struct pubkey *r, struct fault *f)
    CHECKED;
/* The 16 hex digits that minisign prints, appended. */
void pubkey_id(const struct pubkey *k, struct buf *b);

/* pass is called only when the key has a passphrase; may be NULL. */
enum rc seckey_load(const char *path, minisign_pass_fn *pass, void *arg,
    struct seckey **r, struct fault *f) CHECKED;
void seckey_free(struct seckey *k);
void seckey_public(const struct seckey *k, struct pubkey *r);

/* Makes a key pair; neither file may exist (O_EXCL), the secret one has
 * mode 0600.  passphrase NULL: a plain key as `minisign -G -W` makes; an
 * empty one is refused. */
enum rc minisign_generate(const char *pubpath, const char *secpath,
    const struct buf *passphrase, struct fault *f) CHECKED;

/* Appends the text of a .minisig for a file with this hash. The comment is
 * UTF-8 without control bytes but TAB: asserts. */
void minisign_sign(const struct seckey *k, const struct hash512 *h,
    const char *trusted_comment, struct buf *out);

/* Checks a .minisig text; both signatures and the key id must hold.  The
 * trusted comment is appended to comment_r only when everything did; it is
 * UTF-8 without control bytes but TAB.
 * CAUSE_DATA; the texts tell a wrong key from a bad signature. */
enum rc minisign_verify(const struct pubkey *k, const struct hash512 *h,
    const void *sig, size_t n, struct buf *comment_r, struct fault *f) CHECKED;

#endif
