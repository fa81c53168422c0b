#ifndef AUDIT_RESCUE_H
#define AUDIT_RESCUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accounts/location.h"
#include "bytes/spool.h"
#include "program/options.h"
#include "program/report.h"
#include "program/status.h"
#include "stores/archive/salvage.h"
#include "stores/archive/writer.h"
#include "util/fault.h"

/*
 * maudit --salvage: what is whole in a damaged archive goes into a new one,
 * signed by whoever salvages; what is lost is listed there as refused, and
 * on standard output.
 */
struct rescue {
	/* set by the caller */
	const struct common_options *options;
	const char *output; /* NULL: only the list (-n) */
	bool tsv;
	struct report *report;
	struct outcome *outcome;

	const char *name; /* of the damaged archive */
	struct salvage *from;
	struct archive_writer *to; /* NULL: only the list */
	char to_id[33];
	struct rescue_folder *folder; /* of the damaged archive */
	size_t folders;
	struct rescue_aside *aside;
	size_t asides, aside_cap;
	struct spool *lines; /* of the report: messages lost, strays */
	uint64_t saved;      /* messages that a manifest vouches for */
	uint64_t strays;
	uint64_t lost;    /* as far as they are known: */
	bool endless;     /* and nobody knows how many more */
	uint64_t refused; /* by the source, before */
	uint64_t octets;  /* on the wire, of what was saved */
	struct salvage_end end;
};

/* What became of a folder's messages. */
struct rescue_folder {
	uint32_t number; /* in the new archive */
	char *name;      /* made up where it is lost */
	uint64_t saved, lost, strays;
};

/* Where the strays of a folder go. */
struct rescue_aside {
	char *name;
	uint32_t uidvalidity;
	uint32_t number;
};

/* The whole run. */
enum rc rescue_run(struct rescue *r, const struct location *damaged,
    struct fault *f) CHECKED;

/* rescue_sink.c: what a salvage_sink wants, arg being the rescue. */
enum rc rescue_message(void *arg, const struct archive_entry *e,
    const struct body *body, struct fault *f) CHECKED;
enum rc rescue_lost(void *arg, const struct archive_entry *e, uint32_t segment,
    struct fault *f) CHECKED;
enum rc rescue_stray(void *arg, const struct salvage_stray *m,
    const struct body *body, struct fault *f) CHECKED;
/* Into the new archive, if there is one to be. */
enum rc rescue_announce(struct rescue *r, const struct folder *folder,
    uint32_t uidvalidity, uint32_t *number_r, struct fault *f) CHECKED;
/* number: of the folder in the new archive. */
void rescue_refuse(struct rescue *r, const struct msg *m, uint32_t number,
    const char *reason);

/* rescue_report.c.  Lines are kept until all is known. */
struct rescue_line {
	const char *kind; /* "lost", "unsigned", "refused" */
	const struct msg *msg;
	const struct hash *hash; /* NULL: not known */
	const char *folder;
	uint32_t uidvalidity;
	const char *why; /* the reason, or the folder where it is now */
	uint64_t count;  /* messages like this */
};
enum rc rescue_line(struct rescue *r, const struct rescue_line *l,
    struct fault *f) CHECKED;
enum rc rescue_print(struct rescue *r, struct fault *f) CHECKED;
/* The event "salvage". */
void rescue_tell(const struct rescue *r);

#endif
