#ifndef ARCHIVE_LEDGER_H
#define ARCHIVE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "util/fault.h"

enum {
	RECORD_DATED = 1 << 0, /* epoch and zone are known */
	RECORD_RAW = 1 << 1,   /* EOL_RAW */
	RECORD_LINK = 1 << 2,  /* a hard link */
	RECORD_FILE = 1 << 3,  /* not a message */
};

/* What both ends remember of each member, for links and the final. */
struct record {
	struct hash hash;
	int64_t epoch;
	uint64_t size;         /* octets of the file */
	uint64_t wire;         /* octets on the wire */
	uint64_t virtual_size; /* octets with CRLF: the writer's */
	uint64_t offset;       /* of the member in its tar */
	uint64_t data;         /* of its bytes in its tar: the reader's */
	uint64_t path;         /* XXH3-64 of the path: the reader's */
	const char *keywords;  /* in the owner's atoms */
	uint32_t folder;
	uint32_t uid;
	uint32_t segment;
	int16_t zone;
	unsigned char flags; /* FLAG_* */
	unsigned char bits;  /* RECORD_* */
};

/* The same octets from the same time: one file, and links to it.  A
 * ledger_is_fn; want is a record. */
bool record_is_same(const void *want, const struct record *have);
/* Equal for those, and hardly for others: copies that a client made at many
 * times must not share a chain. */
uint64_t record_key(const struct record *r);

/*
 * All records of an archive.  They lie in a spool, so that memory is a
 * bound and about 16 octets a message (a table in which they are found
 * again by a key of the owner's choice), not the 96 of a record; 12 (the
 * order) once they are sorted.
 */
struct ledger;

struct ledger *ledger_new(void);
void ledger_free(struct ledger *l); /* takes NULL */
/* The id is the number of records before.  key NULL: ledger_find never
 * finds it (a thousand copies must not share one chain). */
enum rc ledger_add(struct ledger *l, const struct record *r,
    const uint64_t *key, struct fault *f) CHECKED;
uint32_t ledger_count(const struct ledger *l);
enum rc ledger_get(struct ledger *l, uint32_t id, struct record *r,
    struct fault *f) CHECKED;

typedef bool ledger_is_fn(const void *want, const struct record *have);

/* A record added under key that fits; RC_END: none. */
enum rc ledger_find(struct ledger *l, uint64_t key, ledger_is_fn *is,
    const void *want, struct record *r, struct fault *f) CHECKED;

/* Orders by folder and UID; files go last; what was added before is not found
 * by key any more.  RC_OK, or RC_END when two messages have the same folder
 * and UID, *twin_r the first such. */
enum rc ledger_sort(struct ledger *l, struct record *twin_r, struct fault *f)
    CHECKED;
/* The i-th after ledger_sort; RC_END behind the last message. */
enum rc ledger_sorted(struct ledger *l, uint32_t i, struct record *r,
    struct fault *f) CHECKED;

#endif
