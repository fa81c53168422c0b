#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/fault.h"

/* Reads a whole file of at most max octets into b (appended). */
enum rc file_slurp(const char *path, size_t max, struct buf *b, struct fault *f)
    CHECKED;

/* All of p or a fault; EPIPE reads "broken pipe" (SIGPIPE is ignored). */
enum rc file_write(int fd, const char *name, const void *p, size_t n,
    struct fault *f) CHECKED;

/*
 * A file without a name, in $TMPDIR (else /var/tmp, else /tmp), for reading
 * and writing.  *dir_r: where it is, for messages; borrowed from environ.
 */
enum rc file_unlinked(int *fd_r, const char **dir_r, struct fault *f) CHECKED;

/* fsync of the directory that holds path, so that a rename survives. */
enum rc file_sync_dir(const char *path, struct fault *f) CHECKED;

/* A new file (O_EXCL, O_NOFOLLOW, mode) with all of p in it, fsynced, with
 * its directory; removed again when anything fails. */
enum rc file_create(const char *path, unsigned mode, const void *p, size_t n,
    struct fault *f) CHECKED;

/*
 * A file that appears whole or not at all: written as PATH.part, published
 * by fsync, link-free rename and fsync of the directory.  A PATH or
 * PATH.part that exists already is CAUSE_CANTCREATE and stays untouched.
 * PATH.part is locked (flock) while it is written.
 */
struct outfile {
	char *path; /* NULL for a descriptor that is not ours */
	char *part;
	int fd;
	uint64_t written;
	bool reclaimed; /* and unchanged: path is its name */
	uint64_t begun; /* octets that are on their way to the disk */
};

enum rc outfile_create(struct outfile *o, const char *path, unsigned mode,
    struct fault *f) CHECKED;
/* True when there is a PATH.part that nobody writes, and no PATH. */
bool outfile_is_left(const char *path);
/*
 * Opens and locks the PATH.part that an earlier run has left, at its start;
 * nothing is changed.  CAUSE_NOINPUT: there is none; CAUSE_CANTCREATE: PATH
 * is there, another process is writing, or it is no file.
 */
enum rc outfile_reopen(struct outfile *o, const char *path, struct fault *f)
    CHECKED;
/* The same for PATH itself, where there is no PATH.part: it is called so until
 * it is published once more.  Unchanged, outfile_abandon gives it its name
 * back. */
enum rc outfile_reclaim(struct outfile *o, const char *path, struct fault *f)
    CHECKED;
/* Cuts it to so many octets; what is written goes behind them. */
enum rc outfile_cut(struct outfile *o, uint64_t at, struct fault *f) CHECKED;
/* Writes to fd (standard output); publish then only reports errors. */
void outfile_borrow(struct outfile *o, int fd);
enum rc outfile_write(struct outfile *o, const void *p, size_t n,
    struct fault *f) CHECKED;
enum rc outfile_publish(struct outfile *o, struct fault *f) CHECKED;
/* Closes and keeps PATH.part (resumable) or removes it. */
void outfile_abandon(struct outfile *o, bool keep_part);

#endif
