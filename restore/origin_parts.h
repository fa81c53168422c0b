#ifndef RESTORE_ORIGIN_PARTS_H
#define RESTORE_ORIGIN_PARTS_H

#include "origin.h"
#include "stores/archive/lineage.h"

/* What the files of the origin share. */

struct origin_item {
	struct origin_message m;
	struct lineage_place place; /* generation 0: of the stream */
};

struct origin_items {
	struct origin_item *v;
	size_t n;
	size_t cap;
};

struct origin {
	struct lineage *chain;         /* NULL: one archive as a stream */
	struct archive_reader *stream; /* NULL: the chain is all */
	bool streamed;                 /* the stream is at its end */
	uint64_t stream_size;          /* 0: a pipe */
	uint64_t stream_read;          /* up to the segment at hand */
	struct archive_reader *at;     /* who has the segment at hand */
	struct origin_items items;     /* of it, wanted */

	/* the walk through the chain's state */
	uint32_t next;
	bool ordered;
	bool ahead; /* ahead_item is the next one */
	struct origin_item ahead_item;

	/* what a stream's segment refers to, by place */
	struct origin_items refs;
	size_t refs_at;
	uint32_t *onto; /* of the parent's folder: the delta's; see goes_on */
};

/* origin_chain.c: the next segment of the chain that has something of the
 * state; of a stream's parents, something that the stream goes on with. */
enum rc chain_next(struct origin *o, origin_wants_fn *wants, void *arg,
    struct fault *f) CHECKED;
/* Opens the segment that o->items lie in. */
enum rc chain_segment(struct origin *o, struct fault *f) CHECKED;

/* origin_stream.c: likewise of the stream. */
enum rc stream_next(struct origin *o, origin_wants_fn *wants, void *arg,
    struct fault *f) CHECKED;
/* After the end of the stream: a message of the parents' state as it is
 * now; false when it is no more. */
bool stream_goes_on(struct origin *o, struct lineage_message *m);
/* The delta must be the child of the chain. */
enum rc stream_check_parent(const struct origin *o, struct fault *f) CHECKED;

void origin_add(struct origin_items *l, const struct origin_item *item);

#endif
