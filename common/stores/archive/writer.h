#ifndef ARCHIVE_WRITER_H
#define ARCHIVE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/minisign.h"
#include "mail/fingerprint.h"
#include "mail/folder.h"
#include "mail/glob.h"
#include "mail/msg.h"
#include "util/fault.h"
#include "util/file.h"

struct lineage;
struct lineage_message;

/* What the header says of a new archive. */
struct archive_about {
	const char *account; /* location without any secret */
	const char *server;  /* what the server said of itself */
	const char *tool;    /* "mailproof 0.1.0" */
	const struct selection *selection;
	uint64_t segment_size; /* octets of tar a segment; 0: what is usual */
	bool best;             /* smaller, and slower */
	unsigned threads;      /* that compress; 0: as many as is good */
	/* Of the damaged archive that this one was salvaged from; NULL: it
	 * is a full backup. */
	const char *origin;              /* its id */
	const struct hash *origin_final; /* NULL: lost */
	/* The chain that this one goes on with as a delta, opened with .next
	 * and at its last generation; borrowed until _free, which may ask it
	 * at any time.  NULL: it is a full backup.  account and selection
	 * must be the chain's: lineage_open refuses the chain else. */
	struct lineage *parent; /* .glance: nothing may be new */
};

/* What the server claimed of a folder, for the signed final. */
struct folder_claim {
	uint32_t uidnext;
	uint64_t highestmodseq;
	uint64_t exists; /* EXISTS when selected */
	bool status_known;
	uint64_t status; /* STATUS MESSAGES */
	uint64_t seen;   /* lines listed */
	uint64_t stored; /* selected, and in the archive or, of a delta, in
			  * the mailbox that its chain describes */
	uint64_t gone;   /* expunged while running */
	uint64_t refused;
	uint64_t unselected; /* left out by --since and --before */
};

struct archive_totals {
	uint64_t messages; /* lines m, l and r */
	uint64_t links;    /* of these: l and r */
	uint64_t state;    /* messages of the complete mailbox */
	uint64_t refused;
	uint64_t octets;     /* wire octets of all messages */
	uint64_t unlettered; /* messages with a keyword that only the
				 * manifest holds: a folder's 27th, or later */
	uint64_t written;    /* octets of the archive so far */
	uint32_t segments;
};

/*
 * Writes an archive as a stream: H (D M)+ and the seek table (FORMAT.md).
 * Segments are compressed, signed and written on threads of its own; what
 * fails there fails the next call.  Memory is bounded by the segment, not
 * by the message: a large one waits in a temporary file.
 */
struct archive_writer;

/* Writes the header pair.  key and out are borrowed until _free. */
enum rc archive_writer_new(const struct archive_about *a,
    const struct seckey *key, struct outfile *out, struct archive_writer **r,
    struct fault *f) CHECKED;
/* Announces a folder; *number_r is what msg.folder must hold. A folder
 * without messages is kept too. */
enum rc archive_writer_folder(struct archive_writer *w,
    const struct folder *folder, uint32_t uidvalidity, uint32_t *number_r,
    struct fault *f) CHECKED;
/*
 * So many more messages, and octets of them, will come: who lists very many
 * leaves less memory, so that segments are smaller from then on, and one
 * thread packs them.  The first segments and the last ones of what was told
 * are smaller too, so that packing begins soon, and ends soon after the last
 * message has come.
 */
enum rc archive_writer_expect(struct archive_writer *w, uint64_t messages,
    uint64_t octets, struct fault *f) CHECKED;
/* m->folder is the archive's number; m->size is ignored: the body tells.
 * Each (folder, UID) comes once: a second one makes _final fail.  In a
 * delta, octets that an ancestor has are referred to and not stored again.
 * RC_MESSAGE: too large for the format (64 GiB). */
enum rc archive_writer_add(struct archive_writer *w, const struct msg *m,
    const struct fingerprint *fp, const struct body *body, struct fault *f)
    CHECKED;
/*
 * The rest of a delta.  All but _reference stand in the final alone, so that
 * whoever acts on an authentic prefix only appends.
 *
 * The folder goes on with the parent's folder of that number: the same
 * UIDVALIDITY, and the same UIDs mean the same messages.  Called before any
 * message of it; each parent's folder once.  A folder without it starts
 * empty.  A renamed folder is better referred to message by message: tar -x
 * then puts its files into the new directory.
 */
void archive_writer_base(struct archive_writer *w, uint32_t folder,
    uint32_t parent_folder);
/* m, whose octets are those of octets (of the parent's lineage): nothing is
 * read or stored.  m->size is ignored. */
enum rc archive_writer_reference(struct archive_writer *w, const struct msg *m,
    const struct lineage_message *octets, struct fault *f) CHECKED;
/* A message of the parent's state, in a folder with a base, is not there any
 * more, or has these flags and keywords now.  In any order, each once; a UID
 * that the parent's state does not hold makes _final fail. */
void archive_writer_remove(struct archive_writer *w, uint32_t folder,
    uint32_t uid);
void archive_writer_flags(struct archive_writer *w, uint32_t folder,
    uint32_t uid, unsigned flags, const char *keywords);
void archive_writer_refuse(struct archive_writer *w, const struct msg *m,
    const char *reason);
/* stored and refused are counted here: what claim says of them is not
 * used.  Folders without a claim get one of zeros. */
void archive_writer_claim(struct archive_writer *w, uint32_t folder,
    const struct folder_claim *claim);
typedef enum rc archive_recall_fn(void *arg, uint32_t uid,
    const struct hash *hash, bool raw, struct fault *f);

/* What was stored so far in a folder: each message's UID, its hash, as its
 * file's, and whether that holds the bytes of the wire (EOL_RAW). */
enum rc archive_writer_recall(struct archive_writer *w, uint32_t folder,
    archive_recall_fn *fn, void *arg, struct fault *f) CHECKED;
/* Has this archive, or an ancestor, a message of these octets and this date,
 * in whatever folder?  RC_END: no. */
enum rc archive_writer_has(struct archive_writer *w, const struct body *body,
    const struct mdate *date, struct fault *f) CHECKED;
/* Closes the open segment, if it holds anything, and waits until all
 * segments are signed and written. */
enum rc archive_writer_flush(struct archive_writer *w, struct fault *f) CHECKED;
/* The last pair and the seek table; the text of the detached .minisig is
 * appended to minisig_r.  Does not publish the outfile. */
enum rc archive_writer_final(struct archive_writer *w, struct buf *minisig_r,
    struct fault *f) CHECKED;
/* Waits until what was closed is written, or cannot be: then nothing
 * touches the outfile until the next call. */
void archive_writer_totals(struct archive_writer *w, struct archive_totals *r);
/* 32 hex digits, borrowed. */
const char *archive_writer_id(const struct archive_writer *w);
void archive_writer_free(struct archive_writer *w);

#endif
