#ifndef ARCHIVE_PACKING_H
#define ARCHIVE_PACKING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/spool.h"
#include "stores/archive/packer.h"
#include "stores/archive/segment.h"
#include "util/fault.h"

/* What the files of the packer share; all of it under the lock. */

struct place {
	struct parcel parcel;
	uint64_t memory; /* that the frame takes */
	bool packed;     /* and not yet written */
	enum rc rc;      /* of the packing */
	struct fault fault;
};

struct packer {
	struct packer_plan plan;
	pthread_mutex_t lock;
	pthread_cond_t change;
	size_t segments;
	struct segment *open;   /* being filled; NULL: none was spare */
	struct segment **spare; /* those used last are on top */
	size_t spares;
	uint64_t queued;             /* memory of those given and not packed */
	struct segment **given_away; /* a ring: what is not begun */
	struct place *place;         /* a ring, too */
	size_t places;
	struct spool **spare_frame;
	size_t spare_frames;
	uint64_t packed; /* memory of frames in the making, or not written */
	uint64_t given, begun, written;
	unsigned busy; /* threads at work */
	bool stop;
	enum rc rc; /* what ended it */
	struct fault fault;
	pthread_t *thread; /* the first one writes */
	size_t threads;
};

/* What its threads do; arg is the packer. */
void *packer_pack(void *arg);
void *packer_write(void *arg);

#endif
