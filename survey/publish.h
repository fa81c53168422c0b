#ifndef SURVEY_PUBLISH_H
#define SURVEY_PUBLISH_H

#include <stdbool.h>

#include "bytes/minisign.h"
#include "program/options.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/file.h"

/* Where a report goes: it is there whole, or not at all. */
struct publish {
	const char *path; /* borrowed; NULL: standard output */
	bool replace;     /* an older report of that name gives way */
	char *beside;     /* where it is written, when one may be there */
	struct outfile out;
	struct seckey *key; /* NULL: it is not signed */
};

/*
 * Before the work: the file can be made, the key can be had.  The key is
 * that of o->secret_key, where that is given.
 */
enum rc publish_open(struct publish *p, const struct common_options *o,
    const char *path, bool replace, struct fault *f) CHECKED;
/* Writes all, and PATH.minisig. */
enum rc publish_write(struct publish *p, const struct buf *text,
    struct fault *f) CHECKED;
/* Also of one that was never opened, if it is all zeros. */
void publish_close(struct publish *p);

#endif
