#ifndef MAILDIR_NAME_H
#define MAILDIR_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/fault.h"

/* The name of a message's file: BASE[,S=size][,W=size][:2,LETTERS]. */

/* Octets of what stays when flags change: all before the colon. */
size_t name_base_length(const char *name);
/* The letters after ":2,"; "" when there are none. */
const char *name_letters(const char *name);
/* The octets with CRLF for LF, from ",W="; false when it does not say. */
bool name_virtual_size(const char *name, uint64_t *r);

/*
 * A base that no other file has (as Dovecot and its forerunners make it:
 * seconds, microseconds, process, serial number, host) plus 64 random bits,
 * appended.
 */
void name_unique(struct buf *b, unsigned serial);

#endif
