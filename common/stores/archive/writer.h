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
};

/* What the server claimed of a folder, for the signed final. */
struct folder_claim {
	uint32_t uidnext;
	uint64_t highestmodseq;
	uint64_t exists; /* EXISTS when selected */
	bool status_known;
	uint64_t status; /* STATUS MESSAGES */
	uint64_t seen;   /* lines listed */
	uint64_t stored; /* selected and stored, links included */
	uint64_t gone;   /* expunged while running */
	uint64_t refused;
	uint64_t unselected; /* left out by --since and --before */
};

struct archive_totals {
	uint64_t messages; /* lines m and l */
	uint64_t links;    /* of these: l */
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
/* So many more messages will come: who lists very many leaves less memory,
 * so that segments are smaller from then on, and one thread packs them. */
enum rc archive_writer_expect(struct archive_writer *w, uint64_t messages,
    struct fault *f) CHECKED;
/* m->folder is the archive's number; m->size is ignored: the body tells.
 * Each (folder, UID) comes once: a second one makes _final fail.
 * RC_MESSAGE: too large for the format (64 GiB). */
enum rc archive_writer_add(struct archive_writer *w, const struct msg *m,
    const struct fingerprint *fp, const struct body *body, struct fault *f)
    CHECKED;
void archive_writer_refuse(struct archive_writer *w, const struct msg *m,
    const char *reason);
/* stored and refused are counted here: what claim says of them is not
 * used.  Folders without a claim get one of zeros. */
void archive_writer_claim(struct archive_writer *w, uint32_t folder,
    const struct folder_claim *claim);
typedef enum rc archive_recall_fn(void *arg, const struct hash *hash, bool raw,
    struct fault *f);

/* What was stored so far in a folder: each message's hash, as its file's, and
 * whether that holds the bytes of the wire (EOL_RAW). */
enum rc archive_writer_recall(struct archive_writer *w, uint32_t folder,
    archive_recall_fn *fn, void *arg, struct fault *f) CHECKED;
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
