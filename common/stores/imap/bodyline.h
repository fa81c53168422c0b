#ifndef IMAP_BODYLINE_H
#define IMAP_BODYLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/parts.h"

/*
 * The value of a BODYSTRUCTURE item (RFC 3501 section 7.4.2), from its "(" to
 * its ")", literals in line, as its leaves.  False when it is none, or broken
 * somewhere: *parts (cleared first) then holds the leaves before that.  However
 * deep it is, what is deeper than PARTS_DEPTH is passed over: parts->cut.
 */
bool bodyline_parse(const char *text, size_t n, struct parts *parts);

#endif
