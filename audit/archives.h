#ifndef AUDIT_ARCHIVES_H
#define AUDIT_ARCHIVES_H

#include <stddef.h>

#include "accounts/location.h"
#include "stores/archive/lineage.h"
#include "util/fault.h"

/* What maudit's command line names. */
struct archives {
	struct location *archive;
	size_t n;
	struct location *target; /* NULL: the archives alone */
};

/* The last operand may be a target.  CAUSE_USAGE; release in any case. */
enum rc archives_parse(struct archives *r, int operands, char **operand,
    struct fault *f) CHECKED;
void archives_release(struct archives *a);
/* Opens them and gathers them to a chain (lineage_gather). */
enum rc archives_open(const struct archives *a,
    const struct lineage_options *options, struct lineage **r, struct fault *f)
    CHECKED;

#endif
