#ifndef UNIT_SIGNING_H
#define UNIT_SIGNING_H

#include <stddef.h>

#include "bytes/minisign.h"
#include "util/buf.h"

/* What the tests of keys and of signatures share; all asserts. */

#define SIGNING_COMMENT "mailproof1 file id=00 generation=1"

/* Setup and teardown: an empty directory of its own to stand in; *state is
 * its path. */
int signing_enter(void **state);
int signing_leave(void **state);

void signing_put(const char *path, const void *p, size_t n);
void signing_slurp(const char *path, struct buf *b);
void signing_run(const char *command);
/* Skips the test where there is no minisign. */
void signing_need_minisign(void);
/* A key pair without a passphrase. */
void signing_generate(const char *pubpath, const char *secpath);
/* A signature over "text\n", with the key pair that lies in pub and sec. */
void signing_sign(struct buf *sig, struct pubkey *pk, struct hash512 *h);

#endif
