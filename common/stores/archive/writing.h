#ifndef ARCHIVE_WRITING_H
#define ARCHIVE_WRITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "bytes/minisign.h"
#include "bytes/spool.h"
#include "stores/archive/earlier.h"
#include "stores/archive/frame.h"
#include "stores/archive/ledger.h"
#include "stores/archive/lineage.h"
#include "stores/archive/packer.h"
#include "stores/archive/reader.h"
#include "stores/archive/segment.h"
#include "stores/archive/tar.h"
#include "stores/archive/writer.h"
#include "util/buf.h"
#include "util/strs.h"
#include "util/table.h"

/* What the files of the writer share. */

/* A folder that was announced. */
struct written_folder {
	struct folder folder;
	char *dir;
	uint32_t uidvalidity;
	struct strs words; /* dovecot-keywords */
	uint32_t base;     /* the parent's folder and 1; 0: none */
	struct folder_claim claim;
};

/*
 * The stream: frames in order, hashed, signed and chained.  The packer's
 * thread has it from the first packer_give on until packer_drain has
 * returned; out, key, id and mtime stay as they are.
 */
struct stream {
	struct outfile *out;
	const struct seckey *key;
	struct frame_out *z;
	struct hasher whole; /* BLAKE2b-512 of all octets */
	char id[33];
	int64_t mtime;   /* of members that are not messages */
	uint64_t offset; /* octets written */
	uint64_t tar;    /* octets of content written */
	struct hash prev, prev_frame;
	struct spool *pair; /* H or M in the making */
	struct tar_out *pair_tar;
	struct spool *frame; /* what becomes of it */
	struct buf past;     /* "segment" lines for the final */
	struct buf seek;     /* entries of the seek table */
	uint32_t segments;
	bool seekable; /* no frame was too large for it */
	bool last;     /* the next segment is the archive's end */
};

struct archive_writer {
	struct stream stream;
	uint64_t segment_size;
	enum frame_effort effort;
	unsigned threads;  /* as asked for */
	uint64_t expected; /* messages */
	uint64_t coming;   /* octets of them that were not added yet */
	struct packer *packer;
	struct segment *segment; /* being filled */
	uint32_t number;         /* of that segment */
	struct ledger *ledger;
	struct atoms *atoms;
	struct written_folder *folder;
	size_t folders, folder_cap;
	struct table dirs;               /* of folder[].dir */
	struct spool *refused;           /* lines for the final */
	struct lineage *parent;          /* borrowed; NULL: no delta */
	struct archive_removal *removal; /* each of one UID */
	size_t removals, removal_cap;
	struct archive_change *change;
	size_t changes, change_cap;
	struct archive_totals totals;
	struct earlier *earlier; /* NULL: begun by this run */
	struct fault refuse_fault;
	enum rc refuse_rc; /* of archive_writer_refuse */
	bool dead;
};

void stream_init(struct stream *s, struct outfile *out,
    const struct seckey *key, enum frame_effort effort);
void stream_release(struct stream *s);
/* Writes a frame whole; r gets its offset. */
enum rc stream_frame(struct stream *s, struct spool *octets, struct frame *r,
    struct fault *f) CHECKED;
/*
 * Signs text, writes the pair of members in a frame of its own and makes
 * it the new end of the chain.  last: pads the tar and stores the frame.
 */
enum rc stream_pair(struct stream *s, const char *kind, uint32_t number,
    const struct buf *text, bool last, struct fault *f) CHECKED;
/* A packer_write_fn: D and M of a segment; arg is the stream. */
enum rc stream_segment(void *arg, struct parcel *p, struct fault *f) CHECKED;
/* A signature over a text or a spool, appended. */
void stream_sign(const struct stream *s, const struct hash512 *h,
    const char *kind, uint32_t number, struct buf *sig);
enum rc stream_seek_table(struct stream *s, struct fault *f) CHECKED;

/* A writer that has written nothing: its id is made, its packer is not. */
struct archive_writer *writer_make(const struct archive_about *a,
    const struct seckey *key, struct outfile *out);
/* Starts the packer.  Two threads pack faster than most lines bring.  Many
 * messages: then the lists of the source need the memory. */
enum rc writer_start(struct archive_writer *w, bool many, struct fault *f)
    CHECKED;
/* The next number is this folder's; dir is taken. */
struct written_folder *writer_keep_folder(struct archive_writer *w,
    const struct folder *folder, uint32_t uidvalidity, char *dir);
/* Counts what was stored, and finds it again. */
enum rc writer_keep(struct archive_writer *w, const struct record *r,
    bool lettered, struct fault *f) CHECKED;
/* A message's path with its letters, appended; false: a keyword has none. */
bool writer_path(struct archive_writer *w, const struct record *r,
    struct buf *b);

/* After a failure, which may be one of the packer's, the stream has a hole:
 * nothing may follow. */
enum rc writer_check(struct archive_writer *w, struct fault *f) CHECKED;
/* Returns rc, and remembers when it spoiled the stream. */
enum rc writer_settle(struct archive_writer *w, enum rc rc);
/* Gives the open segment to the packer, if it holds anything. */
enum rc writer_close(struct archive_writer *w, struct fault *f) CHECKED;
/* Dovecot's files, then the final; the last segment is left open. */
enum rc writer_indexes(struct archive_writer *w, struct hash *state_r,
    struct fault *f) CHECKED;
enum rc writer_add_file(struct archive_writer *w, const char *path,
    struct spool *text, struct fault *f) CHECKED;

#endif
