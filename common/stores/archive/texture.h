#ifndef ARCHIVE_TEXTURE_H
#define ARCHIVE_TEXTURE_H

#include <stddef.h>

/* What octets are made of, as far as it tells how to compress them: of a
 * sample of their lines, weighed by length, how many in a thousand ... */
struct texture {
	unsigned coded;    /* are base64: nothing in them is worth a search */
	unsigned repeated; /* stood far before in the same octets already */
};

/* Far is further than a compressor finds without long-distance matching;
 * what has no lines to tell by counts as repeated.  Takes a small part of
 * the time of any compression; the same octets give the same texture. */
void texture_of(const unsigned char *p, size_t n, struct texture *r);

#endif
