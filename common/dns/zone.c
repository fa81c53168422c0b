#include "dns/zone.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/name.h"
#include "util/mem.h"

enum {
	NAMES_MAX = 32,     /* name servers of a zone */
	ADDRESSES_MAX = 64, /* of them all */
	LABELS_MAX = 8,     /* so far up the zone is looked for */
};

void
dns_chosen_release(struct dns_chosen *c)
{
	dns_servers_release(&c->resolvers);
	dns_servers_release(&c->authoritative);
}

void
dns_parties_release(struct dns_parties *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->v[i].name);
	free(p->v);
	free(p->zone);
	strs_release(&p->faults);
	strs_release(&p->notes);
	memset(p, 0, sizeof(*p));
}

size_t
dns_parties_authoritative(const struct dns_parties *p)
{
	size_t i, n = 0;

	for (i = 0; i < p->n; i++)
		n += p->v[i].authoritative;
	return n;
}

static void
add_party(struct dns_parties *p, const struct dns_server *s, bool authoritative,
    const char *name)
{
	struct dns_party *party;
	size_t i;

	/* one server may stand under several names */
	for (i = 0; i < p->n; i++)
		if (p->v[i].authoritative == authoritative &&
		    dns_server_is(&p->v[i].at, s))
			return;
	p->v = xgrow(p->v, p->n, &p->cap, sizeof(*p->v));
	party = &p->v[p->n++];
	party->at = *s;
	party->authoritative = authoritative;
	party->name = xstrdup(name);
}

/* name and type at each resolver. */
static enum rc
ask_resolvers(const struct dns_servers *resolvers, const char *name,
    enum dns_type type, const struct dns_limits *l, struct dns_query **r,
    struct fault *f)
{
	size_t i;

	*r = xcalloc(resolvers->n + 1, sizeof(**r));
	for (i = 0; i < resolvers->n; i++)
		(*r)[i] = (struct dns_query){ .server = &resolvers->v[i],
			.recurse = true,
			.name = name,
			.type = type };
	return dns_ask(*r, resolvers->n, l, f);
}

/* The name servers that an answer names for just this name. */
static void
take_names(const struct dns_answer *a, const char *zone, struct strs *names)
{
	size_t i;

	for (i = 0; i < a->n && names->n < NAMES_MAX; i++)
		if (!a->v[i].authority && a->v[i].type == DNS_NS &&
		    strcmp(a->v[i].name, zone) == 0 &&
		    !strs_has(names, a->v[i].target))
			strs_add(names, a->v[i].target);
}

/* The zone that the first resolver who knows tells of a name in it. */
static const char *
zone_above(const struct dns_query *q, size_t n, const char *name)
{
	const struct dns_record *r;
	size_t i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < q[i].answer.n; k++) {
			r = &q[i].answer.v[k];
			if (r->authority && r->type == DNS_SOA &&
			    strcmp(r->name, name) != 0 &&
			    dns_name_is_in(name, r->name))
				return r->name;
		}
	return dns_name_parent(name);
}

/* Goes up from the domain until name servers are named. */
static enum rc
find_names(const char *domain, const struct dns_servers *resolvers,
    const struct dns_limits *l, struct dns_parties *p, struct strs *names,
    struct fault *f)
{
	struct dns_query *q = NULL;
	char *at = xstrdup(domain);
	const char *above;
	enum rc rc = RC_OK;
	unsigned step;
	size_t i;

	for (step = 0; at != NULL && step < LABELS_MAX; step++) {
		rc = ask_resolvers(resolvers, at, DNS_NS, l, &q, f);
		for (i = 0; i < resolvers->n; i++)
			take_names(&q[i].answer, at, names);
		above = names->n > 0 ? NULL : zone_above(q, resolvers->n, at);
		if (rc == RC_OK && names->n > 0)
			p->zone = xstrdup(at);
		free(at);
		at = above == NULL || *above == '\0' ? NULL : xstrdup(above);
		dns_queries_release(q, resolvers->n);
		free(q);
		if (rc != RC_OK)
			break;
	}
	free(at);
	return rc;
}

/* A machine without IPv6 cannot ask there, and that says nothing of those
 * who are. */
static bool
is_routed(const struct dns_server *s)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
		.sin6_port = htons(s->port) };
	bool routed;
	int fd;

	if (s->family != AF_INET6)
		return true;
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	memcpy(&a.sin6_addr, s->address, sizeof(a.sin6_addr));
	/* a datagram's connect sends nothing, and looks for a way */
	routed = connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;
	close(fd);
	return routed;
}

static void
take_address(struct dns_parties *p, const struct dns_server *s,
    const char *name)
{
	char *note;

	if (is_routed(s)) {
		add_party(p, s, true, name);
		return;
	}
	note = xasprintf("%s (%s) is not asked: no way there from here",
	    s->text, name);
	if (strs_has(&p->notes, note))
		free(note);
	else
		strs_take(&p->notes, note);
}

/* Addresses of one name server, as the resolvers know them. */
static void
take_addresses(const struct dns_query *q, size_t n, struct dns_parties *p)
{
	struct dns_server s;
	struct dns_set set;
	bool any = false;
	size_t i, k;

	for (i = 0; i < n; i++) {
		dns_set_take(&q[i].answer, q[i].name, q[i].type, &set);
		for (k = 0; k < set.n && p->n < ADDRESSES_MAX; k++)
			if (dns_server_of(set.v[k], &s)) {
				take_address(p, &s, q[i].name);
				any = true;
			}
		dns_set_release(&set);
	}
	if (!any)
		strs_take(&p->faults,
		    xasprintf("name server %s has no address",
			*q[0].name == '\0' ? "." : q[0].name));
}

static enum rc
find_addresses(const struct strs *names, const struct dns_servers *resolvers,
    const struct dns_limits *l, struct dns_parties *p, struct fault *f)
{
	const size_t each = 2 * resolvers->n;
	struct dns_query *q = xcalloc(names->n * each + 1, sizeof(*q));
	enum rc rc;
	size_t i, k;

	for (i = 0; i < names->n; i++)
		for (k = 0; k < each; k++)
			q[i * each + k] =
			    (struct dns_query){ .server = &resolvers->v[k / 2],
				    .recurse = true,
				    .name = names->v[i],
				    .type = k % 2 == 0 ? DNS_A : DNS_AAAA };
	rc = dns_ask(q, names->n * each, l, f);
	for (i = 0; rc == RC_OK && i < names->n; i++)
		take_addresses(&q[i * each], each, p);
	dns_queries_release(q, names->n * each);
	free(q);
	return rc;
}

static enum rc
find_delegation(const char *domain, const struct dns_servers *resolvers,
    const struct dns_limits *l, struct dns_parties *p, struct fault *f)
{
	struct strs names = STRS_INIT;
	enum rc rc;

	rc = find_names(domain, resolvers, l, p, &names, f);
	strs_sort(&names);
	if (rc == RC_OK && names.n > 0)
		rc = find_addresses(&names, resolvers, l, p, f);
	else if (rc == RC_OK)
		strs_add(&p->faults, "no resolver names its name servers");
	strs_release(&names);
	return rc;
}

enum rc
dns_parties_find(const char *domain, const struct dns_chosen *c,
    const struct dns_limits *l, struct dns_parties *r, struct fault *f)
{
	struct dns_servers resolvers = { .n = 0 };
	enum rc rc = RC_OK;
	size_t i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < c->resolvers.n; i++)
		dns_servers_add(&resolvers, &c->resolvers.v[i]);
	if (c->resolvers.n == 0)
		rc = dns_servers_of_system(NULL, &resolvers, f);
	for (i = 0; i < c->authoritative.n; i++)
		add_party(r, &c->authoritative.v[i], true, "");
	if (rc == RC_OK && c->authoritative.n == 0)
		rc = find_delegation(domain, &resolvers, l, r, f);
	for (i = 0; i < resolvers.n; i++)
		add_party(r, &resolvers.v[i], false, "");
	dns_servers_release(&resolvers);
	return rc;
}

enum rc
dns_parties_ask(const struct dns_parties *p, const char *name,
    enum dns_type type, const struct dns_limits *l, struct dns_query **r,
    struct fault *f)
{
	size_t i;

	*r = xcalloc(p->n + 1, sizeof(**r));
	for (i = 0; i < p->n; i++)
		(*r)[i] = (struct dns_query){ .server = &p->v[i].at,
			.recurse = !p->v[i].authoritative,
			.name = name,
			.type = type };
	return dns_ask(*r, p->n, l, f);
}
