#ifndef IMAP_QUOTALINE_H
#define IMAP_QUOTALINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/about.h"

/* "* QUOTA "root" (STORAGE 10 512 MESSAGE 3 100)" (RFC 9208 section 5.1):
 * adds each resource; false when the line is no such, or broken: what stands
 * before that is added. */
bool quotaline_parse(const char *text, size_t n, struct about *a);

/* "* STATUS INBOX (APPENDLIMIT 35651584)" (RFC 7889 section 4): false when
 * none is told, or NIL. */
bool quotaline_limit(const char *text, size_t n, uint64_t *r);

/* "* CAPABILITY IMAP4rev1 IDLE": adds each word; false: another line. */
bool quotaline_words(const char *text, size_t n, struct strs *words);

#endif
