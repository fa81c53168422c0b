#ifndef ARCHIVE_TORN_H
#define ARCHIVE_TORN_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/spool.h"
#include "stores/archive/scan.h"
#include "util/fault.h"

/*
 * Decompresses what is left of a damaged frame (RFC 8878).  A frame is a
 * chain of blocks of at most 128 KiB, each of which is found by the size
 * of the one before it.  A block that cannot be decompressed is replaced by
 * as many NULs, so that all behind it still lies where it has to; a chain
 * that is broken is taken up again where one starts that ends with the
 * frame.  Blocks that copy from what was replaced come out wrong: whoever
 * uses the octets must check them.
 */
struct torn;

struct torn *torn_new(void);
void torn_free(struct torn *t); /* takes NULL */

struct torn_frame {
	uint64_t from;   /* of its first octet in the file */
	uint64_t to;     /* where the next frame starts; 0: not known */
	uint64_t size;   /* octets of content; 0: what the frame says */
	uint64_t octets; /* stop at so many; 0: never */
};

struct torn_state {
	uint64_t end;   /* behind its last octet, as far as it is known */
	bool headed;    /* it starts as a frame of ours does */
	bool ended;     /* its last block was found */
	uint64_t holes; /* blocks that were replaced, chains mended */
};

/* The content goes to the end of to.  A frame of which nothing is left is
 * RC_OK too; faults are those of the file and the spool. */
enum rc torn_unpack(struct torn *t, struct scan *s, const struct torn_frame *w,
    struct spool *to, struct torn_state *r, struct fault *f) CHECKED;

#endif
