#ifndef ARCHIVE_CHAIN_H
#define ARCHIVE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stores/archive/scan.h"
#include "stores/archive/torn.h"
#include "util/fault.h"

/* The blocks of a frame (RFC 8878, section 3.1.1.2), as far as they are
 * found. */
enum { BLOCK_HEAD = 3, BLOCK_MAX = 131072, FRAME_HEAD_MAX = 18 };

struct block {
	uint64_t at;   /* of its header in the file */
	uint32_t size; /* octets in the file behind the header */
	bool lost;     /* cannot be decompressed, or nobody knows where it is */
	uint64_t nuls; /* in place of one that is lost */
};

struct chain {
	struct block *v;
	size_t n, cap;
	bool headed;     /* the frame's header is one */
	uint64_t size;   /* of the content, 0: not told */
	unsigned window; /* window log */
	bool ended;      /* the last block is there */
	uint64_t end;    /* behind all that was found, the checksum too */
};

/* c is empty, or of an earlier frame. */
enum rc chain_find(struct chain *c, struct scan *s, const struct torn_frame *w,
    struct fault *f) CHECKED;
void chain_release(struct chain *c);

#endif
