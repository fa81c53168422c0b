#ifndef IMAP_PIPELINE_H
#define IMAP_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/store.h"
#include "stores/imap/ops.h"
#include "stores/imap/outgoing.h"
#include "stores/imap/selectline.h"
#include "util/fault.h"

/*
 * Commands under way while others are answered: what keeps a server busy
 * whatever the line's delay.  They are known by their tags: answers need not
 * come in the order of the commands.  The window is bounded in octets and
 * commands: answers are short and few enough to fit the sockets' buffers, so
 * that a server never waits for us to read while we wait for it to.
 */
enum {
	PIPELINE_COMMANDS = 64,
	PIPELINE_OCTETS = 8 << 20, /* of messages under way */
	APPEND_BATCH = 100,        /* messages of a MULTIAPPEND */
};

/* An APPEND, or (order NULL) one part of a question. */
struct under_way {
	struct outgoing append;
	struct store_question *question;
	unsigned part; /* ASK_* */
	int tag;
};

struct pipeline {
	struct selectline seen; /* untagged, since the last SELECT's answer */
	struct under_way sent[PIPELINE_COMMANDS]; /* oldest first */
	size_t n;
	uint64_t octets;
	struct outgoing *redo; /* a stack, the next on top */
	size_t redo_n;
	size_t redo_cap;
	bool full; /* the quota is: only redo may find room */
	/* The first failure after which nothing more is sent. */
	enum rc rc;
	struct fault fault;
	bool silent; /* it was the caller's own */
};

struct pipeline *pipeline_new(void);
void pipeline_free(struct pipeline *p); /* takes NULL */
/* Forgets all that is under way: the server may have it. */
void pipeline_drop(struct imap_store *is);
/* Keeps the first one. */
void pipeline_halt(struct pipeline *p, enum rc rc, const struct fault *f);
/* There must be room. */
struct under_way *pipeline_add(struct pipeline *p);
/* Takes the ith off. */
struct under_way pipeline_take(struct pipeline *p, size_t i);

/* append_answer.c: the fate of those that were sent, and what is to be sent
 * again. */
void append_answered(struct imap_store *is, struct outgoing *o,
    const struct imap_reply *reply);
/* A message that is not sent, or not again. */
void append_refuse(struct pipeline *p, struct append_order *order, size_t i,
    const char *reason);
/* True for a message of the order that was not sent and has no fate. */
bool append_is_todo(const struct append_order *order, size_t i);
/* ask.c: what was told. */
void ask_answered(struct imap_store *is, const struct under_way *u,
    const struct imap_reply *reply);
/* Reads the next answer.  RC_STORE: the line is lost. */
enum rc pipeline_read(struct imap_store *is, struct fault *f) CHECKED;

#endif
