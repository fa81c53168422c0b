#ifndef SURVEY_CHECK_H
#define SURVEY_CHECK_H

#include "run.h"
#include "util/fault.h"

/* --check: logs in to both sides, or verifies what an archive's manifests
 * say, and looks at no mail. */
enum rc order_check(const struct order *o, struct fault *f) CHECKED;

#endif
