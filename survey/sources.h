#ifndef SURVEY_SOURCES_H
#define SURVEY_SOURCES_H

#include <stddef.h>

#include "accounts/location.h"
#include "util/fault.h"

/* What msurvey's command line names. */
struct sources {
	struct location *v;
	size_t n;
	size_t archives; /* n: an archive, or all of a chain; else 0 */
};

/* One store, or archives and nothing else.  CAUSE_USAGE; release in any
 * case. */
enum rc sources_parse(struct sources *r, int operands, char **operand,
    struct fault *f) CHECKED;
void sources_release(struct sources *s);

#endif
