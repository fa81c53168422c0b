#ifndef RESTORE_KEEP_H
#define RESTORE_KEEP_H

#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/hash.h"
#include "bytes/minisign.h"
#include "mail/folder.h"
#include "mail/msg.h"
#include "mail/store.h"
#include "util/fault.h"

/*
 * The archive of what is about to be removed: complete, signed and on the
 * disk, and read back from there, before anything is.
 */
struct keep;

/* A new file; info is the target's. */
enum rc keep_open(const char *path, const struct seckey *key,
    const struct store_info *info, struct keep **r, struct fault *f) CHECKED;
/* The folder of what is added from now on; listed: messages in it. */
enum rc keep_folder(struct keep *k, const struct folder *folder,
    uint32_t uidvalidity, uint64_t listed, struct fault *f) CHECKED;
/* RC_MESSAGE: it cannot be kept. */
enum rc keep_add(struct keep *k, const struct msg *m,
    const struct fingerprint *fp, const struct body *body, struct fault *f)
    CHECKED;
/* Publishes it and reads it back: all that was added, in its order, with its
 * hash, and nothing else.  Nothing may be removed unless RC_OK. */
enum rc keep_close(struct keep *k, struct fault *f) CHECKED;
void keep_free(struct keep *k); /* takes NULL */

#endif
