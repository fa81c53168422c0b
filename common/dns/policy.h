#ifndef DNS_POLICY_H
#define DNS_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"

enum { TAGS_MAX = 64 };

/* "a=b; c=d" of DKIM and DMARC (RFC 6376 section 3.2). */
struct tag {
	char *name;  /* as it stands: case counts */
	char *value; /* without blanks at its ends */
};

struct taglist {
	struct tag v[TAGS_MAX];
	size_t n;
};

/* False: no such list, or a tag that stands there twice; taglist_release it
 * either way. */
bool taglist_parse(const char *text, struct taglist *r);
const char *taglist_get(const struct taglist *l, const char *name); /* NULL */
void taglist_release(struct taglist *l);

/* What a TXT record of a policy came to. */
struct policy {
	bool is;         /* it is such a record at all */
	bool wrong;      /* and nobody can use it: said tells why */
	bool warn;       /* it can be used, and should not be so */
	struct buf said; /* "RSA, 2048 bits", "policy reject, all mail" */
};

/* A DKIM key at SELECTOR._domainkey (RFC 6376 section 3.6.1, RFC 8301, RFC
 * 8463): type, length, revoked, for tests only. */
void policy_dkim(const char *text, struct policy *r);
/* RFC 7489 section 6.3. */
void policy_dmarc(const char *text, struct policy *r);
/* _mta-sts (RFC 8461 section 3.1) */
void policy_sts(const char *text, struct policy *r);
void policy_release(struct policy *p);

#endif
