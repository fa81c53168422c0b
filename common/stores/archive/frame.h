#ifndef ARCHIVE_FRAME_H
#define ARCHIVE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "bytes/spool.h"
#include "stores/archive/input.h"
#include "util/buf.h"
#include "util/fault.h"

/* One zstd frame (RFC 8878): content size present, checksum on. */
struct frame {
	uint64_t offset;     /* in the file */
	uint64_t compressed; /* octets */
	uint64_t size;       /* octets of content */
	struct hash hash;    /* BLAKE2b-256 of the compressed octets */
};

/* How much is spent on a frame. */
enum frame_effort {
	FRAME_USUAL, /* what pays, by the texture of its content */
	FRAME_BEST,  /* slow, and smaller */
};

/*
 * Makes frames, one after the other.  What lies in memory is compressed
 * where it lies; for a spool that went to its file the context holds a
 * window of 16 MiB meanwhile.
 */
struct frame_out;

struct frame_out *frame_out_new(enum frame_effort effort);
void frame_out_free(struct frame_out *z); /* takes NULL */
/* One frame of all of from goes to the end of to; r->offset is left alone. */
enum rc frame_out_spool(struct frame_out *z, struct spool *from,
    struct spool *to, struct frame *r, struct fault *f) CHECKED;
/* The most that a frame of n octets takes: the bound that keeps it in
 * memory. */
size_t frame_out_bound(size_t n);

/*
 * The same content always gives the same octets: raw blocks, and one RLE
 * block for the NULs at the end.  For the last frame of an archive, which
 * nothing behind it can vouch for.
 */
void frame_store(const void *p, size_t n, struct buf *out);

struct frame_caps {
	uint64_t size;   /* octets of content, at most */
	unsigned window; /* window log, at most */
	bool hash;       /* also where the octets go nowhere */
};

/*
 * Takes one frame off in and puts its octets, still compressed, into to,
 * finding its end by the headers of its blocks; *r is filled, offset too.
 * RC_END: nothing is left.  RC_STORE and CAUSE_DATA: this is no frame of
 * ours, or the input ends inside it (*cut_r tells).  to NULL: the blocks are
 * passed over, unread unless caps->hash; r->hash is all 0 then.
 */
enum rc frame_copy(struct input *in, const struct frame_caps *caps,
    struct spool *to, struct frame *r, bool *cut_r, struct fault *f) CHECKED;

/* The octets of a frame that lies before, read again from the file into to.
 * CAUSE_DATA unless they have the hash that d tells. */
enum rc frame_reread(struct input *in, const struct frame *d, struct spool *to,
    struct fault *f) CHECKED;

/* Decompresses frames. */
struct frame_in;

struct frame_in *frame_in_new(void);
void frame_in_free(struct frame_in *z); /* takes NULL */
/* Gives back the window, 16 MiB as a rule, until the next frame. */
void frame_in_rest(struct frame_in *z);
/* One frame that fills from; its content, of exactly size octets, goes to
 * the end of to.  CAUSE_DATA when it is damaged. */
enum rc frame_in_spool(struct frame_in *z, struct spool *from, uint64_t size,
    struct spool *to, struct fault *f) CHECKED;

#endif
