#ifndef PROBE_MAILBOX_H
#define PROBE_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/store.h"
#include "util/buf.h"
#include "util/fault.h"

/* A folder in which mail may turn up. */
enum place_kind {
	PLACE_INBOX,
	PLACE_JUNK,  /* by its special use (RFC 6154), or its name */
	PLACE_SENT,  /* where servers put copies of what is submitted */
	PLACE_OTHER, /* where a rule may have put it */
};

struct place {
	struct folder folder; /* a copy */
	enum place_kind kind;
	uint32_t uidvalidity;
	uint32_t next; /* UIDs below it were there before, or were seen */
	uint32_t told; /* UIDNEXT as the server told it last; 0: it did not */
	uint32_t exists;
};

/*
 * A mailbox at which mail is waited for: what is new in it since it was
 * opened, and nothing else, is looked at.  Only mailbox_remove changes it, one
 * message at a time.
 */
struct mailbox {
	const char *label;    /* the caller's name for it, borrowed */
	bool read_only;       /* nothing is removed */
	struct store *store;  /* owned; NULL: closed */
	struct place **place; /* INBOX first; each stays where it is */
	size_t n;
	size_t folders; /* of the account */
	unsigned tries; /* new connections since the last progress */
	bool dead;      /* it could not be mended: nothing is asked of it */
};

enum {
	/* Nothing larger is ours; a bounce may have a copy of ours in it. */
	MAILBOX_MESSAGE_MAX = 1 << 20,
};

/* Takes the store, whatever happens, and notes where all is now. */
enum rc mailbox_init(struct mailbox *m, struct store *s, struct fault *f)
    CHECKED;
/* A place that another process found; where it is known it is that one. */
const struct place *mailbox_place(struct mailbox *m, enum place_kind kind,
    const char *name);
/* Ends the connection; the places stay. */
void mailbox_close(struct mailbox *m);
void mailbox_release(struct mailbox *m);

/* A message that is new; raw is in wire form. */
struct arrival {
	const struct place *place; /* borrowed */
	uint32_t uidvalidity;
	uint32_t uid;
	const unsigned char *raw; /* borrowed during the call */
	size_t n;
};

typedef enum rc arrival_fn(void *arg, const struct arrival *a, struct fault *f);

/* What is looked at, by kind. */
enum {
	LOOK_INBOX = 1 << PLACE_INBOX,
	LOOK_JUNK = 1 << PLACE_JUNK,
	LOOK_SENT = 1 << PLACE_SENT,
	LOOK_OTHER = 1 << PLACE_OTHER,
};

/* Gives each new message of these folders, LOOK_*.  A line that is lost is
 * mended: then some may be given twice. */
enum rc mailbox_look(struct mailbox *m, unsigned kinds, arrival_fn *fn,
    void *arg, struct fault *f) CHECKED;

/* Looks for folders that were made meanwhile: all in them is new. */
enum rc mailbox_relist(struct mailbox *m, struct fault *f) CHECKED;

/* Waits at most ms, or until there is news of INBOX where the server tells
 * (IDLE).  A line that is lost is mended. */
enum rc mailbox_wait(struct mailbox *m, int ms, struct fault *f) CHECKED;

/* True when these bytes are those of the message that is meant. */
typedef bool mailbox_is_fn(void *arg, const unsigned char *raw, size_t n);

struct mailbox_removal {
	const struct place *place;
	uint32_t uidvalidity;
	uint32_t uid;
	mailbox_is_fn *is; /* asked just before */
	void *arg;
};

/*
 * Removes the one message, by UID, and no other.  *left_r: NULL when it is
 * not there any more; else why it was left, the caller frees.  A fault is of
 * the line.
 */
enum rc mailbox_remove(struct mailbox *m, const struct mailbox_removal *r,
    char **left_r, struct fault *f) CHECKED;

/* What a folder is for, by its special use or else by its name. */
enum place_kind place_kind_of(const struct folder *folder);

#endif
