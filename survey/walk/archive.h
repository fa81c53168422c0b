#ifndef SURVEY_ARCHIVE_H
#define SURVEY_ARCHIVE_H

#include <stddef.h>

#include "accounts/location.h"
#include "stores/archive/lineage.h"
#include "survey/facts/side.h"
#include "util/fault.h"

/* An archive, or all of a chain in any order: what is surveyed is the
 * mailbox of its last generation. */
struct archive_set {
	const struct location *v; /* borrowed; of "-" one at most */
	size_t n;
	const char *public_key; /* file; NULL: the usual one */
};

#define SIDE_ARCHIVE "archive"

/*
 * Opens them and verifies their manifests, from which it fills *s; the
 * chain is the caller's (NULL on failure).  RC_STORE, with lineage_open's
 * causes: why is in s->failed as well.
 */
enum rc archive_learn(struct side *s, const struct archive_set *a,
    struct lineage **r, struct fault *f) CHECKED;

bool side_is_archive(const struct side *s);

#endif
