#ifndef DNS_ZONE_H
#define DNS_ZONE_H

#include "dns/ask.h"
#include "util/fault.h"
#include "util/strs.h"

/* One that is asked. */
struct dns_party {
	struct dns_server at;
	bool authoritative; /* asked without RD; else a resolver */
	char *name;         /* of an authoritative server; "" where only its
			     * address was told */
};

/* Whom to ask about a domain. */
struct dns_parties {
	char *zone;          /* that the domain lies in; NULL: not found */
	struct dns_party *v; /* authoritative ones first */
	size_t n, cap;
	struct strs faults; /* of the delegation, a line each */
	struct strs notes;  /* who is not asked, and why */
};

/* What the command line says of that. */
struct dns_chosen {
	struct dns_servers resolvers;     /* none: the system's */
	struct dns_servers authoritative; /* none: by the delegation */
};

void dns_chosen_release(struct dns_chosen *c);

/*
 * Takes the resolvers, and the authoritative servers: those chosen, or the
 * address of each name server that any of the resolvers names for the zone.
 * Nobody found is no failure: the parties are then resolvers alone.
 * RC_STORE: interrupted, or no resolver can be asked at all.
 */
enum rc dns_parties_find(const char *domain, const struct dns_chosen *c,
    const struct dns_limits *l, struct dns_parties *r, struct fault *f) CHECKED;
void dns_parties_release(struct dns_parties *p);
/* How many of them are authoritative. */
size_t dns_parties_authoritative(const struct dns_parties *p);

/* One question to each of them; the caller frees what *r points to, after
 * dns_queries_release.  name is borrowed as long. */
enum rc dns_parties_ask(const struct dns_parties *p, const char *name,
    enum dns_type type, const struct dns_limits *l, struct dns_query **r,
    struct fault *f) CHECKED;

#endif
