#ifndef AUDIT_SIDE_H
#define AUDIT_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/spool.h"
#include "mail/fingerprint.h"
#include "mail/msg.h"
#include "util/buf.h"
#include "util/fault.h"

/* How well a message of the archive was found at the target. */
enum proof {
	PROOF_MISSING,   /* not at all */
	PROOF_IDENTICAL, /* the same bytes on the wire */
	PROOF_LINE_ENDS, /* the same but for line ends, NUL, From_ */
	PROOF_HEADER,    /* --level header: the same header and size */
	PROOF_RELOCATED, /* one of the two, in another folder */
};

/* One message of either side. */
struct item {
	struct hash hash;
	unsigned char canon[16];
	enum eol eol;
	enum proof proof; /* of an archive's item */
	struct msg msg;   /* folder: index on its own side */
	uint64_t note;    /* where its headline lies in the notes */
	uint64_t offset;  /* archive: of the member in the segment */
	uint32_t segment;
	/* archive: where it was found, when relocated */
	uint32_t found_folder;
	uint32_t found_uid;
};

struct items {
	struct item *v;
	size_t n;
	size_t cap;
};

/* Adds a message that was read; m->keywords must outlive the list. */
struct item *items_add(struct items *l, const struct msg *m,
    const struct digest *d);
void items_release(struct items *l);

/* For --level header: canon is made of what a header fetch shows. */
void item_key_header(struct item *i, const struct fingerprint *fp);

/*
 * Headlines, kept outside memory: almost all are never looked at again,
 * and those of the missing must be there even if the archive was a pipe.
 */
#define NOTE_NONE UINT64_MAX /* nothing is known but what the list said */

struct notes {
	struct spool *spool;
};

void notes_init(struct notes *n);
void notes_release(struct notes *n);
/* Appends the note of a message; needs no lock. */
enum rc notes_make(const struct body *b, struct buf *note, struct fault *f)
    CHECKED;
enum rc notes_add(struct notes *n, const struct buf *note, uint64_t *at_r,
    struct fault *f) CHECKED;
/* The caller releases *r. */
enum rc notes_get(struct notes *n, uint64_t at, struct headline *r,
    struct fault *f) CHECKED;

#endif
