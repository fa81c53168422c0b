#ifndef ARCHIVE_READING_H
#define ARCHIVE_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "bytes/minisign.h"
#include "bytes/spool.h"
#include "stores/archive/frame.h"
#include "stores/archive/input.h"
#include "stores/archive/ledger.h"
#include "stores/archive/links.h"
#include "stores/archive/manifest.h"
#include "stores/archive/reader.h"
#include "util/buf.h"

/* What the files of the reader share. */

/* Where the octets of an entry are. */
struct found {
	uint32_t segment;
	uint64_t data;        /* offset in that segment's tar */
	struct digest digest; /* of one in the segment itself, when checked */
	uint64_t target;      /* of a reference: XXH3-64 of its path */
};

struct read_folder {
	char *dir;
	uint64_t stored;  /* messages seen */
	uint64_t refused; /* lines in the final */
};

/* A manifest pair that was verified; the text is in reader->text. */
struct pair {
	struct frame frame;
	uint64_t end;  /* where the members end in pair_tar */
	int64_t mtime; /* of both members */
};

/* final.tsv and its signature in the last tar. */
struct final_place {
	uint64_t data, size;
	uint64_t sig_data, sig_size;
};

struct archive_reader {
	char *name;
	struct pubkey key;
	unsigned options;
	struct buf minisig; /* the detached signature */
	struct input *in;
	struct frame_in *z;
	struct spool *frame;      /* D, compressed */
	struct spool *tar;        /* D */
	struct spool *pair_frame; /* M, compressed */
	struct spool *pair_tar;   /* M */
	struct buf text;          /* M's manifest, cut into columns */
	struct atoms *atoms;
	struct manifest_header header;
	struct hash prev, prev_frame;
	uint64_t tar_size; /* content of all frames so far */
	struct buf seek;   /* the table as it has to be */
	bool seekable;

	struct manifest_segment segment; /* the last one */
	struct found *found;             /* of segment.entry[i] */
	size_t found_cap;
	struct archive_place *place; /* the same, ARCHIVE_MANIFESTS */
	size_t place_cap;
	struct archive_segment view;
	uint64_t pair_end;

	struct manifest_past *past; /* all segments */
	size_t pasts, past_cap;
	struct archive_folder *folder;
	struct read_folder *more; /* about folder[i] */
	size_t folders, folder_cap, more_cap;
	struct ledger *ledger;
	struct links *links;
	struct archive_totals totals;

	struct final_place final_at;
	struct manifest_final final;
	struct archive_final shown;
	bool finished; /* the final was verified */
	bool complete; /* and all behind it */
	bool incomplete;
	struct fault fault; /* of a reader that failed */
	bool failed;
};

/* Adds a frame to what the seek table has to be. */
void frame_count(struct archive_reader *r, const struct frame *frame);
/* The next segment, or, of a complete archive, one of before with its data;
 * r->view shows it. */
enum rc segment_read(struct archive_reader *r, struct fault *f) CHECKED;
enum rc segment_reopen(struct archive_reader *r, uint32_t number,
    struct fault *f) CHECKED;
/* Parses M; its strings lie in r->text. */
enum rc segment_parse(struct archive_reader *r, struct fault *f) CHECKED;
/* The folders that M announces, whose numbers go up by one, move over. */
enum rc segment_folders(struct archive_reader *r, struct fault *f) CHECKED;
/* D was passed over, and is to be had after all. */
enum rc segment_unpack(struct archive_reader *r, struct fault *f) CHECKED;
/* True when the last two lines are the final and its signature. */
bool segment_is_last(const struct manifest_segment *s);

/* Reads and verifies the pair H or M; *cut_r: the input ends before or
 * inside it. */
enum rc pair_read(struct archive_reader *r, const char *kind, uint32_t number,
    struct pair *p, bool *cut_r, struct fault *f) CHECKED;
/* The same, of a segment, where it has this hash (that the final signs): its
 * own signature, and the chain, are not looked at. */
enum rc pair_read_known(struct archive_reader *r, uint32_t number,
    const struct hash *manifest, struct fault *f) CHECKED;
/* The last M: padded to whole records, and stored as frame_store does. */
enum rc pair_check_last(struct archive_reader *r, const struct pair *p,
    struct fault *f) CHECKED;
/* Verifies a .minisig with the comment that it must have. */
enum rc check_signature(const struct archive_reader *r, const struct hash512 *h,
    const struct buf *sig, const char *comment, struct fault *f) CHECKED;

/* What a line tells. */
struct record line_record(const struct archive_entry *e);
/* NULL, or what is wrong with a line taken by itself; *letters_r: keyword
 * letters in its path. */
const char *line_fault(const struct archive_reader *r,
    const struct archive_entry *e, const struct record *rec, size_t *letters_r);
/* Adds a message to what the final is held against. */
void line_count(struct archive_reader *r, const struct record *rec,
    size_t letters);
/* Takes the lines of M without D: what they say of each other. */
enum rc lines_take(struct archive_reader *r, struct fault *f) CHECKED;

/* Compares the members of D with the lines of M, one to one.  taken: the
 * lines were taken before, and only their octets are looked at. */
enum rc check_members(struct archive_reader *r, bool taken, struct fault *f)
    CHECKED;
/* What a final of a delta says, as far as that can be told without its
 * parent; of others nothing. */
bool delta_agrees(const struct archive_reader *r);

/* Verifies and parses the final, where final_at says. */
enum rc final_read(struct archive_reader *r, struct fault *f) CHECKED;
/* r->shown is what it says. */
void final_show(struct archive_reader *r);
/* The signed final against all that was seen. */
enum rc check_final(struct archive_reader *r, struct fault *f) CHECKED;
/* What archive_reader_glance does. */
enum rc glance(struct archive_reader *r, bool folders, struct fault *f) CHECKED;
/* What follows the last frame. */
enum rc check_end(struct archive_reader *r, struct fault *f) CHECKED;

#endif
