#ifndef ARCHIVE_LINKS_H
#define ARCHIVE_LINKS_H

#include <stdint.h>

#include "bytes/spool.h"
#include "stores/archive/frame.h"
#include "stores/archive/input.h"
#include "util/fault.h"

/*
 * Earlier segments, for hard links into them.  From a file they are read
 * again; from a pipe the compressed frames are kept in an unlinked file
 * when asked for.  The last few segments that were wanted stay at hand,
 * decompressed, in unlinked files too.
 */
struct links;

/* keep: on a pipe. */
struct links *links_new(struct input *in, struct frame_in *z, bool keep);
void links_free(struct links *l); /* takes NULL */
/* The next segment, whose D lies in frame. */
enum rc links_add(struct links *l, const struct frame *d, struct spool *frame,
    struct fault *f) CHECKED;
/*
 * Puts n octets at off in the tar of a segment (from 1) that was added into
 * a spool that holds them until links_forget; *at_r is where.  scratch is
 * emptied and used.
 */
enum rc links_fetch(struct links *l, uint32_t segment, uint64_t off, uint64_t n,
    struct spool *scratch, uint64_t *at_r, struct fault *f) CHECKED;
struct spool *links_spool(struct links *l);
/* Gives that spool away for another one. */
struct spool *links_exchange(struct links *l, struct spool *fetched);
void links_forget(struct links *l);

#endif
