#ifndef UNIT_SWEEP_KIT_H
#define UNIT_SWEEP_KIT_H

#include <stdbool.h>
#include <stdint.h>

#include "backup/sweep.h"
#include "bytes/body.h"
#include "mail/store.h"
#include "program/options.h"
#include "tests/unit/archive_kit.h"
#include "util/file.h"

enum { SOURCE_MAIL = 32 };

/* One folder of a source that is a table, and what follows it. */
struct source {
	struct store store; /* first */
	struct store_info info;
	struct intake *intake;
	uint32_t uidvalidity;
	const char *mail[SOURCE_MAIL]; /* by UID; NULL: none */
	uint32_t lost_at;              /* the line is, at this UID; 0: not */
	uint32_t refused;              /* this UID is */
	uint32_t trouble;              /* the folder has it, at this UID */
	bool closed;                   /* it cannot be opened */
	uint32_t first;                /* of the last scan */
	unsigned scans, reads;
	/* what follows it */
	struct kit kit;
	struct common_options options;
	struct outfile out;
	struct backup b;
	struct followeds all;
	struct sweep sweep;
	struct folders list;
};

/* An empty folder of UIDVALIDITY 7. */
void source_start(struct source *s);
/* Lists it and looks; whatever waits for its turn has it. */
enum rc source_look(struct source *s) CHECKED;
/* Ends it, and asserts what became of all and that the sums are right. */
void source_finish(struct source *s, uint64_t stored, uint64_t gone,
    uint64_t refused);

#endif
