#ifndef MAILDIR_UIDLIST_H
#define MAILDIR_UIDLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stores/maildir/index.h"
#include "util/fault.h"

/* Dovecot's list of UIDs, dovecot-uidlist, versions 1 and 3. */
struct uidlist_head {
	bool found; /* false: no file, or not one that we can read */
	uint32_t uidvalidity;
	uint32_t next; /* at least 1 */
};

/* A file's base and its UID, 1 to UINT32_MAX - 1. */
typedef void uidlist_fn(void *arg, uint32_t uid, const char *base, size_t n);

/* Reads the one in the folder fd.  Lines that cannot be read are left out:
 * their messages then count as new. */
enum rc uidlist_read(int fd, struct uidlist_head *head_r, uidlist_fn *fn,
    void *arg, struct fault *f) CHECKED;

/* Makes one (version 3) of x, with uidvalidity, where there is none; RC_END
 * when there is one by now. */
enum rc uidlist_create(int fd, const struct index *x, uint32_t uidvalidity,
    struct fault *f) CHECKED;

#endif
