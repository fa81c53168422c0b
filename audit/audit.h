#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "mail/glob.h"
#include "mail/harvest.h"
#include "mail/mapping.h"
#include "mail/store.h"
#include "match.h"
#include "program/report.h"
#include "program/status.h"
#include "side.h"
#include "stores/archive/lineage.h"
#include "util/fault.h"

/* How much of the target is looked at. */
enum audit_level {
	LEVEL_FULL,   /* every body: the only one that proves */
	LEVEL_HEADER, /* fingerprint of the header, and size */
	LEVEL_COUNT,  /* messages a folder */
};

/* A folder at the target, or where one should be. */
struct place {
	char *name;                  /* canonical */
	const struct folder *folder; /* NULL: the target has none */
	bool expected;               /* a folder of the archive maps to it */
	bool failed;                 /* could not be read: why */
	char *why;
	uint64_t exists; /* what the target claims */
	uint64_t read;
	uint64_t unreadable;
	/* what it came to */
	uint64_t archived;
	uint64_t identical;
	uint64_t line_ends;
	uint64_t headers; /* same header and size */
	uint64_t relocated;
	uint64_t missing;
	uint64_t extra;
	uint64_t drift;
};

/* A message at the target that stands for none; where it is, and its note. */
struct extra {
	uint64_t note;
	uint32_t place;
	uint32_t uid;
};

struct extras {
	struct extra *v;
	size_t n;
	size_t cap;
};

/* A message at the target that has to be read again, with all its octets. */
struct again {
	struct msg msg; /* folder: its place */
	uint32_t uidvalidity;
};

struct agains {
	struct again *v;
	size_t n;
	size_t cap;
};

/* The walk over the archive's manifests; the archive and the evidence are
 * its own until it was ended. */
struct walk {
	pthread_mutex_t lock; /* of the labels, and what follows */
	pthread_t thread;
	bool on; /* begun, and not ended */
	bool threaded;
	bool over;
	enum rc rc;
	struct fault fault;
};

void walk_init(struct walk *w);
void walk_release(struct walk *w);

/* The segments of an archive whose data was needed. */
struct opened {
	uint64_t segments;
	bool last; /* the last of all among them */
};

/* Everything that an audit finds; the reports are views of it. */
struct audit {
	/* set by the caller */
	struct lineage *chain; /* gathered, not read */
	struct store *target;  /* NULL: the archive alone */
	harvest_open_fn *open; /* for more connections to it */
	void *open_arg;
	unsigned connections;
	const struct selection *selection;
	const struct mapping *mapping;
	enum audit_level level;
	bool strict;
	const struct hash *final; /* of the last archive, NULL: any */
	struct report *report;

	uint64_t octets;       /* of the mailbox that is asked about */
	uint64_t messages;     /* of it, those that are selected */
	struct items evidence; /* the same, when there is a target */
	struct extras extra;
	struct agains again;
	struct notes notes;
	struct labels *labels;
	struct match match;
	struct opened *opened; /* of each generation; NULL: none */
	struct folders target_folders;
	struct place *place;
	size_t places;
	size_t places_cap;
	uint32_t *shown;    /* the places by name, as reports show them */
	uint32_t *place_of; /* of each archive folder */
	struct walk walk;
	bool settled; /* it was ended: what is found is matched at once */
	struct outcome outcome;
};

void audit_init(struct audit *a);
void audit_release(struct audit *a);

/* A lineage_options.seen: progress, where all data are read. */
void audit_seen(void *arg, uint32_t generation,
    const struct archive_segment *s);
/* evidence.c: verifies the chain, all of it when there is no target, else
 * its manifests, and keeps what they tell. */
enum rc audit_load_chain(struct audit *a, struct fault *f) CHECKED;
/* walk.c: begins to do so in a thread, for audit_read_target to end. */
void audit_walk_begin(struct audit *a);
/* Once the walk is over, or with wait: maps the archive's folders, and holds
 * what was found before against it.  One call at a time. */
enum rc audit_settle(struct audit *a, bool wait, struct fault *f) CHECKED;
/* Ends it, settled when rc is RC_OK; else *f tells of the archive where that
 * is bad. */
enum rc audit_walk_end(struct audit *a, enum rc rc, struct fault *f) CHECKED;
/* target.c: reads every body at the target and matches it. */
enum rc audit_read_target(struct audit *a, struct fault *f) CHECKED;
/* What a list tells of a message; key, canon and size are left 0. */
void audit_facts(struct audit *a, uint32_t place, const struct msg *m,
    struct facts *r);
/* Holds a message of the target against the archive; an extra when it stands
 * for none, with its headline (none when body is NULL). */
enum rc audit_hold(struct audit *a, const struct facts *found,
    const struct body *body, struct fault *f) CHECKED;
/* The fate of a message that was asked for; *again_r: its digest lacks what
 * it takes to hold it, and nothing was done. */
enum rc audit_take(struct audit *a, const struct harvest_message *m,
    bool *again_r, struct fault *f) CHECKED;
/* again.c: reads what could not be held, the second time with all octets. */
enum rc audit_read_again(struct audit *a, struct fault *f) CHECKED;
/* quick.c: the same for LEVEL_HEADER and LEVEL_COUNT, without bodies. */
enum rc audit_glance(struct audit *a, struct fault *f) CHECKED;
/* gaps.c: looks at what is missing, which may be there in another form. */
enum rc audit_look_at_gaps(struct audit *a, struct fault *f) CHECKED;
/* Holds what is left over against what is missing, in its own folder or, for
 * PROOF_RELOCATED, anywhere; canon: the gaps in their canonical form. */
enum rc audit_match_extras(struct audit *a, enum proof proof, bool canon,
    struct fault *f) CHECKED;
/* Where the archive's folders should be. */
void audit_map_folders(struct audit *a);
/* What a message proves that is as its manifest line tells it. */
enum proof audit_own_proof(const struct audit *a);
uint32_t audit_place(struct audit *a, const char *name);
/* Tells that a place could not be read. */
void audit_place_failed(struct audit *a, struct place *p, struct fault *f);
/* audit.c: adds up per place, and into a->outcome. */
void audit_conclude(struct audit *a);

/* The total of all places. */
void audit_totals(const struct audit *a, struct place *r);
/* What the source refused or claimed without listing, from the final. */
void audit_source_gaps(const struct audit *a, uint64_t *refused_r,
    uint64_t *unlisted_r);
/* "proved", "missing", "whole", ...: one word for TSV, appended. */
void audit_verdict(const struct audit *a, struct buf *word);
const struct archive_folder *audit_folder(const struct audit *a,
    const struct item *i);
/* As a report tells it: what is a message's own, labels taken apart. */
struct msg audit_msg(const struct audit *a, const struct item *i);
struct msg audit_found(const struct audit *a, const struct facts *found);
/* Segments of an archive of which all was read and verified. */
uint64_t audit_segments_read(const struct audit *a, uint32_t generation);
/* An archive's detached signature was verified. */
bool audit_whole_signed(const struct audit *a, uint32_t generation);

/* report_head.c: the first part of the report for people. */
void audit_print_head(const struct audit *a);
/* A line of label and text, made harmless for a terminal. */
void audit_show(const char *label, const char *text);

/* report_text.c and report_tsv.c, on standard output.  RC_STORE when the
 * notes or the output fail. */
enum rc audit_print_text(struct audit *a, struct fault *f) CHECKED;
void audit_print_verdict(const struct audit *a);
enum rc audit_print_tsv(struct audit *a, struct fault *f) CHECKED;
/* --list missing: what mrestore --only takes. */
enum rc audit_print_missing(struct audit *a, struct fault *f) CHECKED;
/* One line of it, appended. */
enum rc audit_listing(struct audit *a, const struct gap *g, struct buf *b,
    struct fault *f) CHECKED;

#endif
