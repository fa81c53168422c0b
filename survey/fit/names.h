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

enum { NAME_USUAL_MAX = 255 }; /* octets of a file's name */

/* fit_place.c.  NULL, or what is wrong; then part holds what would do, with
 * fewer parts where some were made one, and *at_r is the place of the fault
 * among those that were there. */
const char *name_check_place(const struct fitting *t, struct strs *part,
    size_t *at_r);
const char *name_check_length(const struct fitting *t, struct strs *part,
    enum fit_level level, size_t *at_r);
/* Appends as much of the start as has at most max octets on the wire, and
 * leaves room for what makes it unique. */
void name_shorten(const char *text, uint64_t max, struct buf *fixed);

#endif
