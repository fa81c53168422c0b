#ifndef IMAP_OUTGOING_H
#define IMAP_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/store.h"
#include "stores/imap/session.h"
#include "util/buf.h"

/* What is left out of an APPEND that was refused with it. */
enum outgoing_drop {
	OUTGOING_ALL,
	OUTGOING_NO_KEYWORDS,
	OUTGOING_NO_FLAGS,
};

/*
 * What one command appends: one message or, with MULTIAPPEND (RFC 3502),
 * some of an order that the server takes all or none of.
 */
struct outgoing {
	struct append_order *order;
	size_t first;
	size_t count;
	uint64_t bytes;
	enum outgoing_drop drop;
	bool again; /* a part of one that was refused */
	int tag;
};

/*
 * Appends " (flags) "date"" for one item: what the folder's permanent flags
 * allow; what they do not, and what drop leaves out, is told in the item's
 * reason and repaired.
 */
void outgoing_describe(struct buf *b, struct append_item *item,
    const struct folder_state *allowed, enum outgoing_drop drop);

/* Appends "\\Seen kw" for one item, by the same rules. */
void outgoing_flags(struct buf *b, struct append_item *item,
    const struct folder_state *allowed, enum outgoing_drop drop);

/* True when something that drop leaves out would be sent. */
bool outgoing_would_drop(const struct append_item *item,
    const struct folder_state *allowed, enum outgoing_drop drop);

/* True when a literal of so many octets must wait for the server's "+". */
bool outgoing_waits(const struct imap_caps *caps, uint64_t size);

/*
 * Sends the command with its messages' exact wire octets, flushing only
 * where it must wait.  *ended_r: the server answered before all was sent,
 * and *reply tells how.  RC_STORE: the line is lost.
 */
enum rc outgoing_send(struct outgoing *o, struct session *s, bool *ended_r,
    struct imap_reply *reply, struct fault *f) CHECKED;

#endif
