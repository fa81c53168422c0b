#ifndef IMAP_READING_H
#define IMAP_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/store.h"
#include "stores/imap/ops.h"

/* Where a message that was asked for stands. */
enum reading_state {
	READING_WAITING, /* not answered yet */
	READING_DONE,    /* the caller knows its fate */
	READING_EMPTY,   /* NIL or nothing, where a size was told */
	READING_DENIED,  /* NO or BAD to a command that asked for it */
	READING_MISSING, /* passed over by an answer that said OK */
	READING_SILENT,  /* passed over, and listed all the same */
	READING_STATES
};

enum reading_mode {
	READING_BODIES, /* BODY[]: commits each to the caller */
	READING_PARTS,  /* adds to the body that is open */
	READING_LISTED, /* UID: MISSING that is told is SILENT */
};

/*
 * Bodies on their way from FETCH answers to a caller of imap_read: libetpan
 * streams each literal into the intake, and tells what it was afterwards.
 */
struct reading {
	struct imap_store *is;
	const struct msg *m; /* sorted by UID */
	size_t n;
	unsigned char *state; /* enum reading_state of each */
	store_read_fn *fn;
	void *arg;
	struct mend mend;
	enum reading_mode mode;
	uint64_t octets; /* that have come of the message that comes */
	/* NULL, or: called when message i has come or, with n, some more of
	 * it; libetpan is at work then. */
	void (*came)(struct reading *rd, size_t i);
	size_t alone;        /* the one asked for; n: a range was */
	bool begun;          /* the intake is open */
	const void *section; /* of the bytes that come */
	size_t filled;       /* sections with bytes, or not NIL */
	/* The first failure of the caller or the intake: all stops. */
	enum rc rc;
	struct fault fault;
};

enum rc reading_init(struct reading *rd, struct imap_store *is,
    const struct msg *m, size_t n, struct fault *f) CHECKED;
void reading_release(struct reading *rd);
size_t reading_count(const struct reading *rd, enum reading_state state);
/* The first message at or after i in this state; n when there is none. */
size_t reading_next(const struct reading *rd, size_t i,
    enum reading_state state);

/* Appends the UIDs, as a sequence set, of messages in a state from i on, as
 * many as one command should ask for; returns where they end, and their
 * sizes together. */
size_t reading_collect(const struct reading *rd, size_t i,
    enum reading_state state, struct buf *set, uint64_t *octets_r);

/* What a reader asks for first. */
#define READING_ITEMS "(UID BODY.PEEK[])"
/* Appends the command that asks for these items of a set. */
void reading_command(struct buf *cmd, const struct buf *set, const char *items);
/* Sends it; *tag_r waits to be taken. */
enum rc reading_send(struct reading *rd, const struct buf *set,
    const char *items, int *tag_r, struct fault *f) CHECKED;
/* Answers that come are this reading's. */
void reading_listen(struct reading *rd);
/* Takes the answers up to tag.  A failure of the caller or the intake comes
 * back as it was, and the session is dropped. */
enum rc reading_wait(struct reading *rd, int tag, struct imap_reply *reply,
    struct fault *f) CHECKED;
/* What a NO to a FETCH says of the whole: RC_OK when it is about messages,
 * else the session is dropped. */
enum rc reading_judge(struct reading *rd, const struct imap_reply *reply,
    struct fault *f) CHECKED;
/* Tells the caller a fate without a body; as reading_wait. */
enum rc reading_tell(struct reading *rd, size_t i, enum read_fate fate,
    const char *reason, struct fault *f) CHECKED;
/* Ends the body that is open and gives it to the caller as message i. */
void reading_commit(struct reading *rd, size_t i);

#endif
