#ifndef ARCHIVE_READER_H
#define ARCHIVE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/minisign.h"
#include "mail/fingerprint.h"
#include "mail/folder.h"
#include "mail/msg.h"
#include "stores/archive/writer.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * Reads an archive as a stream, from a file or a pipe, and gives nothing
 * away that it has not verified: the header first, then segment by segment,
 * then the final (FORMAT.md, Reader's rules).  All faults are CAUSE_DATA
 * and RC_STORE and name the segment and the offset.
 */
struct archive_reader;

enum {
	/* Keep what hard links need: without it, on a pipe, archive_body
	 * fails for a link into an earlier segment. */
	ARCHIVE_KEEP = 1 << 0,
	/* Hash the file and check it against the detached signature. */
	ARCHIVE_DETACHED = 1 << 1,
	/*
	 * Verify the manifests, their chain and the final, and pass over the
	 * data: entries are what is signed, and bodies are there only after
	 * archive_reader_reopen.  A pipe is kept in an unlinked file.  Not
	 * with ARCHIVE_DETACHED, which takes every octet.
	 */
	ARCHIVE_MANIFESTS = 1 << 2,
	/* With ARCHIVE_MANIFESTS: the data is hashed as it is passed over, and
	 * so is all of the file, for whoever goes on writing behind it
	 * (resume.h). */
	ARCHIVE_PREFIX = 1 << 3,
};

struct archive_header {
	char id[33];
	int64_t created;
	char *account;
	char *server;
	char *kind; /* "full", "delta" or "salvage" */
	/* Of "salvage": the damaged archive that it was made from. */
	char origin[33]; /* its id; "" for "full" */
	bool origin_ended;
	struct hash origin_final; /* where it was not lost */
	/* Of "delta": the generation before it, and the hash of its final;
	 * "" for others. */
	char parent[33];
	struct hash parent_final;
	char root[33]; /* the chain's generation 1; else its own id */
	uint32_t generation;
	struct strs selection; /* "folder GLOB", "since DATE"; empty: all */
	char key_id[17];
	char *tool;
};

/* A folder as a segment or the final names it; number is its index. */
struct archive_folder {
	struct folder folder;
	uint32_t uidvalidity;
	struct folder_claim claim; /* valid after the final */
};

/* Of a line r: what has its octets, entry[line] of a segment of an earlier
 * generation; generation 0: they are in the archive itself. */
struct archive_reference {
	uint32_t generation;
	uint32_t segment;
	uint32_t line;
};

/* One manifest line. */
struct archive_entry {
	struct msg msg; /* msg.folder: index for archive_folder() */
	struct hash hash;
	struct fingerprint fingerprint;
	enum eol eol;
	uint64_t file_size; /* octets of the file form; msg.size: wire */
	bool link;          /* lines l and r */
	struct archive_reference reference;
	uint64_t offset;  /* of the member in the segment's tar */
	const char *path; /* borrowed until the next segment */
};

struct archive_segment {
	uint32_t number; /* from 1 */
	uint64_t offset; /* of its data frame in the file */
	const struct archive_entry *entry;
	size_t n;
};

struct archive_refusal {
	struct msg msg;
	char *reason;
};

/* Of a delta: a folder that goes on with one of the parent's. */
struct archive_base {
	uint32_t folder;
	uint32_t parent;
};

/* Of a delta: UIDs of a folder that are not there any more. */
struct archive_removal {
	uint32_t folder;
	uint32_t first;
	uint32_t last;
};

/* Of a delta: flags and keywords as they are now. */
struct archive_change {
	uint32_t folder;
	uint32_t uid;
	unsigned flags;
	const char *keywords;
};

struct archive_final {
	struct archive_totals totals;
	struct archive_refusal *refusal;
	size_t refusals;
	struct hash hash;  /* BLAKE2b-256 of final.tsv */
	struct hash state; /* of the canonical state */
	/* Of a delta, all by folder, the last two by UID, too. */
	const struct archive_base *base;
	size_t bases;
	const struct archive_removal *removal;
	size_t removals;
	const struct archive_change *change;
	size_t changes;
};

/*
 * fd is taken (closed by _free, also on failure).  name is for messages;
 * minisig is the detached signature's text or NULL.  Verifies the header.
 */
enum rc archive_reader_new(int fd, const char *name, const struct pubkey *key,
    unsigned options, const struct buf *minisig, struct archive_reader **r,
    struct fault *f) CHECKED;
const struct archive_header *archive_reader_header(
    const struct archive_reader *r);
/*
 * ARCHIVE_MANIFESTS, instead of archive_reader_next: the final, and, where
 * asked for, the folders, without the messages: whatever is told is signed,
 * or has a hash that is, and what is not told is not looked at.  RC_END: the
 * archive does not tell where they are; it must be opened anew and read.
 */
enum rc archive_reader_glance(struct archive_reader *r, bool folders,
    struct fault *f) CHECKED;
/*
 * The next verified segment, borrowed until the next call.  RC_END: the
 * final was verified, all is complete.  A stream that ends at a segment's
 * border before the final is "authentic but incomplete": RC_STORE, with
 * archive_reader_incomplete() true.
 */
enum rc archive_reader_next(struct archive_reader *r,
    const struct archive_segment **seg_r, struct fault *f) CHECKED;
bool archive_reader_incomplete(const struct archive_reader *r);
/* Messages that were lost before the archive was salvaged, from the final;
 * the source's own refusals are not among them. */
uint64_t archive_final_lost(const struct archive_final *final);
/* "2 messages were lost", appended; where the damaged archive had no end, one
 * of them stands for what nobody can count, and the text says so. */
void archive_lost_text(struct buf *b, const struct archive_header *header,
    const struct archive_final *final);
/* The body of entry i of the last segment, hash checked; links resolved,
 * but RC_STORE for a reference: another archive has it (lineage.h).  All
 * bodies of a segment stay good until the next archive_reader_next. */
enum rc archive_reader_body(struct archive_reader *r, size_t i,
    struct body *body_r, struct fault *f) CHECKED;
/* Where a message's octets are: the segment's entry[line]. */
struct archive_place {
	uint32_t segment;
	uint32_t line;
};

/* ARCHIVE_MANIFESTS: of entry i of the last segment that _next gave; for a
 * link it is an earlier message with the same hash, eol, sizes and date. */
struct archive_place archive_reader_place(const struct archive_reader *r,
    size_t i);
/* Without ARCHIVE_MANIFESTS: of entry i, which is a reference, the XXH3-64
 * of the path that its member in the tar leads to. */
uint64_t archive_reader_target(const struct archive_reader *r, size_t i);
/*
 * ARCHIVE_MANIFESTS, after RC_END: reads and verifies a segment once more,
 * its data too; archive_reader_body works for what it stores, not for links.
 * Borrowed until the next call.
 */
enum rc archive_reader_reopen(struct archive_reader *r, uint32_t number,
    const struct archive_segment **seg_r, struct fault *f) CHECKED;
/*
 * Room for a segment that outlives the reader's next one, also for another
 * thread; what lies in it is the holder's.
 */
struct archive_load;
/* bound: octets of a segment kept in memory, the rest in a file. */
struct archive_load *archive_load_new(size_t bound);
void archive_load_free(struct archive_load *l); /* takes NULL */
/*
 * Moves the last segment over: its entries (without their paths) and the
 * bodies that archive_reader_body gave of them are good until l is used
 * again.  The view of archive_reader_next, and archive_reader_body, are not
 * to be used before the next segment.
 */
void archive_reader_move(struct archive_reader *r, struct archive_load *l);
/* From another thread: archive_reader_next fails instead of waiting for
 * input, with CAUSE_TEMPORARY. */
void archive_reader_stop(struct archive_reader *r);
/* Folders announced so far. */
size_t archive_reader_folders(const struct archive_reader *r);
const struct archive_folder *archive_reader_folder(
    const struct archive_reader *r, uint32_t number);
/* The directory of the extracted tree that the folder's messages lie in. */
const char *archive_reader_dir(const struct archive_reader *r, uint32_t folder);
/* After RC_END; NULL before. */
const struct archive_final *archive_reader_final(
    const struct archive_reader *r);
void archive_reader_free(struct archive_reader *r);

#endif
