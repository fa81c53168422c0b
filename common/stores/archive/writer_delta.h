#ifndef ARCHIVE_WRITER_DELTA_H
#define ARCHIVE_WRITER_DELTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/spool.h"
#include "stores/archive/ledger.h"
#include "stores/archive/writing.h"
#include "util/buf.h"
#include "util/fault.h"

/*
 * The complete mailbox that an archive describes: what is in it, and, of a
 * delta, what its folders have of their parent's.  After ledger_sort and
 * delta_sort; folders by number, from 0.
 */
struct mailbox_walk {
	struct archive_writer *w; /* set by the caller, the rest is 0 */
	uint32_t folder;
	uint32_t at, end;       /* of the parent's state */
	uint32_t own_at;        /* in the ledger's order */
	size_t removal, change; /* next ones */
	uint64_t astray;        /* of these: that found no message */
	struct record inherited, own;
	bool has_inherited, has_own;
	bool touched; /* the folder is not the parent's, as far as it was
		       * walked */
};

enum rc mailbox_begin(struct mailbox_walk *x, uint32_t folder, struct fault *f)
    CHECKED;
/* The folder's next message by UID; RC_END: none.  CAUSE_BUG: a UID that the
 * parent has was stored. */
enum rc mailbox_next(struct mailbox_walk *x, struct record *r, struct fault *f)
    CHECKED;
/* After the last folder: all that was removed or changed was there. */
enum rc mailbox_end(const struct mailbox_walk *x, struct fault *f) CHECKED;

/* 1 where there is no parent. */
uint32_t delta_generation(const struct archive_writer *w);
/* The directory of the parent's folder of that name, or NULL; the caller
 * frees. */
char *writer_parent_dir(const struct archive_writer *w, const char *name);

/* Of an archive gone on with: the folder goes on with the parent's that has
 * its name and UIDVALIDITY, if there is one. */
void writer_find_base(struct archive_writer *w, uint32_t folder);
/* Of a parent that was glanced at: the state is the parent's, as nothing
 * changed; CAUSE_BUG where something did. */
enum rc delta_same(struct archive_writer *w, struct hash *state_r,
    struct fault *f) CHECKED;

/* The lines of the final that only a delta has; without a parent, none. */
void delta_sort(struct archive_writer *w);
/* No more octets than these. */
uint64_t delta_bound(const struct archive_writer *w);
void delta_put_bases(const struct archive_writer *w, struct buf *b);
enum rc delta_put_lines(struct archive_writer *w, struct spool *to,
    struct fault *f) CHECKED;

#endif
