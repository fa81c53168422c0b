#ifndef AUDIT_SIDE_H
#define AUDIT_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/spool.h"
#include "mail/fingerprint.h"
#include "mail/listing.h"
#include "mail/msg.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/table.h"

/* How well a message of the archive was found at the target. */
enum proof {
	PROOF_MISSING,   /* not at all */
	PROOF_IDENTICAL, /* the same bytes on the wire */
	PROOF_LINE_ENDS, /* the same but for line ends, NUL, From_ */
	PROOF_HEADER,    /* --level header: the same header and size */
	PROOF_RELOCATED, /* one of the two, in another folder */
};

/* Flags and keywords as one number: there are few different ones. */
struct labels;

struct labels *labels_new(void);
void labels_free(struct labels *l); /* takes NULL */
uint32_t labels_add(struct labels *l, const struct msg *m);
/* Borrowed until labels_free. */
const char *labels_keywords(const struct labels *l, uint32_t label);
unsigned labels_flags(const struct labels *l, uint32_t label);

/*
 * A message of the archive as its manifest tells it.  There may be a
 * million: 64 octets each, and what only few need stands in a gap.
 */
struct item {
	struct hash key; /* its hash; --level header: key_of_header */
	int64_t epoch;   /* INTERNALDATE, when dated */
	uint32_t folder;
	uint32_t uid;
	uint32_t id; /* in the chain: for lineage_again */
	uint32_t label;
	uint8_t eol;   /* enum eol */
	uint8_t proof; /* enum proof */
	bool dated;
};

struct items {
	struct item *v;
	size_t n;
	size_t cap;
};

void items_release(struct items *l);

/* What is known of one message of either side when it is looked at. */
struct facts {
	struct hash key;  /* as item.key */
	struct hash hash; /* all 0: no body was read */
	unsigned char canon[16];
	int64_t epoch;
	uint64_t size;  /* on the wire */
	uint32_t place; /* target: where it lies */
	uint32_t uid;
	uint32_t label;
	enum eol eol;
	bool dated;
	struct listing_place at; /* archive: where it lies */
};

/* For --level header: made of what a header fetch shows. */
void key_of_header(const struct fingerprint *fp, uint64_t size, struct hash *r);

/*
 * Facts and headlines of what is to be reported, kept outside memory: there
 * may be many, and of the target they cannot be asked for again.
 */
struct notes {
	struct spool *spool;
};

void notes_init(struct notes *n);
void notes_release(struct notes *n);
/* body NULL: the headline is empty.  *at_r is for notes_get. */
enum rc notes_add(struct notes *n, const struct facts *facts,
    const struct body *body, uint64_t *at_r, struct fault *f) CHECKED;
enum rc notes_facts(struct notes *n, uint64_t at, struct facts *r,
    struct fault *f) CHECKED;
/* The caller releases *head_r. */
enum rc notes_get(struct notes *n, uint64_t at, struct facts *r,
    struct headline *head_r, struct fault *f) CHECKED;

#endif
