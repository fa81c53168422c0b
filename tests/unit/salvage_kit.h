#ifndef UNIT_SALVAGE_KIT_H
#define UNIT_SALVAGE_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/archive_kit.h"
#include "util/fault.h"

enum { RESCUE_MAIL_MAX = 512, RESCUE_FRAMES_MAX = 64 };

/* What was salvaged, held against the plan that the archive was made by. */
struct rescue {
	enum rc rc;
	struct fault fault;
	size_t messages; /* given as signed */
	size_t strays;
	size_t lost;  /* named as lost */
	size_t wrong; /* not as they were written, or given twice */
	bool ended;   /* the final is there */
	bool headed;
	uint32_t segments, manifests;
	/* of plan.mail[i] */
	bool given[RESCUE_MAIL_MAX];
	bool stray[RESCUE_MAIL_MAX];
	bool named_lost[RESCUE_MAIL_MAX];
};

void rescue_bytes(struct kit *k, const struct kit_plan *p, const void *bytes,
    size_t n, struct rescue *r);

/* The frames of a whole archive: H, D1, M1, ... and the seek table. */
struct frames {
	size_t at[RESCUE_FRAMES_MAX], len[RESCUE_FRAMES_MAX];
	size_t n;
};
void frames_of(const struct buf *b, struct frames *r);

#endif
