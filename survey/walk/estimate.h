#ifndef SURVEY_ESTIMATE_H
#define SURVEY_ESTIMATE_H

#include "survey/facts/facts.h"

/* Fills in s->outlook from what was measured; usual_ms and ratio are left to
 * history.h.  Of an archive there is none (n is 0) but for the restore. */
void estimate(struct survey *s);

/*
 * Milliseconds that it takes to read so much of the source over n
 * connections, by the passes over one and over several.  -1: nothing was read.
 */
int64_t estimate_reading(const struct survey *s, unsigned n);

#endif
