#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/* True when s[0..n) is valid UTF-8 (no surrogates, no overlong forms). */
bool text_is_utf8(const void *s, size_t n);

/* TSV field: TAB, LF, CR, %, other control bytes, DEL and bytes that are
 * not UTF-8 become %XX (upper-case hex). */
void text_percent(struct buf *b, const void *s, size_t n);
/* Undoes it; false on a bad escape, and b is as it was. */
bool text_unpercent(struct buf *b, const char *s, size_t n);

/* For a terminal or a log: control bytes, DEL, C1 controls and bytes that
 * are not UTF-8 become \xXX; never more than max bytes, then "...". */
void text_visible(struct buf *b, const void *s, size_t n, size_t max);

/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void text_json(struct buf *b, const void *s, size_t n);

void text_hex(struct buf *b, const unsigned char *p, size_t n);
/* Lower or upper case; n_out octets exactly; false otherwise. */
bool text_unhex(const char *s, size_t n, unsigned char *out, size_t n_out);

/* Cuts s at TABs in place; returns the number of fields, at most max;
 * more fields than max make it return max + 1. */
size_t text_fields(char *s, char **field, size_t max);

/* Octets for a person: "412 B", "8.1 kB", "1.25 GB" (powers of 1000). */
void text_bytes(struct buf *b, unsigned long long octets);
/* "1 message", "2 messages". */
void text_count(struct buf *b, unsigned long long n, const char *noun);

#endif
