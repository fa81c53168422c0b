#ifndef SURVEY_RUN_H
#define SURVEY_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "accounts/location.h"
#include "program/options.h"
#include "program/report.h"
#include "program/status.h"
#include "survey/facts/facts.h"
#include "util/fault.h"

/* What is to be surveyed, and how; all is borrowed. */
struct order {
	const struct location *source;
	size_t archives;               /* that lie behind it: a chain; 0: it is
					* a store */
	const struct location *target; /* NULL: none */
	const char *target_secret;     /* NULL: the --secret behind the
				* source's */
	struct common_options *common;
	bool deep; /* every body is read */
	struct report *report;
	struct outcome *outcome;
};

/*
 * Fills *s (initialized).  With common->dry_run no mail is looked at: what
 * the folders claim to hold is told, and both sides.  A target that cannot be
 * reached is told in s->target.failed and counts in the outcome, and the
 * source is surveyed all the same.  RC_STORE: the source could not be looked
 * at, or not to its end; what is known of it stands in *s.
 */
enum rc survey_run(const struct order *o, struct survey *s, struct fault *f)
    CHECKED;

#endif
