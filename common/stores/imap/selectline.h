#ifndef IMAP_SELECTLINE_H
#define IMAP_SELECTLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/store.h"
#include "util/strs.h"

/* What the untagged lines of a SELECT told (RFC 3501 section 6.3.1). */
struct selectline {
	struct folder_state state;
	unsigned flags; /* of FLAGS, for want of PERMANENTFLAGS */
	struct strs keywords;
	bool permanent; /* PERMANENTFLAGS came */
};

#define SELECTLINE_INIT               \
	{                             \
		.keywords = STRS_INIT \
	}

/* One line; others than those of SELECT are passed over. */
void selectline_parse(struct selectline *s, const char *text, size_t n);
/* Gives what was told into *r (initialized), which keeps its status.
 * Without PERMANENTFLAGS all of FLAGS can be set. */
void selectline_end(struct selectline *s, struct folder_state *r);
void selectline_release(struct selectline *s);

#endif
