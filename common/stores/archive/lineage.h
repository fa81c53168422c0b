#ifndef ARCHIVE_LINEAGE_H
#define ARCHIVE_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "bytes/minisign.h"
#include "mail/fingerprint.h"
#include "mail/msg.h"
#include "stores/archive/ledger.h"
#include "stores/archive/reader.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

/*
 * A full archive and its deltas, one for each generation from 1 on, and the
 * mailbox that they describe together.  Nothing is given away before all
 * that it rests on was verified: each archive by itself, that each is the
 * child of the one before it (by id and by the hash of its final), and that
 * the state computed for each generation has the hash that its final signs.
 *
 * Memory: records lie in a spool, and about 12 octets for each message of
 * the state; 16 more for .next, and 4 more after lineage_place_order.
 */
struct lineage;

/* An archive as it was opened.  fd is taken, also on failure. */
struct lineage_source {
	int fd;
	const char *name;          /* for messages */
	const struct buf *minisig; /* the detached signature's text, or NULL */
};

struct lineage_options {
	const struct pubkey *key; /* that signed all of them */
	/* The generation whose state is wanted; 0: the last. Later ones are
	 * verified all the same. */
	uint32_t at;
	/* Read and verify all data, and detached signatures where there are
	 * any; else the manifests alone (ARCHIVE_MANIFESTS). */
	bool verify;
	/* A delta is to be written on it: lineage_find works, and
	 * archive_writer_new takes it. */
	bool next;
	/* Headers, finals, and the folders of the last generation, and no
	 * messages: enough for a delta in which nothing is new.  RC_END: an
	 * archive does not give that away, and all must be read. */
	bool glance;
	/* Called for each segment that holds messages, in the chain's order.
	 * May be NULL. */
	void (*seen)(void *arg, uint32_t generation,
	    const struct archive_segment *s);
	void *arg;
};

/*
 * Takes archives in any order.  CAUSE_DATA and RC_STORE, naming archive
 * and id: a generation that is missing (the first, too) or there twice, a
 * child of another parent, one of another account, key or selection, one
 * that is unfinished, a salvaged one beside others, a state that does not
 * come out.  CAUSE_USAGE: options->at is not there.  RC_END: see .glance.
 */
enum rc lineage_open(const struct lineage_source *source, size_t n,
    const struct lineage_options *options, struct lineage **r, struct fault *f)
    CHECKED;
/*
 * The same in two steps: what the headers can tell, after which there are
 * names, headers and generations, and then all the rest.  After a failure
 * of the second, the lineage is good for lineage_free alone.
 */
enum rc lineage_gather(const struct lineage_source *source, size_t n,
    const struct lineage_options *options, struct lineage **r, struct fault *f)
    CHECKED;
enum rc lineage_read(struct lineage *l, struct fault *f) CHECKED;
/* From another thread: lineage_read fails instead of waiting for input, with
 * CAUSE_TEMPORARY. */
void lineage_stop(struct lineage *l);
void lineage_free(struct lineage *l); /* takes NULL */

/* It was opened with .glance: there are no messages. */
bool lineage_is_glance(const struct lineage *l);
/* The number of the last generation, and of the one that is shown. */
uint32_t lineage_last(const struct lineage *l);
uint32_t lineage_at(const struct lineage *l);
/* Of a generation, 1 to the last: borrowed. */
const struct archive_header *lineage_header(const struct lineage *l,
    uint32_t generation);
const struct archive_final *lineage_final(const struct lineage *l,
    uint32_t generation);
const char *lineage_name(const struct lineage *l, uint32_t generation);
bool lineage_is_detached(const struct lineage *l, uint32_t generation);

/* The folders of the generation shown, numbered from 0, with their claims
 * (all about the complete mailbox: claim.stored is what the state holds). */
size_t lineage_folders(const struct lineage *l);
const struct archive_folder *lineage_folder(const struct lineage *l,
    uint32_t number);

/* The folder of that canonical name, or UINT32_MAX. */
uint32_t lineage_folder_named(const struct lineage *l, const char *name);

/* Where the octets of a message are: entry[line] of a segment. */
struct lineage_place {
	uint32_t generation;
	uint32_t segment;
	uint32_t line;
};

/* A message of the mailbox. */
struct lineage_message {
	struct msg msg; /* flags and keywords of the generation shown */
	struct hash hash;
	struct fingerprint fingerprint;
	enum eol eol;
	uint64_t file_size;
	uint64_t virtual_size;      /* octets with CRLF */
	struct lineage_place place; /* a line m: the octets are there */
	struct lineage_place line;  /* the line that told of it */
	uint64_t offset;            /* of that line's member in its tar */
	uint32_t id;                /* for lineage_again */
};

/* Messages in the state, by folder and UID; those of folder n are the ones
 * from lineage_first(l, n) up to lineage_first(l, n + 1). */
uint32_t lineage_count(const struct lineage *l);
uint32_t lineage_first(const struct lineage *l, uint32_t folder);
/* msg.keywords is borrowed from l. */
enum rc lineage_get(struct lineage *l, uint32_t i, struct lineage_message *r,
    struct fault *f) CHECKED;
/* Forgets which messages the state holds: what is left is lineage_again,
 * folders, archives and their segments. */
void lineage_rest(struct lineage *l);
/* The message of that id once more; msg.folder is not to be used. */
enum rc lineage_again(struct lineage *l, uint32_t id, struct lineage_message *r,
    struct fault *f) CHECKED;
/* The i-th when ordered by place, then by folder and UID, so that each
 * segment is opened once. */
enum rc lineage_place_order(struct lineage *l, struct fault *f) CHECKED;
enum rc lineage_placed(struct lineage *l, uint32_t i, struct lineage_message *r,
    struct fault *f) CHECKED;

/*
 * .next: a message of any generation up to the one shown that has these
 * octets, one of the same INTERNALDATE if there is any.  RC_END: there is
 * none.
 */
enum rc lineage_find(struct lineage *l, const struct hash *hash, enum eol eol,
    const struct mdate *date, struct lineage_message *r, struct fault *f)
    CHECKED;

/* What a writer of the next generation asks. */
/* The directory that the folder's messages lie in; borrowed. */
const char *lineage_dir(const struct lineage *l, uint32_t folder);
/* .next: the keywords that have letters in it, in Dovecot's order. */
const struct strs *lineage_words(const struct lineage *l, uint32_t folder);
/* Appends the path of the member that a line of any generation tells of. */
enum rc lineage_path(struct lineage *l, const struct lineage_place *line,
    struct buf *b, struct fault *f) CHECKED;
struct record lineage_record(const struct lineage_message *m);

/*
 * The data of a segment, read and verified anew: the bodies of its lines m
 * come from archive_reader_body(lineage_reader(l, generation), line).
 * Borrowed until the next call for the same generation.  Not with .verify.
 */
enum rc lineage_segment(struct lineage *l, uint32_t generation,
    uint32_t segment, const struct archive_segment **seg_r, struct fault *f)
    CHECKED;
struct archive_reader *lineage_reader(struct lineage *l, uint32_t generation);

#endif
