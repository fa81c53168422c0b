#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/* An INTERNALDATE: an instant and the zone it was told in.  There may be a
 * million: twelve octets, not sixteen. */
struct mdate {
	int64_t epoch; /* seconds since 1970 UTC; may be negative */
	int16_t zone;  /* minutes east of UTC */
	bool known;    /* false: the server gave none that can be read */
} __attribute__((packed, aligned(4)));

/* RFC 3501 date-time without its quotes: " 1-Feb-2020 10:11:12 +0100". */
bool date_parse_internal(const char *s, size_t n, struct mdate *r);
/* The same, appended with its quotes. */
void date_format_internal(struct buf *b, const struct mdate *d);

/* RFC 5322 Date field body, with the obsolete forms found in real mail
 * (two-digit years, named zones, no seconds, comments). */
bool date_parse_5322(const char *s, size_t n, struct mdate *r);

/* The date that a message tells of itself: Date:, else the topmost
 * Received:; header is a block as body_header gives it. */
bool date_from_header(const void *header, size_t n, struct mdate *r);

/* A date on the command line: 2026-11-23, optionally THH:MM[:SS] and Z;
 * without zone: local time.  Seconds since the epoch. */
bool date_parse_argument(const char *s, int64_t *r);

/* "2026-11-23T21:45:00Z", appended. */
void date_format_utc(struct buf *b, int64_t epoch);
bool date_parse_utc(const char *s, size_t n, int64_t *r);

#endif
