/* What an answer has of one name and type. */
#include <stdlib.h>
#include <string.h>

#include "dns/message.h"
#include "util/mem.h"

/* More aliases than that no resolver follows. */
enum { ALIASES_MAX = 16 };

static const struct dns_record *
alias_of(const struct dns_answer *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (!a->v[i].authority && a->v[i].type == DNS_CNAME &&
		    strcmp(a->v[i].name, name) == 0)
			return &a->v[i];
	return NULL;
}

static void
note_ttl(struct dns_set *s, bool *any, uint32_t ttl)
{
	if (!*any || ttl < s->ttl)
		s->ttl = ttl;
	*any = true;
}

/* RFC 2308 section 5: what is not there is kept for the lesser of the two. */
static void
note_absence(const struct dns_answer *a, struct dns_set *s)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->v[i].authority && a->v[i].type == DNS_SOA)
			s->ttl = a->v[i].ttl < a->v[i].least ? a->v[i].ttl :
							       a->v[i].least;
}

void
dns_set_take(const struct dns_answer *a, const char *name, enum dns_type type,
    struct dns_set *r)
{
	const struct dns_record *alias;
	unsigned followed = 0;
	bool any = false;
	size_t i, cap = 0;

	memset(r, 0, sizeof(*r));
	while (type != DNS_CNAME && (alias = alias_of(a, name)) != NULL) {
		name = r->alias = alias->target;
		if (r->first == NULL)
			r->first = name;
		note_ttl(r, &any, alias->ttl);
		if (++followed > ALIASES_MAX) {
			r->loop = true;
			return;
		}
	}
	for (i = 0; i < a->n; i++) {
		if (a->v[i].authority || a->v[i].type != type ||
		    strcmp(a->v[i].name, name) != 0)
			continue;
		r->v = xgrow(r->v, r->n, &cap, sizeof(*r->v));
		r->v[r->n++] = &a->v[i];
		note_ttl(r, &any, a->v[i].ttl);
	}
	if (r->n == 0 && !any)
		note_absence(a, r);
}

void
dns_set_release(struct dns_set *s)
{
	free(s->v);
	s->v = NULL;
	s->n = 0;
}

void
dns_set_values(const struct dns_set *s, struct strs *r)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!strs_has(r, s->v[i]->text))
			strs_add(r, s->v[i]->text);
	strs_sort(r);
}
