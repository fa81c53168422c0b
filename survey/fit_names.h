#ifndef SURVEY_FIT_NAMES_H
#define SURVEY_FIT_NAMES_H

#include "fit_priv.h"

/* What is wrong with one folder's name at the target. */
struct name_fault {
	enum fit_level level;
	const char *why;   /* static */
	size_t components; /* of the name */
	size_t at;         /* the component that is at fault, from 0 */
	char *to;          /* canonical name of it that would do; to be freed */
};

/* The first fault of just this level in a canonical name, what --map and
 * --into have made of it; false: there is none. */
bool name_check(const struct fitting *t, const char *name, enum fit_level level,
    struct name_fault *r);

#endif
