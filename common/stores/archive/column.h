#ifndef ARCHIVE_COLUMN_H
#define ARCHIVE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/hash.h"
#include "mail/date.h"
#include "mail/flags.h"
#include "util/buf.h"

/* Columns of manifest lines; manifest.h has the grammar. */

/* Appended without a TAB; NULL is "-". */
void column_put_text(struct buf *b, const char *s);
/* EPOCH TAB ZONE. */
void column_put_date(struct buf *b, const struct mdate *d);
void column_put_flags(struct buf *b, unsigned flags);
void column_put_words(struct buf *b, const char *canonical);

/* False: not what the grammar wants.  s is a string. */
bool column_number(const char *s, uint64_t max, uint64_t *r);
bool column_u32(const char *s, uint32_t *r);
bool column_hash(const char *s, struct hash *r);
bool column_id(const char *s, char *r, size_t digits);
/* A new string, or NULL for "-"; the caller frees. */
bool column_text(const char *s, char **r);
/* The same, and "-" is not allowed. */
bool column_text_given(const char *s, char **r);
/* Undoes the escapes in place: a PATH only gets shorter. */
bool column_path(char *s);
bool column_date(const char *epoch, const char *zone, struct mdate *r);
bool column_flags(const char *s, unsigned *r);
bool column_words(struct atoms *a, const char *s, const char **r);

#endif
