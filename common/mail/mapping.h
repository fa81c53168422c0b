#ifndef MAIL_MAPPING_H
#define MAIL_MAPPING_H

#include <stddef.h>

#include "util/fault.h"

/* Where the folders of one side live on the other (--map, --into). */
struct mapping_rule {
	char *from; /* canonical names: the folder and all below it */
	char *to;
};

struct mapping {
	struct mapping_rule *rule;
	size_t n;
	size_t cap;
	char *into; /* put before every name; NULL: nothing */
};

#define MAPPING_INIT             \
	{                        \
		NULL, 0, 0, NULL \
	}

/* "FROM=TO"; "==" stands for a "=" in a name; FROM may start with "/"
 * (mail/folder.h), TO may not.  CAUSE_USAGE for those, for an empty
 * side or a second rule for the same FROM. */
enum rc mapping_add(struct mapping *m, const char *rule, struct fault *f)
    CHECKED;
/* A canonical name without a slash at its ends. */
enum rc mapping_set_into(struct mapping *m, const char *prefix, struct fault *f)
    CHECKED;
/* The mapped canonical name (the longest FROM that fits decides, once);
 * the caller frees. */
char *mapping_apply(const struct mapping *m, const char *name);
void mapping_release(struct mapping *m);

#endif
