#ifndef PROBE_FRAME_H
#define PROBE_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/* What goes through a job's pipe: by octets, in frames. */

enum frame_kind { FRAME_NEWS = 'n', FRAME_RESULT = 'r' };

void frame_add(struct buf *b, enum frame_kind kind, const void *p, size_t n);

enum frame_got {
	FRAME_WHOLE, /* taken from the head of b */
	FRAME_PART,  /* more is to come */
	FRAME_BAD,   /* no process of ours writes that */
};

/* Takes the first frame; r is replaced. */
enum frame_got frame_take(struct buf *b, enum frame_kind *kind_r,
    struct buf *r);

#endif
