#ifndef MAIL_PARAMS_H
#define MAIL_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

/*
 * Parameters of a Content-Type or Content-Disposition field, from the field
 * itself or as BODYSTRUCTURE tells them.  What is beyond a bound is left out.
 */
enum {
	PARAMS_MAX = 64,          /* of one field */
	PARAMS_OCTETS = 16 << 10, /* of all names and values */
	PARAM_NAME_MAX = 60,
};

struct param {
	size_t name, name_len; /* offsets into text */
	size_t value, value_len;
};

struct params {
	struct buf text;
	struct param v[PARAMS_MAX];
	size_t n;
};

#define PARAMS_INIT                    \
	{                              \
		BUF_INIT, { { 0 } }, 0 \
	}

void params_clear(struct params *p);
void params_release(struct params *p);
void params_add(struct params *p, const char *name, size_t name_len,
    const char *value, size_t value_len);

/*
 * A field's body, unfolded: "text/plain; charset=utf-8" (RFC 2045 section 5),
 * with comments and what careless senders write.  Appends what stands before
 * the first ";" to word, in lower case, without blanks, and adds the
 * parameters to *p, which is empty.
 */
void params_parse(const char *s, size_t n, struct buf *word, struct params *p);

/*
 * Appends a parameter's value as UTF-8, at most max octets: one with a
 * charset or in pieces (RFC 2231: name*=, name*0=, name*1*=), else the plain
 * one with encoded words (RFC 2047) decoded.  False when there is none.
 */
bool params_text(const struct params *p, const char *name, size_t max,
    struct buf *out);
/* The plain value as it is, borrowed; NULL when there is none. */
const char *params_raw(const struct params *p, const char *name, size_t *n_r);

#endif
