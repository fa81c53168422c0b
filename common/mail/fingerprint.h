#ifndef MAIL_FINGERPRINT_H
#define MAIL_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/* XXH3-128 of the header as servers do not munge it (FORMAT.md, Manifest
 * files): finds candidates, is never evidence. */
struct fingerprint {
	unsigned char b[16];
};

/*
 * header: the block up to the empty line, any line ends.  Names in lower
 * case, fields unfolded and in their order, blanks squeezed and none at
 * either end, CR left out, runs of NUL, 8-bit bytes and "?" as one "?",
 * volatile fields (Status, X-Status, X-Keywords, X-UID, Content-Length,
 * Return-Path, Delivered-To, X-Gmail-* and so on) and a leading "From "
 * line left out.  What is hashed: "name:body" and LF for each field.
 */
void fingerprint_of(const void *header, size_t n, struct fingerprint *r);
bool fingerprint_equal(const struct fingerprint *a,
    const struct fingerprint *b);

/* What a person needs to know a message again. */
struct headline {
	char *from; /* UTF-8, RFC 2047 decoded; "" when absent */
	char *subject;
	char *message_id;
	char *date; /* the Date: field's text */
};

/* Each at most 300 octets. */
void headline_of(const void *header, size_t n, struct headline *r);
void headline_release(struct headline *h);

#endif
