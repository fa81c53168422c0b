#ifndef ARCHIVE_SEGMENT_H
#define ARCHIVE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/body.h"
#include "bytes/spool.h"
#include "mail/fingerprint.h"
#include "mail/folder.h"
#include "stores/archive/frame.h"
#include "stores/archive/ledger.h"
#include "stores/archive/reader.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * One segment in the making: the tar that becomes D and the lines that
 * become M.  It knows neither its number nor its neighbours, so that one
 * can be filled while others are packed; whoever orders them tells
 * segment_manifest.
 */
struct segment;

struct segment_message {
	struct record *record; /* offset is set by the segment */
	const struct fingerprint *fingerprint;
	const char *path;
	const char *target;            /* of a hard link, else NULL */
	struct archive_reference from; /* of one into another archive */
	const struct body *body;       /* NULL for a hard link */
};

struct segment_chain {
	const char *id;
	uint32_t number;
	const struct hash *prev;       /* manifest before */
	const struct hash *prev_frame; /* the frame that it lies in */
	const struct frame *frame;     /* D */
};

/* size: octets of tar that it is meant for; they lie in memory up to
 * SEGMENT_MEMORY. */
struct segment *segment_new(uint64_t size);
/* What a frame takes at most of a segment that lies in memory. */
size_t segment_packed_bound(uint64_t size);
void segment_free(struct segment *s); /* takes NULL */
void segment_clear(struct segment *s);
/* As those of its spool (spool.h). */
size_t segment_memory(const struct segment *s);
void segment_forget(struct segment *s);
/* Nothing at all is in it. */
bool segment_is_empty(const struct segment *s);
/* True when a member of this many octets belongs into the next one. */
bool segment_is_full(const struct segment *s, uint64_t octets);
/* Octets of its manifest's lines, and of its tar, so far. */
size_t segment_lines(const struct segment *s);
uint64_t segment_size(const struct segment *s);

void segment_add_folder(struct segment *s, uint32_t number,
    const struct folder *folder, uint32_t uidvalidity, const char *dir);
enum rc segment_add(struct segment *s, const struct segment_message *m,
    struct fault *f) CHECKED;
enum rc segment_add_file(struct segment *s, const char *path, int64_t mtime,
    struct spool *text, struct fault *f) CHECKED;
enum rc segment_add_dir(struct segment *s, const char *path, int64_t mtime,
    struct fault *f) CHECKED;
/* Puts D, the frame of what is there, into to; r->offset is left alone. */
enum rc segment_pack(struct segment *s, struct frame_out *z, struct spool *to,
    struct frame *r, struct fault *f) CHECKED;
/* Appends the lines of its manifest that say what is in it. */
void segment_lines_to(const struct segment *s, struct buf *out);
/* Appends the text of a manifest with these lines. */
void segment_manifest(const struct segment_chain *c, const struct buf *lines,
    struct buf *out);

#endif
