#ifndef SURVEY_LINES_H
#define SURVEY_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the octets of a message on the wire are like, as they come in pieces
 * of any size.  All zero to begin with. */
struct lines {
	uint64_t longest; /* octets of a line, without its line end */
	bool nul;
	bool bare_lf;
	bool bare_cr;
	bool eight_bit; /* behind the header */
	bool any;       /* there was an octet */
	/* inside */
	uint64_t line; /* octets of the line that comes, so far */
	bool body;     /* the header is over */
	bool cr;       /* the last octet was a CR */
	unsigned char last;
};

void lines_add(struct lines *l, const void *data, size_t n);
/* Afterwards longest is right for a last line without an end too. */
void lines_end(struct lines *l);
/* True when there is a last line, and it has no LF. */
bool lines_lack_end(const struct lines *l);

#endif
