#ifndef ARCHIVE_LINEAGING_H
#define ARCHIVE_LINEAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/spool.h"
#include "mail/flags.h"
#include "stores/archive/lineage.h"
#include "util/fault.h"
#include "util/strs.h"
#include "util/table.h"

/* What the files of the lineage share. */

/* A line of a manifest, or one as a later final changed it. */
struct kin {
	struct lineage_message m; /* msg.folder: of its own generation */
	uint32_t letters;         /* of keywords in its path: bit 0 is a */
	unsigned char flags;      /* in its path */
	bool link;
};

/* A segment's lines are records from first on. */
struct kin_segment {
	uint32_t first;
	uint32_t lines;
};

struct generation {
	char *name;
	bool detached;
	struct archive_reader *reader;
	struct kin_segment *segment; /* i + 1 */
	size_t segments, segment_cap;
	struct strs *words; /* .next: of each folder */
};

/* A message of a state; id is its record. */
struct member {
	uint32_t folder;
	uint32_t uid;
	uint32_t id;
};

struct mailbox {
	struct member *v;
	size_t n, cap;
};

struct lineage {
	struct lineage_options options;
	struct generation *generation; /* i + 1 */
	size_t n;
	uint32_t at;
	struct spool *kin; /* records */
	uint32_t kins;
	struct atoms *atoms;
	struct mailbox now;   /* the state that is shown */
	uint32_t *first;      /* in it, of each folder, and its end */
	uint32_t *placed;     /* its members by place; NULL: not asked for */
	struct table octets;  /* .next: by hash, and by hash and date */
	struct table folders; /* by name */
};

/* lineage_open.c: the archives in the order of their generations. */
enum rc lineage_order(struct lineage *l, const struct lineage_source *source,
    size_t n, struct fault *f) CHECKED;
/* That archive g was made from the one before it, which was read. */
enum rc lineage_check_parent(const struct lineage *l, uint32_t g,
    struct fault *f) CHECKED;
/* "NAME (generation N, ID)": appended. */
void lineage_describe(const struct generation *g, struct buf *b);

/* lineage_load.c: reads an archive; its lines are added to the records and,
 * as members, to box. */
enum rc lineage_load(struct lineage *l, uint32_t g, struct mailbox *box,
    struct fault *f) CHECKED;
enum rc kin_get(struct lineage *l, uint32_t id, struct kin *r, struct fault *f)
    CHECKED;
enum rc kin_add(struct lineage *l, const struct kin *k, uint32_t *id_r,
    struct fault *f) CHECKED;
/* The record of a line that was read; RC_END: there is none. */
enum rc kin_at(struct lineage *l, const struct lineage_place *line,
    struct kin *r, struct fault *f) CHECKED;
/* Appends the path of its member. */
void kin_path(const struct lineage *l, const struct kin *k, struct buf *b);

/* lineage_state.c: box holds the lines of generation g, and then its state,
 * made of the state before, which is checked against what g signs. */
enum rc lineage_succeed(struct lineage *l, uint32_t g,
    const struct mailbox *before, struct mailbox *box, struct fault *f) CHECKED;
/* lineage_find.c: .next: makes all that is there findable. */
enum rc lineage_index(struct lineage *l, struct fault *f) CHECKED;

#endif
