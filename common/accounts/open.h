#ifndef ACCOUNTS_OPEN_H
#define ACCOUNTS_OPEN_H

#include <stdbool.h>

#include "accounts/location.h"
#include "mail/store.h"
#include "util/fault.h"
#include "util/strs.h"

/* How to reach a location; filled from options, all strings borrowed. */
struct access {
	const char *secret;	/* specification, or NULL: netrc, prompt */
	const char *auth_user;
	const char *mechanism;
	const char *ca_file;
	struct strs pins;
	bool insecure;
	bool allow_plaintext;	/* imap+plain beyond loopback */
	int timeout_ms;		/* 0: 60 s */
};

/*
 * Opens a live store.  This is the only file that names every store.
 * create: a Maildir target may be made.  An archive is CAUSE_USAGE: those
 * are read by stores/archive/reader.h.  The location and access must
 * outlive the store (secrets are fetched again at each connect).
 */
enum rc store_open(const struct location *l, const struct access *a,
    bool create, struct store **r, struct fault *f) CHECKED;

/* Opens an archive's descriptor ("-" is standard input) and reads its
 * detached signature PATH.minisig into minisig when there is one. */
enum rc archive_open_fd(const struct location *l, int *fd_r,
    struct buf *minisig, struct fault *f) CHECKED;

#endif
