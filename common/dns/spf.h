#ifndef DNS_SPF_H
#define DNS_SPF_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/ask.h"
#include "util/buf.h"
#include "util/fault.h"

enum {
	SPF_LOOKUPS_MAX = 10, /* RFC 7208 section 4.6.4 */
	SPF_VOIDS_MAX = 2,
};

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_MODIFIER, /* exp= and those that nobody knows */
};

struct spf_term {
	enum spf_kind kind;
	char qualifier; /* + - ~ ? */
	char *domain;   /* lower case; NULL: the record's own */
	bool macro;     /* domain is known only when mail comes */
	unsigned char address[16];
	unsigned bits4, bits6; /* of an address that count */
};

struct spf {
	struct spf_term *v;
	size_t n;
};

/* True for a TXT record that is meant to be SPF (RFC 7208 section 4.5). */
bool spf_is(const char *text);
/*
 * Takes a record apart (RFC 7208 section 12).  False: *wrong has the term
 * that no receiver takes; spf_release it either way.
 */
bool spf_parse(const char *text, struct spf *r, struct buf *wrong);
void spf_release(struct spf *s);

/* Does the address match?  Of IP4 and IP6 terms alone. */
bool spf_holds(const struct spf_term *t, const struct dns_server *address);

enum spf_result {
	SPF_NO_MATCH,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFT,
	SPF_NEUTRAL,
	SPF_UNTOLD
};

/* "pass", "softfail"; SPF_UNTOLD is "depends on the sender". */
const char *spf_result_word(enum spf_result r);

/* Asks for a name.  RC_STORE: interrupted. */
typedef enum rc spf_ask_fn(void *arg, const char *name, enum dns_type type,
    struct dns_answer *r, struct fault *f);

/* One record with all that it includes. */
struct spf_walk {
	spf_ask_fn *ask;
	void *arg;
	const struct dns_servers *addresses; /* of whom it is to allow */
	enum spf_result *result;             /* for each; the caller's */
	unsigned lookups; /* of RFC 7208 section 4.6.4, as if all were made */
	unsigned voids;   /* that found nothing */
	struct buf wrong; /* why receivers say permerror: lines */
};

/* domain's record is text.  Looks no further than where it is clear that
 * receivers do not either; buf_release(&w->wrong). */
enum rc spf_run(struct spf_walk *w, const char *domain, const char *text,
    struct fault *f) CHECKED;

#endif
