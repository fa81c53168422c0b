#ifndef MAILDIR_LINES_H
#define MAILDIR_LINES_H

#include "util/buf.h"
#include "util/fault.h"

/* Reads a small text file that Dovecot keeps, line by line. */
struct lines {
	int fd;           /* -1: there is no file */
	const char *name; /* for messages, borrowed */
	struct buf data;
	size_t at; /* of the next line in data */
};

/* A file that is not there has no lines. */
enum rc lines_open(struct lines *l, int dirfd, const char *name,
    struct fault *f) CHECKED;
/*
 * The next line without its LF, borrowed until the next call.  RC_END
 * behind the last one; a last line without LF is half written and is left
 * out.  A line over 64 KiB is CAUSE_DATA.
 */
enum rc lines_next(struct lines *l, char **line_r, struct fault *f) CHECKED;
void lines_close(struct lines *l);

#endif
