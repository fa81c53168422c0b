#ifndef UNIT_ARCHIVE_KIT_H
#define UNIT_ARCHIVE_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/minisign.h"
#include "mail/glob.h"
#include "stores/archive/lineage.h"
#include "stores/archive/reader.h"
#include "stores/archive/resume.h"
#include "stores/archive/writer.h"
#include "util/buf.h"
#include "util/fault.h"

/* Makes small archives in memory and reads them back. */
struct kit {
	char *dir; /* pub, sec, and what a test puts there */
	struct seckey *key;
	struct pubkey pub;
};

/* A message as a test tells it; bytes are the wire form. */
struct kit_mail {
	unsigned folder;
	uint32_t uid;
	const char *bytes;
	size_t n; /* 0: strlen(bytes) */
	int64_t epoch;
	bool undated;
	unsigned flags;
	const char *keywords; /* NULL: none */
};

struct kit_archive {
	struct buf bytes;
	struct buf minisig;
	struct archive_totals totals;
};

struct kit_plan {
	const char *const *folder; /* canonical names */
	size_t folders;
	const struct kit_mail *mail;
	size_t n;
	uint64_t segment_size;
	size_t flush_every;       /* messages; 0: never */
	uint64_t expect;          /* messages, said before the second one, */
	uint64_t coming;          /* and their octets */
	const struct seckey *key; /* NULL: the kit's */
	const char *account;      /* NULL: one that is always the same */
	const char *origin;       /* salvaged from that id; NULL: it is not */
	const struct selection *selection;
	const uint32_t *uidvalidity; /* of each folder; NULL: from 1000 on */

	struct lineage *parent; /* NULL: no delta */
	const uint32_t *base;   /* of each folder: the parent's and 1, or 0 */
	/* A message whose octets are said to be those, of the parent's. */
	const struct kit_mail *referred;
	const struct lineage_message *octets;
	const struct kit_mail *gone; /* folder and UID */
	size_t gones;
	const struct kit_mail *flagged; /* and what they have now */
	size_t flaggeds;
};

/* How an archive is read, and what came of it. */
struct kit_read {
	unsigned options;
	bool pipe;
	bool no_bodies; /* ARCHIVE_MANIFESTS: nothing is opened again */
	size_t moved;   /* octets in memory of a segment that is looked at only
		       * when the next but one was read; 0: at once */
	const struct pubkey *key; /* NULL: the kit's */

	enum rc rc; /* RC_END: all is well */
	struct fault fault;
	bool incomplete;
	size_t messages; /* handed out */
	size_t wrong;    /* handed out, and not as they were written */
	size_t links;
	uint32_t last_segment;
	struct archive_totals totals;
};

/* What came of going on with the beginning of an archive. */
struct kit_resumed {
	enum rc rc;
	struct fault fault;
	bool untouched; /* the file holds what it held */
	struct archive_resumed was;
	struct kit_archive a; /* RC_OK */
};

void kit_open(struct kit *k);
void kit_close(struct kit *k);
/* Fails the test when it cannot. */
void kit_write(struct kit *k, const struct kit_plan *p, struct kit_archive *r);
void kit_release(struct kit_archive *a);
/* What the archive must say of a message. */
size_t kit_mail_size(const struct kit_mail *m);
struct msg kit_mail_msg(const struct kit_mail *m);
/* Reads n octets as an archive; every message that comes is compared with
 * the plan's. */
void kit_read(struct kit *k, const struct kit_plan *p, const void *bytes,
    size_t n, const struct buf *minisig, struct kit_read *r);
/* Leaves the octets as an interrupted run would, and goes on with what of
 * the plan they lack.  The caller releases r->a. */
void kit_resume(struct kit *k, const struct kit_plan *p, const void *bytes,
    size_t n, struct kit_resumed *r);
/* A descriptor that gives these octets; a pipe holds at most 1 MiB. */
int kit_fd(const void *bytes, size_t n, bool pipe);

#endif
