#ifndef RESTORE_PARCEL_H
#define RESTORE_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/spool.h"
#include "mail/fingerprint.h"
#include "mail/msg.h"
#include "mail/store.h"
#include "stores/archive/reader.h"

struct destination;
struct journal_entry;
struct parcel;

/* One message of the archive on its way. */
struct pending {
	const char *from; /* folder */
	uint32_t uidvalidity;
	struct msg msg; /* as it shall be at the target */
	struct fingerprint fingerprint;
	struct body body;
	struct parcel *parcel;
	const struct journal_entry *known; /* from earlier runs; NULL: not */
	bool looked_up;                    /* known is what it is */
	bool absent; /* its octets are in an archive that was not given */
	bool done;   /* settled: appended, there, or refused */
};

/* A segment at hand, and room for the next one when all of it is done. */
struct load {
	struct archive_load *segment;
	struct pending *v; /* those that are wanted, in its order */
	size_t n;
	size_t parcels; /* not finished */
	struct load *next;
};

/* A run of messages of one load for one folder. */
struct parcel {
	struct load *load;
	struct destination *to;
	struct pending *v;
	size_t n;
	size_t open;              /* of them: not done */
	uint64_t number;          /* its place in the archive */
	struct spool *shared[2];  /* our own views of the load's octets */
	struct append_item *item; /* what is under way */
	struct append_order order;
	struct parcel *next;
};

/* Takes the octets of these messages of l for a thread of its own. */
struct parcel *parcel_new(struct load *l, size_t first, size_t n,
    struct destination *to);
void parcel_free(struct parcel *p);

#endif
