#ifndef SURVEY_WORDS_H
#define SURVEY_WORDS_H

#include <stdint.h>

#include "survey/facts/facts.h"
#include "util/buf.h"

/* How numbers are said to people; all append. */

void words_number(struct buf *b, uint64_t n); /* "12,345" */
/* "0.4 s", "43 s", "12 min", "3 h 5 min", "2 d 4 h"; "not known" for -1. */
void words_time(struct buf *b, int64_t ms);
/* "below 4 kB", "over 1 GB"; i is a class of sizes. */
void words_size_class(struct buf *b, size_t i);
/* "every body was read", "120 of 2,000 bodies were read: ..." */
void words_depth(struct buf *b, const struct survey *s);
/* "2026-11-25", or "no date". */
void words_day(struct buf *b, const struct mdate *d);
/* "Dovecot 2.3.19", made visible, "" when it tells nothing. */
void words_text(struct buf *b, const char *text);

#endif
