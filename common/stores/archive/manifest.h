#ifndef ARCHIVE_MANIFEST_H
#define ARCHIVE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/flags.h"
#include "stores/archive/frame.h"
#include "stores/archive/ledger.h"
#include "stores/archive/parser.h"
#include "stores/archive/reader.h"
#include "stores/archive/writer.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * The manifest files, format version 1.
 *
 * Lines end in LF; columns are separated by TAB; there is no comment, no
 * empty line, no NUL.  The first column is the record type.  Records stand
 * in the order below; "*" any number, otherwise exactly once.  An unknown
 * record, a column too many or too few, anything behind "end": stop.
 *
 *   TEXT   UTF-8 with TAB, LF, CR, %, control bytes, DEL and bytes that are
 *          not UTF-8 as %XX; "-" stands for "none", the text "-" is %2D
 *   PATH   a member's name, ASCII, as TEXT; no empty, "." or ".." part
 *   HASH   64 hex digits, BLAKE2b-256
 *   ID     32 hex digits, random: of an archive
 *   N      decimal number; octets where it is a size or an offset
 *   EPOCH  seconds since 1970 UTC, may be negative; "-" unknown
 *   ZONE   minutes east of UTC, may be negative; "-" with EPOCH "-"
 *   FLAGS  sorted letters: D \Draft, F \Flagged, R \Answered, S \Seen,
 *          T \Deleted; "-" none
 *   WORDS  keywords, sorted by bytes, one blank between, as TEXT
 *
 * manifest/000000.tsv, trusted comment "mailproof1 header id=ID n=0":
 *   #mailproof 1 header
 *   id ID
 *   created TIME             2026-11-23T21:45:00Z; mtime of all members
 *                            that are not messages
 *   account TEXT             location without any secret
 *   server TEXT              what the server said of itself
 *   kind full | delta | salvage
 *                            delta: what changed since its parent; salvage:
 *                            what was whole in a damaged archive, signed by
 *                            whoever salvaged it
 *   generation N             1; of delta: the parent's and 1
 *   parent - - | ID HASH     of delta: the archive that it goes on with, and
 *                            its final; of salvage: the damaged archive, and
 *                            its final ("-": lost)
 *   root ID                  of delta alone: the chain's generation 1
 *   select TEXT              * "folder GLOB", "exclude GLOB", "since TIME",
 *                            "before TIME": the backup is partial
 *   key HEX16                the signing key, as minisign prints it
 *   tool TEXT
 *   limits N N N             largest member; tar of a segment that holds
 *                            more than one member; content of H and M
 *   end
 *
 * manifest/NNNNNN.tsv, n from 1, "mailproof1 segment id=ID n=N":
 *   #mailproof 1 segment
 *   id ID
 *   segment N
 *   prev HASH HASH           of the previous manifest (the header's for
 *                            n=1), and of the frame (H or M) it lies in
 *   frame N N N HASH         of D: offset in the file, compressed size,
 *                            size of its tar, hash of the compressed bytes
 *   folder N N TEXT TEXT TEXT TEXT TEXT PATH
 *                            * number (from 0, each once in an archive; a
 *                            followed folder whose UIDVALIDITY changed has
 *                            several, with one canonical name),
 *                            UIDVALIDITY, separator ("-": flat), raw wire
 *                            name, canonical name, special-use, attributes
 *                            (noselect, noinferiors, subscribed, with "," in
 *                            between), directory
 *   then, * in any mixture, one line for each member of D, in its order:
 *   m HASH HEX32 N N EOL EPOCH ZONE N N FLAGS WORDS N PATH
 *                            a message: hash of the file, fingerprint of
 *                            the header (XXH3-128), octets of the file,
 *                            octets on the wire, "crlf" or "raw",
 *                            INTERNALDATE, folder, UID, flags, keywords,
 *                            offset of the member in the tar
 *   l (the same columns)     a hard link to an earlier member with the same
 *                            hash, EOL and EPOCH
 *   r N N N (the same columns)
 *                            of delta alone: a hard link to a member that
 *                            another archive stored: generation, segment,
 *                            and which of its lines m, l and r (from 0; it
 *                            is an m) with the same hash, EOL and octets.
 *                            EPOCH may differ: of tar's link it is lost
 *   f HASH N N PATH          another file: hash, octets, offset
 *   d N PATH                 a directory: offset
 *   count N N N N            lines m, l and r, f, d
 *   end
 *
 * manifest/final.tsv, "mailproof1 final id=ID n=N" with the number of the
 * last segment, the one that it lies in (its last member but for its own
 * signature):
 *   #mailproof 1 final
 *   id ID
 *   segments N               number of the last segment
 *   segment N N N N HASH     * for each but the last: number, frame offset,
 *                            compressed size, size, hash of its manifest
 *   claim N N N N N N N N N N
 *                            * for each folder: number, UIDNEXT (0: not
 *                            told), HIGHESTMODSEQ, EXISTS, STATUS MESSAGES
 *                            ("-": not told), lines seen, stored (in the
 *                            state), gone, refused, unselected (or
 *                            stored already under another UIDVALIDITY)
 *   base N N                 * of delta, by folder: goes on with the parent's
 *                            folder of that number, each of which stands
 *                            once: same UIDVALIDITY, same messages; a folder
 *                            without it starts empty
 *   refused N N EPOCH ZONE N FLAGS WORDS TEXT
 *                            * folder, UID (0: not one message, or not
 *                            known which), INTERNALDATE, claimed octets,
 *                            flags, keywords, reason; of salvage, "lost: "
 *                            and why where the source had given it
 *   x N UIDS                 * of delta, by folder and UID: of those that
 *                            the parent has in it, these are not there any
 *                            more: numbers and ranges, rising, "3,7:9"
 *   f N N FLAGS WORDS        * of delta, by folder and UID: a message that
 *                            the parent has has these flags and keywords
 *   state full N HASH        messages, hash of the canonical state
 *   state delta N HASH       the same of the complete mailbox
 *   totals N N N N N         lines m, l and r; of these l and r; refused;
 *                            octets on the wire; messages with a keyword
 *                            that had no letter left
 *   seek N                   1: the seek table follows; 0: nothing does
 *   end
 *
 * The canonical state is a text: for each folder by number a line
 *   folder N N TEXT          number, UIDVALIDITY, canonical name
 * and behind it for each message of the folder by ascending UID a line
 *   N HASH EOL EPOCH ZONE FLAGS WORDS      the first is the UID
 *
 * A delta's members dovecot-uidlist and dovecot-keywords tell of all that is
 * in a folder, and stand there for those that changed; subscriptions is about
 * all.  So its tar, extracted over its ancestors', gives a Maildir whose lists
 * are right.
 *
 * Message names: DIR/cur/EPOCH.U<uid>V<uidvalidity>.<first 16 digits of the
 * hash>.mailproof,S=<octets>,W=<octets with CRLF>:2,<flags><keyword letters>
 * with EPOCH and the mtime brought into 0..2147483646, and 0 where unknown.
 *
 * The detached signature: "mailproof1 file id=ID generation=N final=HASH".
 */

/* What the header says beyond archive_header. */
struct limits {
	uint64_t member;
	uint64_t segment;
	uint64_t manifest;
};

struct manifest_header {
	struct archive_header about;
	struct limits limits;
};

struct manifest_folder {
	uint32_t number;
	struct archive_folder entry;
	char *dir;
};

/* A line f or d. */
struct manifest_file {
	bool is_dir;
	struct hash hash;
	uint64_t size;
	uint64_t offset;
	const char *path; /* in the manifest's text */
};

struct manifest_segment {
	char id[33];
	uint32_t number;
	struct hash prev;
	struct hash prev_frame;
	struct frame frame;
	struct manifest_folder *folder;
	size_t folders, folder_cap;
	struct archive_entry *entry;
	size_t entries, entry_cap;
	struct manifest_file *file;
	size_t files, file_cap;
	uint64_t links, dirs;
	struct atoms *atoms; /* borrowed: where keywords live */
};

struct manifest_past {
	uint64_t offset, compressed, size;
	struct hash manifest;
};

struct manifest_claim {
	uint32_t folder;
	struct folder_claim claim;
};

struct manifest_final {
	char id[33];
	uint32_t segments;
	struct manifest_past *past; /* of segment i + 1 */
	size_t pasts, past_cap;
	struct manifest_claim *claim;
	size_t claims, claim_cap;
	struct archive_refusal *refusal;
	size_t refusals, refusal_cap;
	struct archive_base *base;
	size_t bases, base_cap;
	struct archive_removal *removal;
	size_t removals, removal_cap;
	struct archive_change *change;
	size_t changes, change_cap;
	bool delta; /* the state is one */
	struct hash state;
	struct archive_totals totals;
	bool seek;
	struct atoms *atoms; /* borrowed */
};

/*
 * Parsing.  text is cut into columns in place and must outlive the result;
 * it ends in NUL behind n octets.  CAUSE_DATA, naming the line.
 */
enum rc manifest_parse_header(char *text, size_t n, struct manifest_header *r,
    struct fault *f) CHECKED;
void archive_header_release(struct archive_header *h);
/* r->atoms is set; release also after a failure. */
enum rc manifest_parse_segment(char *text, size_t n, struct manifest_segment *r,
    struct fault *f) CHECKED;
/* The same of the lines before those of members alone. */
enum rc manifest_parse_folders(char *text, size_t n, struct manifest_segment *r,
    struct fault *f) CHECKED;
void manifest_segment_release(struct manifest_segment *s);
void manifest_folder_release(struct manifest_folder *m);
/* The final has no bound in memory: line by line into the
 * parser, which the caller frees (parser.h). */
struct parser *manifest_final_new(struct manifest_final *r);
void manifest_final_release(struct manifest_final *m);

/* True for a path that is ASCII, relative, and has no odd part. */
bool manifest_path_ok(const char *path);

/* Writing: each appends one line (the header: all). */
struct header_facts {
	const struct archive_about *about;
	const char *id;
	const char *key_id;
	int64_t created;
	uint64_t segment_size;
};

void manifest_put_header(struct buf *b, const struct header_facts *h);
void manifest_put_begin(struct buf *b, const char *kind, const char *id);
void manifest_put_folder(struct buf *b, uint32_t number, const struct folder *f,
    uint32_t uidvalidity, const char *dir);
/* from->generation 0: the archive has the octets itself. */
void manifest_put_message(struct buf *b, const struct record *r,
    const struct fingerprint *fp, const struct archive_reference *from,
    const char *path);
void manifest_put_file(struct buf *b, const struct manifest_file *m);
void manifest_put_past(struct buf *b, uint32_t number,
    const struct frame *frame, const struct hash *manifest);
void manifest_put_claim(struct buf *b, uint32_t number,
    const struct folder_claim *c);
void manifest_put_refused(struct buf *b, const struct msg *m,
    const char *reason);

/* Lines of the canonical state. */
void state_put_folder(struct buf *b, uint32_t number, uint32_t uidvalidity,
    const char *name);
void state_put_message(struct buf *b, const struct record *r);

/* "mailproof1 segment id=.. n=.."; the caller frees. */
char *manifest_comment(const char *kind, const char *id, uint32_t n);
/* "mailproof1 file id=.. generation=.. final=.."; the caller frees. */
char *manifest_file_comment(const char *id, uint32_t generation,
    const char *final);

#endif
