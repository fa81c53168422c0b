#ifndef ARCHIVE_WRITING_H
#define ARCHIVE_WRITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "bytes/minisign.h"
#include "bytes/spool.h"
#include "stores/archive/frame.h"
#include "stores/archive/ledger.h"
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
	struct folder_claim claim;
};

/* The stream: frames in order, hashed, signed and chained. */
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
	struct buf seek; /* entries of the seek table */
	bool seekable;   /* no frame was too large for it */
};

struct archive_writer {
	struct stream stream;
	uint64_t segment_size;
	struct segment *segment;
	struct buf past; /* "segment" lines for the final */
	struct ledger *ledger;
	struct atoms *atoms;
	struct written_folder *folder;
	size_t folders, folder_cap;
	struct table dirs;     /* of folder[].dir */
	struct spool *refused; /* lines for the final */
	struct archive_totals totals;
	struct fault refuse_fault;
	enum rc refuse_rc; /* of archive_writer_refuse */
	bool dead;
};

void stream_init(struct stream *s, struct outfile *out,
    const struct seckey *key, int level);
void stream_release(struct stream *s);
/* A sink for frames: arg is the stream. */
enum rc stream_put(void *arg, const void *p, size_t n, struct fault *f) CHECKED;
/* Counts a frame that went through stream_put; sets its offset. */
void stream_frame(struct stream *s, struct frame *r);
/*
 * Signs text, writes the pair of members in a frame of its own and makes
 * it the new end of the chain.  last: pads the tar and stores the frame.
 */
enum rc stream_pair(struct stream *s, const char *kind, uint32_t number,
    const struct buf *text, bool last, struct fault *f) CHECKED;
/* A signature over a text or a spool, appended. */
void stream_sign(const struct stream *s, const struct hash512 *h,
    const char *kind, uint32_t number, struct buf *sig);
enum rc stream_seek_table(struct stream *s, struct fault *f) CHECKED;

/* Closes the segment if it holds anything; last: the archive's end. */
enum rc writer_close(struct archive_writer *w, bool last, struct fault *f)
    CHECKED;
/* Writes the manifest of the segment whose D was just written. */
enum rc writer_manifest(struct archive_writer *w, struct frame *frame,
    bool last, struct fault *f) CHECKED;
/* Dovecot's files, then the final; the last segment is left open. */
enum rc writer_indexes(struct archive_writer *w, struct hash *state_r,
    struct fault *f) CHECKED;
enum rc writer_add_file(struct archive_writer *w, const char *path,
    struct spool *text, struct fault *f) CHECKED;

#endif
