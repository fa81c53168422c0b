#ifndef MAILDIR_KEYWORDS_H
#define MAILDIR_KEYWORDS_H

#include <stddef.h>
#include <stdint.h>

#include "mail/flags.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

enum { KEYWORDS_MAX = 26 }; /* letters a to z */

/* What the letters a to z mean in one folder: dovecot-keywords. */
struct keywords {
	char *name[KEYWORDS_MAX]; /* NULL: the letter means nothing */
};

void keywords_init(struct keywords *k);
void keywords_release(struct keywords *k);
/* Reads the one of the folder fd; a missing one is empty. */
enum rc keywords_read(struct keywords *k, int fd, struct fault *f) CHECKED;

/* The keywords that a name's letters stand for, canonical, borrowed from
 * a.  A letter without meaning is "unknown-0" and so on, as Dovecot says. */
const char *keywords_of_letters(const struct keywords *k, const char *letters,
    struct atoms *a);

/*
 * Letters for a canonical list, appended in order.  New ones are added to
 * dovecot-keywords, also when another program changed it meanwhile.  What
 * cannot be kept (a 27th keyword, one that is no atom) is added to dropped.
 */
enum rc keywords_to_letters(struct keywords *k, int fd, const char *canonical,
    struct buf *letters, struct strs *dropped, struct fault *f) CHECKED;

#endif
