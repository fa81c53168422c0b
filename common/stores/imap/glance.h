#ifndef IMAP_GLANCE_H
#define IMAP_GLANCE_H

#include <stdbool.h>

#include "mail/parts.h"
#include "mail/store.h"
#include "stores/imap/fetchline.h"
#include "util/buf.h"

/* What a scan tells of a message beyond its record, until it is given to the
 * caller: copies, since the lines it stood in are gone by then. */
struct glance {
	store_glance_fn *fn;
	void *arg;
	bool header_told;
	struct buf header;
	struct buf structure; /* of BODYSTRUCTURE; empty: not told */
	struct parts parts;
};

void glance_clear(struct glance *g);
void glance_release(struct glance *g);
/* Keeps what a line tells, which may be one of several. */
void glance_hold(struct glance *g, const struct fetchline *line);
enum rc glance_give(struct glance *g, const struct msg *m, struct fault *f)
    CHECKED;

#endif
