#ifndef ARCHIVE_SALVAGING_H
#define ARCHIVE_SALVAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/minisign.h"
#include "bytes/spool.h"
#include "stores/archive/ledger.h"
#include "stores/archive/manifest.h"
#include "stores/archive/salvage.h"
#include "stores/archive/scan.h"
#include "stores/archive/tar.h"
#include "stores/archive/torn.h"
#include "util/table.h"

/* What the files of the salvage share. */

/* The text of a manifest; only those that count are kept in the end. */
struct part {
	uint32_t number; /* 0: the header */
	uint64_t at;     /* its frame in the file */
	uint64_t end;
	uint64_t text; /* in texts */
	size_t length;
	struct hash hash;  /* of the text */
	struct hash prev;  /* what it says of the one before */
	struct frame data; /* and of D */
	bool counts;
	bool harmed; /* something of D is lost */
};

/* Where a D lies, or may lie. */
struct region {
	uint64_t from, to; /* to is 0 where it is not known */
	uint64_t size;     /* of the tar; 0: not known */
	uint32_t part;     /* index, or REGION_STRAY */
	bool ended;        /* to is where the frame's last block ends */
};
#define REGION_STRAY UINT32_MAX

/* A message whose octets are not in its own D: line of a part. */
struct pending {
	uint32_t region; /* where they are */
	uint32_t part;
	uint32_t entry;
	uint64_t data, size;
};

/* A member that a stray region holds. */
struct found_stray {
	uint32_t region;
	uint64_t data, size;
	uint64_t path; /* in paths */
	size_t length;
	uint64_t key; /* of its folder and UID */
	bool is_link; /* its octets are elsewhere */
};

struct salvage {
	struct pubkey key;
	struct scan *scan;
	struct torn *torn;
	struct spool *tar;   /* of the region at hand */
	struct spool *texts; /* of manifests */
	struct spool *paths; /* of strays */
	struct atoms *atoms;
	char id[33];
	struct manifest_header header;
	bool headed; /* header is there */

	uint64_t *mark; /* frames that are no manifest that counts */
	size_t marks, mark_cap;
	struct part *part; /* by number, the header not among them */
	size_t parts, part_cap;
	struct region *region; /* in the order of the file */
	size_t regions, region_cap;
	uint32_t at_hand; /* the one that tar holds, or REGION_STRAY */

	struct archive_folder *folder;
	char **dir; /* of folder[i]; NULL: unknown */
	size_t folders;
	struct table lines; /* keys of the paths that manifests name */

	struct ledger *found; /* whole members: segment is the region */
	struct pending *pending;
	size_t pendings, pending_cap;
	struct found_stray *stray;
	size_t strays, stray_cap;
	struct table seen; /* strays by key */

	struct manifest_final final;
	struct archive_final shown;
	bool ended; /* final is there */

	const struct salvage_sink *sink;
};

/* salvage_find.c: fills part, mark and header. */
enum rc salvage_find(struct salvage *s, struct fault *f) CHECKED;
/* Reads the text of a manifest again; *r lives in text.  The caller
 * releases both, also after a fault. */
enum rc salvage_parse(struct salvage *s, const struct part *p, struct buf *text,
    struct manifest_segment *r, struct fault *f) CHECKED;

/* salvage_folders.c: fills folder and lines. */
enum rc salvage_learn(struct salvage *s, struct fault *f) CHECKED;
/* Room for one with this number, of which nothing is known. */
void salvage_need_folder(struct salvage *s, uint32_t number);
/* A manifest names a member with this path. */
bool salvage_is_named(const struct salvage *s, const char *path);
/* The canonical name of a folder from the n octets of its directory; the
 * caller frees. */
char *salvage_folder_name(const char *dir, size_t n);
/* Its number, or UINT32_MAX. */
uint32_t salvage_folder_at(const struct salvage *s, const char *dir, size_t n,
    uint32_t uidvalidity);

/* salvage_place.c: makes regions of parts and marks. */
void salvage_place(struct salvage *s);
/* Its octets into tar. */
enum rc salvage_unpack(struct salvage *s, uint32_t region, struct fault *f)
    CHECKED;

/* salvage_read.c: all of one region. */
enum rc salvage_signed(struct salvage *s, uint32_t region, struct fault *f)
    CHECKED;

/* salvage_stray.c: the members of a region without a manifest; in the end
 * those that no manifest names. */
enum rc salvage_keep_strays(struct salvage *s, uint32_t region, struct fault *f)
    CHECKED;
enum rc salvage_give_strays(struct salvage *s, struct fault *f) CHECKED;

/* salvage_pending.c: what was put off until all was seen. */
enum rc salvage_pending(struct salvage *s, struct fault *f) CHECKED;

/* salvage_final.c: the final in the tar at hand, if it holds. */
enum rc salvage_final(struct salvage *s, struct fault *f) CHECKED;

/* salvage_found.c: keeps a whole member of the region at hand, the first
 * with its octets. */
enum rc salvage_remember(struct salvage *s, const struct tar_member *m,
    uint32_t region, struct hash *hash_r, struct fault *f) CHECKED;
enum rc salvage_remember_at(struct salvage *s, const struct archive_entry *e,
    uint32_t region, uint64_t data, struct fault *f) CHECKED;
/* One with n octets (8 or 32) of this hash and this size; RC_END: none. */
enum rc salvage_lookup(struct salvage *s, const unsigned char *hash, size_t n,
    uint64_t size, struct record *r, struct fault *f) CHECKED;
/* The octets of e at data in the tar at hand.  RC_END: they are not its. */
enum rc salvage_body(struct salvage *s, const struct archive_entry *e,
    uint64_t data, struct body *b, struct fault *f) CHECKED;

#endif
