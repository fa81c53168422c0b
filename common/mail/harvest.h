#ifndef MAIL_HARVEST_H
#define MAIL_HARVEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/folder.h"
#include "mail/msg.h"
#include "mail/store.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * Reads the folders of a store over several connections, one thread each.
 * A folder is listed first (UID, flags, date, size of everything), its
 * bodies are read after that, in parts that any connection may take: so
 * there is something to hold the bodies against, and whatever was listed
 * ends in a fate.  A connection that is lost gives back what it had not
 * finished; the run goes on as long as one is left.
 */

/* UIDs that are gone, both ends included. */
struct harvest_gone {
	uint32_t first;
	uint32_t last;
};

/* A folder on its way; what is above "inside" is for everybody. */
struct harvest_folder {
	const struct folder *folder;
	uint32_t uidvalidity;
	uint32_t uidnext;
	uint64_t highestmodseq;
	uint64_t exists; /* EXISTS when selected */
	bool status_known;
	uint64_t status;     /* MESSAGES of STATUS */
	uint32_t first;      /* UIDs below were not listed */
	uint64_t seen;       /* messages listed */
	uint64_t unselected; /* of them: not wanted */
	struct msgs listed;  /* wanted, by UID; msg.folder is the owner's */
	/* True: only what is new or has other flags since folder->since is
	 * listed, and gone is what the store says is gone. */
	bool changes;
	struct harvest_gone *gone;
	size_t gone_n, gone_cap;
	void *owner; /* the owner's */
	/* inside */
	bool *settled; /* one for each of listed */
	size_t open;   /* parts that are not finished */
	bool failed;   /* told */
	struct harvest_folder *next;
};

/* A message and its fate. */
struct harvest_message {
	const struct msg *msg;
	enum read_fate fate;
	const struct body *body; /* READ_BODY */
	const char *reason;      /* READ_REFUSED */
	const struct buf *note;  /* what prepare made of it */
};

/*
 * What the owner does.  All but wants and prepare are called one at a time,
 * on whatever thread; wants and prepare run side by side and change nothing
 * that is shared.
 */
struct harvest_ops {
	/* NULL: all of a folder is listed, from UID 1 on.  Or: it is selected
	 * and about to be listed, perhaps once more; the UID to begin at.
	 * h->owner may be set. */
	uint32_t (*from)(void *arg, struct harvest_folder *h);
	/* NULL: every message.  What belongs to h alone may be changed. */
	bool (*wants)(void *arg, struct harvest_folder *h, const struct msg *m);
	/* NULL: all is listed.  Else a store that can tells of a folder with
	 * since only what changed: is that all of it, by the numbers?  If not
	 * the folder is listed after all. */
	bool (*suffices)(void *arg, const struct harvest_folder *h);
	/* The folder was listed.  What is not to be read may be taken off
	 * h->listed.  RC_STORE ends the run. */
	enum rc (*begin)(void *arg, struct harvest_folder *h, struct fault *f);
	/* NULL, or: work on a body that needs no lock; note is empty and
	 * this connection's own. RC_STORE ends the run. */
	enum rc (*prepare)(void *arg, const struct body *body, struct buf *note,
	    struct fault *f);
	/* As store_read_fn, once for each message listed.  RC_STORE ends the
	 * run. */
	enum rc (*message)(void *arg, struct harvest_folder *h,
	    const struct harvest_message *m, struct fault *f);
	/* Every message of it has its fate. */
	void (*end)(void *arg, struct harvest_folder *h);
	/* The run ended before the folder did: frees what owner is. */
	void (*drop)(void *arg, struct harvest_folder *h);
	/* It cannot be read, or not to its end (then end follows); told
	 * once.  Before begin: h->listed is empty.  RC_STORE ends the run. */
	enum rc (*failed)(void *arg, struct harvest_folder *h, bool begun,
	    struct fault *f);
	/* A connection is lost, or a further one was not to be had. */
	void (*lost)(void *arg, const struct fault *f, unsigned left);
};

/* Opens one more connection; called from several threads at once. */
typedef enum rc harvest_open_fn(void *arg, struct store **r, struct fault *f);

struct harvest {
	const struct harvest_ops *ops;
	void *arg;
	struct store *store; /* the first connection, borrowed */
	harvest_open_fn *open;
	void *open_arg;
	unsigned connections; /* at most; 0: as the store says */
};

/* Reads these folders.  RC_STORE: it ended early, for the reason of the
 * owner or of the connection that was lost last. */
enum rc harvest_run(const struct harvest *h, const struct folder *const *folder,
    size_t n, struct fault *f) CHECKED;

#endif
