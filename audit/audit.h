#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

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
#include "stores/archive/reader.h"
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

/* Everything that an audit finds; the reports are views of it. */
struct audit {
	/* set by the caller */
	struct archive_reader *archive;
	struct store *target;  /* NULL: the archive alone */
	harvest_open_fn *open; /* for more connections to it */
	void *open_arg;
	unsigned connections;
	const struct selection *selection;
	const struct mapping *mapping;
	enum audit_level level;
	bool strict;
	bool detached;    /* there was a detached signature, checked */
	const char *name; /* of the archive */
	struct report *report;

	struct items evidence; /* of the archive */
	struct items extra;    /* at the target, standing for nothing */
	struct notes notes;
	struct atoms *atoms;
	struct match match;
	struct folders target_folders;
	struct place *place;
	size_t places;
	size_t places_cap;
	uint32_t *place_of; /* of each archive folder */
	uint64_t octets;    /* wire octets of the evidence */
	struct outcome outcome;
};

void audit_init(struct audit *a);
void audit_release(struct audit *a);

/* evidence.c: reads and verifies the whole archive. */
enum rc audit_load_archive(struct audit *a, struct fault *f) CHECKED;
/* target.c: reads every body at the target and matches it. */
enum rc audit_read_target(struct audit *a, struct fault *f) CHECKED;
/* quick.c: the same for LEVEL_HEADER and LEVEL_COUNT, without bodies. */
enum rc audit_glance(struct audit *a, struct fault *f) CHECKED;
/* Finds out which folders of the target there are, and what they are for. */
enum rc audit_find_places(struct audit *a, struct fault *f) CHECKED;
uint32_t audit_place(struct audit *a, const char *name);
void audit_keep_left_over(struct audit *a, const struct items *found);
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

/* report_text.c and report_tsv.c, on standard output.  RC_STORE when the
 * notes or the output fail. */
enum rc audit_print_text(struct audit *a, struct fault *f) CHECKED;
void audit_print_verdict(const struct audit *a);
enum rc audit_print_tsv(struct audit *a, struct fault *f) CHECKED;
/* --list missing: what mrestore --only takes. */
enum rc audit_print_missing(struct audit *a, struct fault *f) CHECKED;
/* One line of it, appended. */
enum rc audit_listing(struct audit *a, const struct item *i, struct buf *b,
    struct fault *f) CHECKED;

#endif
