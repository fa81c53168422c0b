#ifndef ARCHIVE_RESUME_H
#define ARCHIVE_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/minisign.h"
#include "mail/folder.h"
#include "stores/archive/writer.h"
#include "util/fault.h"
#include "util/file.h"

/*
 * Goes on with an archive whose writer was cut short.  All that is whole, up
 * to the last manifest, is verified and stays, and the writer knows all it
 * knew then; what lies behind, the rest of a segment or what a file system
 * made of it, is cut off.
 */

/* What was there. */
struct archive_resumed {
	bool anew;     /* not even the header: begun anew */
	bool complete; /* with its final: archive_writer_final is all that is
			* left, and nothing may be added */
	uint32_t segments;
	uint64_t messages;
	uint64_t octets; /* of those, on the wire */
	uint64_t kept;   /* octets of the file */
	uint64_t cut;    /* octets behind */
	/* of a complete one, from its final */
	uint64_t refused, gone;
	uint64_t unlisted; /* claimed by the server, never listed */
};

/*
 * out is what outfile_reopen gave; a must be what the archive was begun
 * with, but for server, tool and, where it is 0, segment_size; key, out and
 * *w_r as archive_writer_new.  The file is changed only when all is well:
 * CAUSE_USAGE: it is of another account, selection or kind; CAUSE_DATA: of
 * another key, no archive, or damaged, with whole segments behind the
 * damage; CAUSE_TEMPORARY: interrupted.
 */
enum rc archive_writer_resume(const struct archive_about *a,
    const struct seckey *key, struct outfile *out, struct archive_resumed *r,
    struct archive_writer **w_r, struct fault *f) CHECKED;

/* A folder that was announced before; pointers are borrowed until the next
 * folder is announced. */
struct archive_earlier {
	uint32_t number;
	uint32_t before; /* of the same name; UINT32_MAX: none was */
	uint32_t uidvalidity;
	const char *name;    /* canonical */
	const uint32_t *uid; /* of what was stored then, ascending */
	size_t stored;
	uint64_t flags; /* the sum of their earlier_flags */
	bool based;     /* of a delta: it goes on with one of the parent's */
};

/* Those are the numbers below this; 0 when nothing was resumed. */
uint32_t archive_writer_earlier(const struct archive_writer *w);
/* The last one of this canonical name; false: there is none. */
bool archive_writer_find_earlier(const struct archive_writer *w,
    const char *name, struct archive_earlier *r);
void archive_writer_get_earlier(const struct archive_writer *w, uint32_t number,
    struct archive_earlier *r);

#endif
