#ifndef RESTORE_ORIGIN_H
#define RESTORE_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/hash.h"
#include "bytes/minisign.h"
#include "mail/fingerprint.h"
#include "mail/msg.h"
#include "stores/archive/reader.h"
#include "util/fault.h"

struct journal;
struct location;

/*
 * What is restored: a chain of archives, of which the mailbox of one
 * generation counts, known before anything is done; or a stream: one full
 * archive, or a delta behind its parents, whose messages are delivered as
 * its segments come.  What the parents have and the delta goes on with comes
 * at the end of that, when the final has told what it is.
 */
struct origin;

struct origin_options {
	const struct pubkey *key;
	uint32_t at;              /* generation; 0: the last */
	uint32_t last;            /* which has to be the last one; 0: any */
	const struct hash *final; /* which has to be its; NULL: any */
	bool chain;               /* not as a stream, even if it could be */
};

/* A message; its strings live as long as the origin. */
struct origin_message {
	const char *folder;
	uint32_t uidvalidity;
	struct msg msg;
	struct hash hash;
	struct fingerprint fingerprint;
};

/* Asked once for each message. */
typedef bool origin_wants_fn(void *arg, const struct origin_message *m);

/* Archives in any order; standard input, if it is one, is the last. Faults
 * of the chain are lineage.h's. */
enum rc origin_open(const struct location *archive, size_t n,
    const struct origin_options *o, struct origin **r, struct fault *f) CHECKED;
void origin_free(struct origin *o); /* takes NULL */

/* True for a chain, and for a stream behind its parents: what is known of the
 * mailbox before it is read. */
bool origin_has_chain(const struct origin *o);
/* The id of generation 1, by which journals go. */
const char *origin_root(const struct origin *o);
/* Of the generation restored; the final is NULL before all was read. */
const struct archive_header *origin_header(const struct origin *o);
const struct archive_final *origin_final(const struct origin *o);
/* Folders so far; of a chain, all. */
size_t origin_folders(const struct origin *o);
const struct archive_folder *origin_folder(const struct origin *o, size_t i);

/*
 * The wanted messages of the next segment that has any: at most so many that
 * they fit into memory.  RC_END: that was all, and it was complete.
 */
enum rc origin_next(struct origin *o, origin_wants_fn *wants, void *arg,
    struct fault *f) CHECKED;
size_t origin_count(const struct origin *o);
const struct origin_message *origin_message(const struct origin *o, size_t i);
/* Of a delta without its parents: the octets lie there. */
bool origin_is_absent(const struct origin *o, size_t i);
/* Good until the next origin_next, or as archive_reader_move says. */
enum rc origin_body(struct origin *o, size_t i, struct body *r, struct fault *f)
    CHECKED;
void origin_move(struct origin *o, struct archive_load *l);
/* How much of it was read, in octets of a stream or messages of a chain; of a
 * pipe, which does not tell, 0 of UINT64_MAX. */
void origin_share(const struct origin *o, uint64_t *read_r, uint64_t *all_r);
/* From another thread: origin_next fails instead of waiting for input. */
void origin_stop(struct origin *o);

/*
 * A delta without its parents: the journal has to know all that it goes on
 * with.  CAUSE_DATA: it does not.
 */
enum rc origin_check_journal(const struct origin *o, const struct journal *j,
    struct fault *f) CHECKED;
/* Where there is a chain, and before the first origin_next: tells the journal
 * which of its entries are about messages that the mailbox has no more. */
enum rc origin_vouch(struct origin *o, struct journal *j, struct fault *f)
    CHECKED;

#endif
