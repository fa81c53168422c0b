#ifndef ACCOUNTS_OPEN_H
#define ACCOUNTS_OPEN_H

#include <stdbool.h>

#include "accounts/location.h"
#include "mail/store.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/pace.h"
#include "util/strs.h"

/* Secrets that can be had only once (fd:N, a prompt), in guarded memory, by
 * location and specification. */
struct access_cache;

/* Whether the line is compressed (RFC 4978) where a server offers it. */
enum access_compress {
	ACCESS_COMPRESS_AUTO, /* where the line is the limit: 5 ms or more
			       * for a round trip, never on this machine */
	ACCESS_COMPRESS_ON,
	ACCESS_COMPRESS_OFF,
};

/*
 * How to reach a location; filled from options, all strings borrowed.  May
 * be copied as a struct, to set another secret for another location: the
 * copies share cache and pace, and only the first one is released.
 */
struct access {
	const char *secret; /* specification, or NULL: netrc, prompt */
	const char *auth_user;
	const char *mechanism;
	const char *ca_file;
	struct strs pins;
	bool insecure;
	bool allow_plaintext; /* imap+plain beyond loopback */
	int timeout_ms;       /* 0: 60 s */
	enum access_compress compress;
	struct access_cache *cache;
	struct pace *pace; /* of all that is opened with it; shared as well */
};

void access_init(struct access *a);
/* Wipes the cache; after the last store opened with it was freed. */
void access_release(struct access *a);

/*
 * Opens a live store.  This is the only file that names every store.
 * create: a Maildir target may be made.  An archive is CAUSE_USAGE: those
 * are read by stores/archive/reader.h.  The location and access must
 * outlive the store (secrets are fetched again at each connect).  Without
 * a user in the location ~/.netrc's is taken; none there is CAUSE_USAGE.
 */
enum rc store_open(const struct location *l, const struct access *a,
    bool create, struct store **r, struct fault *f) CHECKED;

/* Opens an archive's descriptor ("-" is standard input) and reads its
 * detached signature PATH.minisig into minisig when there is one. */
enum rc archive_open_fd(const struct location *l, int *fd_r,
    struct buf *minisig, struct fault *f) CHECKED;

#endif
