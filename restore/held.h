#ifndef RESTORE_HELD_H
#define RESTORE_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "mail/fingerprint.h"
#include "mail/msg.h"
#include "mail/store.h"
#include "util/fault.h"

enum held_state {
	HELD_LISTED,  /* key: fingerprint of the header */
	HELD_ASKED,   /* the same, and its body is to be read */
	HELD_READ,    /* key: canon, as in struct digest */
	HELD_CLAIMED, /* stands for a message of the archive, or for none */
};

/*
 * What a target folder holds, as a multiset: each message there can stand
 * for one message of the archive.  The fingerprint of the header finds
 * candidates, their bodies decide.  There may be a million, and they may all
 * be equal: 28 octets each and 4 to 8 of the buckets, and none is looked at
 * again once it was asked for, or claimed.
 */
struct held_message {
	uint32_t uid;
	uint32_t next; /* of its chain: id + 1 */
	unsigned char key[16];
	uint8_t state;
};

/* A message that the target has (it said OK) under a UID it did not tell. */
struct held_debt {
	struct fingerprint fp;
	unsigned char canon[16];
	const void *owner; /* the journal's entry; NULL: this run's */
};

struct held {
	struct held_message *v; /* by UID, the first sorted of them */
	size_t n;
	size_t cap;
	size_t sorted;
	uint32_t *bucket; /* chains of what is LISTED or READ, by key */
	size_t buckets;
	struct held_debt *debt;
	size_t debts;
	size_t debts_cap;
	uint32_t next;  /* UIDs from here on were not looked at */
	uint64_t steps; /* messages looked at, for the tests */
};

void held_init(struct held *h);
void held_release(struct held *h);

/* Lists what the selected folder of s has from h->next on. */
enum rc held_scan(struct held *h, struct store *s, struct fault *f) CHECKED;
/* Reads the unclaimed messages that may be one of the fingerprints asked
 * for with held_want since the last call, and settles the debts. */
void held_want(struct held *h, const struct fingerprint *fp, struct msgs *want);
enum rc held_read(struct held *h, struct store *s, struct msgs *want,
    struct fault *f) CHECKED;

/* Claims a message with this content that was read and is free: true, and
 * its UID.  Equal but for line ends counts: servers change those. */
bool held_claim(struct held *h, const unsigned char canon[16], uint32_t *uid_r);
/* By UID, after held_scan; NULL: not there. */
const struct held_message *held_find(const struct held *h, uint32_t uid);
/* Claims by UID; false when it is not there. */
bool held_claim_uid(struct held *h, uint32_t uid);
/* One that was read, or claimed by its content, is to be claimed or free
 * again; what is free is not found by held_claim any more. */
void held_choose(struct held *h, uint32_t uid, bool claimed);
/* Remembers a message that was appended; uid 0: not told. */
void held_appended(struct held *h, uint32_t uid, const struct fingerprint *fp,
    const unsigned char canon[16]);
/* Remembers one that is there under an unknown UID. */
void held_owe(struct held *h, const struct held_debt *debt);
/* Is a debt of this owner still open? */
bool held_owes(const struct held *h, const void *owner);

#endif
