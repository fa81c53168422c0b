#ifndef ARCHIVE_TAR_H
#define ARCHIVE_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "bytes/spool.h"
#include "stores/archive/format.h"
#include "util/fault.h"

/*
 * Members of a tar: ustar, with a pax header before it for a long path,
 * link target or size only (POSIX.1-2008, pax).  Uid and gid 0, no names,
 * mode 0600 and 0700, whole seconds.
 */
enum tar_type { TAR_FILE, TAR_LINK, TAR_DIR };

typedef enum rc tar_sink_fn(void *arg, const void *p, size_t n,
    struct fault *f);

/* Writes members, with libarchive.  After each _end the sink holds whole
 * members and no end of the archive, so that a frame can be cut there. */
struct tar_out;

struct tar_out *tar_out_new(tar_sink_fn *sink, void *arg);
void tar_out_free(struct tar_out *t); /* takes NULL */
/* target: for TAR_LINK.  size: for TAR_FILE.  mtime: 0..TAR_TIME_MAX. */
struct tar_head {
	enum tar_type type;
	const char *path;
	const char *target;
	uint64_t size;
	int64_t mtime;
};
enum rc tar_out_begin(struct tar_out *t, const struct tar_head *h,
    struct fault *f) CHECKED;
enum rc tar_out_data(struct tar_out *t, const void *p, size_t n,
    struct fault *f) CHECKED;
enum rc tar_out_spool(struct tar_out *t, struct spool *s, struct fault *f)
    CHECKED;
enum rc tar_out_end(struct tar_out *t, struct fault *f) CHECKED;

/* A member as it is read: nothing in it is to be believed before it was
 * compared with the manifest. */
struct tar_member {
	enum tar_type type;
	uint64_t offset; /* of its first header */
	uint64_t data;   /* of its octets */
	uint64_t size;   /* 0 but for TAR_FILE */
	int64_t mtime;
	char path[MEMBER_PATH_MAX + 1]; /* no "/" at the end */
	char target[MEMBER_PATH_MAX + 1];
};

/*
 * The member at *at, which moves behind it.  Reads the subset that tar_out
 * writes and nothing else.  RC_END at the end of s, or where an octet 0
 * starts a block; *at is left alone then.
 */
enum rc tar_next(struct spool *s, uint64_t *at, struct tar_member *m,
    struct fault *f) CHECKED;

/* In a tar with damage: the first member at *at or behind it, at whatever
 * octet it starts, that reads as one; RC_END: none. */
enum rc tar_find(struct spool *s, uint64_t *at, struct tar_member *m,
    struct fault *f) CHECKED;

#endif
