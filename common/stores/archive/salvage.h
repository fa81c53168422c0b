#ifndef ARCHIVE_SALVAGE_H
#define ARCHIVE_SALVAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/minisign.h"
#include "mail/msg.h"
#include "stores/archive/reader.h"
#include "util/fault.h"

/*
 * What is still whole in a damaged archive.
 *
 * A manifest counts when its own signature holds, or when a manifest that
 * counts tells its hash; where it lies and what surrounds it has no say.  A
 * message that a manifest names is recovered when octets with its hash are
 * found, wherever that is.  It is then as good as from a whole archive.
 *
 * A stray is a message that no manifest is left of.  Its name in the tar
 * agrees with its octets, in size and in 64 bits of their hash: damage is
 * ruled out by that, and forgery is not, for nothing that is signed tells
 * of it.
 */
struct salvage;

/* fd is taken, also on failure; it must be a file.  Looks for all that is
 * signed.  CAUSE_DATA: there is nothing. */
enum rc salvage_new(int fd, const struct pubkey *key, struct salvage **r,
    struct fault *f) CHECKED;
void salvage_free(struct salvage *s); /* takes NULL */

/* The archive's id; borrowed. */
const char *salvage_id(const struct salvage *s);
/* NULL when the header is lost. */
const struct archive_header *salvage_header(const struct salvage *s);
/* Of its final; NULL when that is lost.  One that lies where nobody would
 * look for it is found by salvage_run only. */
const struct hash *salvage_final_hash(const struct salvage *s);
/* The folders of all manifests; an index is what msg.folder says.  Where
 * the line about it is lost the name is made of its directory's, and it is
 * NULL where no message tells that either. */
size_t salvage_folders(const struct salvage *s);
const struct archive_folder *salvage_folder(const struct salvage *s,
    uint32_t number);

struct salvage_stray {
	struct msg msg;   /* no zone, no keywords; folder is not set */
	struct hash hash; /* of its octets */
	const char *name; /* of its folder, canonical */
	uint32_t folder;  /* of the archive, UINT32_MAX: not known */
	uint32_t uidvalidity;
};

/* Each may be called in any order; a fault ends the run.  Bodies are good
 * until the call returns. */
struct salvage_sink {
	void *arg;
	enum rc (*message)(void *arg, const struct archive_entry *e,
	    const struct body *body, struct fault *f);
	/* A manifest names it, and its octets are nowhere. */
	enum rc (*lost)(void *arg, const struct archive_entry *e,
	    uint32_t segment, struct fault *f);
	enum rc (*stray)(void *arg, const struct salvage_stray *m,
	    const struct body *body, struct fault *f);
};

/* Once. */
enum rc salvage_run(struct salvage *s, const struct salvage_sink *sink,
    struct fault *f) CHECKED;

/* What is known of the archive's end; after salvage_run. */
struct salvage_end {
	/* The signed final, with the claims in the folders; NULL: lost. */
	const struct archive_final *final;
	uint32_t segments;  /* as many are known to have been there */
	uint32_t manifests; /* that count, the header's not */
	uint32_t damaged;   /* segments with something lost */
};
void salvage_ending(const struct salvage *s, struct salvage_end *r);

#endif
