#ifndef MAILDIR_MAILDIR_H
#define MAILDIR_MAILDIR_H

#include <stdbool.h>

#include "mail/store.h"
#include "util/fault.h"

enum maildir_layout {
	MAILDIR_PLUSPLUS,	/* DIR, DIR/.A.B (Maildir++) */
	MAILDIR_NESTED,		/* DIR/A/B, INBOX in DIR or DIR/INBOX */
};

/* Opens DIR; with create an absent one is made when the first message is
 * appended.  The source is never written to: "new" is read where it is. */
enum rc maildir_open(const char *dir, enum maildir_layout layout, bool create,
    struct store **r, struct fault *f) CHECKED;

#endif
