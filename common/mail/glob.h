#ifndef MAIL_GLOB_H
#define MAIL_GLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "mail/date.h"
#include "util/strs.h"

/* What a run is about; empty lists and INT64_MIN/MAX mean everything. */
struct selection {
	struct strs folder; /* globs over canonical names; "*" crosses "/" */
	struct strs exclude;
	int64_t since;  /* INTERNALDATE >= since */
	int64_t before; /* INTERNALDATE < before */
};

void selection_init(struct selection *s);
void selection_release(struct selection *s);
/* True when nothing is left out. */
bool selection_is_everything(const struct selection *s);
/* "folder GLOB", "exclude GLOB", "since TIME", "before TIME" (UTC), as an
 * archive's header has them. */
void selection_lines(const struct selection *s, struct strs *r);
bool selection_has_folder(const struct selection *s, const char *name);
/* A message without a known date is always in. */
bool selection_has_date(const struct selection *s, const struct mdate *d);

/* fnmatch over bytes of UTF-8: * ? [..], "*" crosses "/", INBOX in any
 * case; independent of the locale. */
bool glob_match(const char *glob, const char *name);

#endif
