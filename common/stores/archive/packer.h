#ifndef ARCHIVE_PACKER_H
#define ARCHIVE_PACKER_H

#include <stdint.h>

#include "bytes/spool.h"
#include "stores/archive/frame.h"
#include "stores/archive/segment.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * Packs segments beside whoever fills them.  Each thread of a pool takes
 * the next one and compresses it; one more thread hands what is packed to
 * the owner, in the order in which it was given: manifests are chained, so
 * only there the order counts.  The octets do not depend on how many
 * threads there are.  Memory: a segment more than threads that compress,
 * and as many frames as threads, at least two, or more that are smaller.
 */
struct packer;

/* What a segment becomes. */
struct parcel {
	struct buf lines;     /* of its manifest */
	struct spool *packed; /* its frame */
	struct frame frame;   /* all but the offset */
};

/* Writes a parcel; called in order and never twice at a time, on a thread
 * of the packer's.  After a failure it is not called again. */
typedef enum rc packer_write_fn(void *arg, struct parcel *p, struct fault *f);

struct packer_plan {
	unsigned threads;      /* that compress, at least 1 */
	uint64_t segment_size; /* octets of tar */
	enum frame_effort effort;
	packer_write_fn *write;
	void *arg;
};

enum rc packer_new(const struct packer_plan *plan, struct packer **r,
    struct fault *f) CHECKED;
/* Drops what is not written yet. */
void packer_free(struct packer *p); /* takes NULL */
/* The segment to be filled: empty, and the caller's until it is given. */
struct segment *packer_segment(struct packer *p);
/*
 * Gives that segment away and waits until there is another one to be
 * filled.  As packer_check, fails with the failure of any segment given
 * before; what was given before that one is written.
 */
enum rc packer_give(struct packer *p, struct fault *f) CHECKED;
enum rc packer_check(struct packer *p, struct fault *f) CHECKED;
/* Waits until all that was given is written, or until nothing more will
 * be; until the next packer_give the owner's thread is alone. */
enum rc packer_drain(struct packer *p, struct fault *f) CHECKED;

#endif
