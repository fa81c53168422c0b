#ifndef DNS_NAME_H
#define DNS_NAME_H

#include <stdbool.h>

#include "util/fault.h"

/* Octets of a name in text, without the last dot (RFC 1035 section 2.3.4). */
enum { DNS_NAME_MAX = 253 };

/*
 * A domain or host as a person writes it: lower case, without a dot at the
 * end, and what is not ASCII as IDNA2008 has it ("xn--...").  CAUSE_USAGE
 * says what no name can have.  The caller frees *r.
 */
enum rc dns_name_take(const char *option, const char *s, char **r,
    struct fault *f) CHECKED;

/* True for the zone itself and for what lies below it; both as taken. */
bool dns_name_is_in(const char *name, const char *zone);
/* What is behind the first dot; NULL: there is none. */
const char *dns_name_parent(const char *name);

#endif
