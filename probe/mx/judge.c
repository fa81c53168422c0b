/* mprobe mx: who answers, who agrees, and where the mail goes. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mx.h"
#include "util/mem.h"

/* The values that a party gives, in one line; the caller frees. */
static char *
said(const struct mx_question *q, size_t party)
{
	struct strs v = STRS_INIT;
	char *line;

	mx_values(q, &q->cell[party].answer, &v);
	line = v.n == 0 ? xstrdup("nothing") : strs_join(&v, ", ");
	strs_release(&v);
	return line;
}

static void
judge_party(struct mx *x, size_t party)
{
	const struct dns_party *p = &x->parties.v[party];
	const struct dns_answer *why;
	struct buf b = BUF_INIT;

	if (mx_answers(x, party, &why))
		return;
	mx_party(&b, p);
	if (why == NULL)
		mx_find_add(x, MX_NOTE, MX_SERVERS, "%s was not asked",
		    buf_str(&b));
	else if (p->authoritative && why->outcome <= DNS_REFUSED)
		mx_find_add(x, MX_FAULT, MX_SERVERS,
		    "%s is lame, it does not answer for the zone: %s",
		    buf_str(&b),
		    why->outcome <= DNS_NO_NAME ?
			"not authoritative" :
			dns_outcome_word(why->outcome));
	else
		mx_find_add(x, p->authoritative ? MX_FAULT : MX_WARNING,
		    MX_SERVERS, "%s does not answer: %s", buf_str(&b),
		    dns_outcome_word(why->outcome));
	buf_release(&b);
}

/* It answers, and has no answer to just this. */
static void
judge_gaps(struct mx *x, const struct mx_question *q)
{
	const struct dns_answer *why;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < x->parties.n; i++) {
		if (!q->cell[i].asked || mx_says(x, q, i) ||
		    !mx_answers(x, i, &why))
			continue;
		buf_clear(&b);
		mx_party(&b, &x->parties.v[i]);
		mx_find_add(x, MX_WARNING, q->what, "%s: %s of %s: %s",
		    buf_str(&b), dns_type_name(q->type), q->name,
		    q->cell[i].answer.outcome <= DNS_NO_NAME ?
			"not authoritative" :
			dns_outcome_word(q->cell[i].answer.outcome));
	}
	buf_release(&b);
}

void
mx_judge_servers(struct mx *x)
{
	size_t i;

	for (i = 0; i < x->parties.faults.n; i++)
		mx_find_add(x, MX_FAULT, MX_SERVERS, "%s",
		    x->parties.faults.v[i]);
	for (i = 0; i < x->parties.notes.n; i++)
		mx_find_add(x, MX_NOTE, MX_SERVERS, "%s",
		    x->parties.notes.v[i]);
	for (i = 0; i < x->parties.n; i++)
		judge_party(x, i);
	for (i = 0; i < x->questions; i++)
		judge_gaps(x, &x->question[i]);
}

/* The first authoritative server that answers speaks for the zone. */
static size_t
spokesman(const struct mx *x, const struct mx_question *q)
{
	size_t i;

	for (i = 0; i < x->parties.n; i++)
		if (x->parties.v[i].authoritative && mx_says(x, q, i))
			return i;
	return x->parties.n;
}

static void
tell_apart(struct mx *x, const struct mx_question *q, size_t first, size_t i,
    const char *one, const char *other)
{
	const struct dns_party *p = &x->parties.v[i];
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct dns_set set;

	mx_party(&a, &x->parties.v[first]);
	mx_party(&b, p);
	if (p->authoritative) {
		mx_find_add(x, q->what == MX_SERIAL ? MX_WARNING : MX_FAULT,
		    q->what,
		    "authoritative servers disagree about %s of %s: %s says "
		    "%s, %s says %s",
		    dns_type_name(q->type), q->name, buf_str(&a), one,
		    buf_str(&b), other);
	} else {
		dns_set_take(&q->cell[i].answer, q->name, q->type, &set);
		buf_clear(&a);
		mx_duration(&a, set.ttl);
		mx_find_add(x, MX_WARNING, q->what,
		    "%s has another %s of %s, for %s more: %s", buf_str(&b),
		    dns_type_name(q->type), q->name, buf_str(&a), other);
		dns_set_release(&set);
	}
	buf_release(&a);
	buf_release(&b);
}

void
mx_judge_agreement(struct mx *x)
{
	const struct mx_question *q;
	char *one, *other;
	size_t n, i, first;

	for (n = 0; n < x->questions; n++) {
		q = &x->question[n];
		first = spokesman(x, q);
		if (first == x->parties.n)
			continue;
		one = said(q, first);
		for (i = first + 1; i < x->parties.n; i++) {
			/* an old serial in a cache harms nobody */
			if (!mx_says(x, q, i) ||
			    (q->what == MX_SERIAL &&
				!x->parties.v[i].authoritative))
				continue;
			other = said(q, i);
			if (strcmp(one, other) != 0)
				tell_apart(x, q, first, i, one, other);
			free(other);
		}
		free(one);
	}
}

/* Where nobody said what is expected it is what the zone has. */
static void
expect_what_is(struct mx *x, const struct mx_question *q)
{
	struct dns_set set;
	size_t i, k;

	for (i = 0; i < x->parties.n; i++) {
		if (!x->parties.v[i].authoritative || !mx_says(x, q, i))
			continue;
		dns_set_take(&q->cell[i].answer, x->domain, DNS_MX, &set);
		for (k = 0; k < set.n; k++)
			if (!strs_has(&x->hosts, set.v[k]->target))
				strs_add(&x->hosts, set.v[k]->target);
		dns_set_release(&set);
	}
	strs_sort(&x->hosts);
}

static void
judge_null(struct mx *x, const struct dns_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		if (*set->v[i]->target != '\0')
			continue;
		if (set->n == 1)
			mx_find_add(x, x->told ? MX_FAULT : MX_NOTE, MX_MAIL,
			    "%s takes no mail at all: a null MX (RFC 7505)",
			    x->domain);
		else
			mx_find_add(x, MX_FAULT, MX_MAIL,
			    "%s has a null MX beside others (RFC 7505)",
			    x->domain);
		return;
	}
}

void
mx_judge_mail(struct mx *x)
{
	const struct mx_question *q = mx_find(x, MX_MAIL, x->domain, DNS_MX);
	const struct dns_answer *best = mx_best(x, q);
	struct dns_set set;
	size_t i;

	if (!x->told)
		expect_what_is(x, q);
	x->sight = xcalloc(x->parties.n + 1, sizeof(*x->sight));
	for (i = 0; i < x->parties.n; i++)
		mx_sight_take(&q->cell[i].answer, x->domain,
		    x->parties.v[i].authoritative, &x->hosts, &x->sight[i]);
	mx_judge(x->sight, x->parties.n, x->now, 0, 0, &x->verdict);
	if (best == NULL)
		return;
	dns_set_take(best, x->domain, DNS_MX, &set);
	if (set.loop)
		mx_find_add(x, MX_FAULT, MX_MAIL,
		    "%s: its aliases (CNAME) go in a circle", x->domain);
	else if (best->outcome == DNS_NO_NAME)
		mx_find_add(x, MX_FAULT, MX_MAIL, "%s does not exist",
		    x->domain);
	else if (set.n == 0)
		mx_find_add(x, MX_FAULT, MX_MAIL,
		    "%s has no MX: mail goes to its own address, where there "
		    "is one (RFC 5321 section 5.1)",
		    x->domain);
	judge_null(x, &set);
	dns_set_release(&set);
}

static bool
is_address(const char *s)
{
	unsigned char octets[16];

	return inet_pton(AF_INET, s, octets) == 1 || strchr(s, ':') != NULL;
}

/* What the best answer has of one type. */
static size_t
count_addresses(const struct mx *x, const char *host, enum dns_type type,
    const char **alias, bool *known)
{
	const struct mx_question *q = mx_find(x, MX_HOST, host, type);
	struct dns_set set;
	size_t i, n = 0;

	/* only a resolver follows an alias out of the zone */
	for (i = 0; q != NULL && i < x->parties.n; i++) {
		if (!mx_says(x, q, i))
			continue;
		*known = true;
		dns_set_take(&q->cell[i].answer, host, type, &set);
		n += set.n;
		if (set.first != NULL)
			*alias = set.first;
		dns_set_release(&set);
	}
	return n;
}

/* The host of an old MX, which only a cache knows, may be gone. */
static bool
matters(const struct mx *x, const char *host)
{
	const struct mx_question *q = mx_find(x, MX_MAIL, x->domain, DNS_MX);
	const struct dns_answer *best = mx_best(x, q);
	struct dns_set set;
	bool named = strs_has(&x->hosts, host);
	size_t i;

	if (named || best == NULL)
		return named;
	dns_set_take(best, x->domain, DNS_MX, &set);
	for (i = 0; i < set.n; i++)
		named = named || strcmp(set.v[i]->target, host) == 0;
	dns_set_release(&set);
	return named;
}

static void
judge_host(struct mx *x, const char *host)
{
	const enum mx_weight weight = matters(x, host) ? MX_FAULT : MX_NOTE;
	const char *alias = NULL;
	bool known = false;
	size_t n;

	if (is_address(host)) {
		mx_find_add(x, weight, MX_HOST,
		    "%s: an MX names a host, not an address", host);
		return;
	}
	n = count_addresses(x, host, DNS_A, &alias, &known) +
	    count_addresses(x, host, DNS_AAAA, &alias, &known);
	if (alias != NULL)
		mx_find_add(x, weight, MX_HOST,
		    "%s is an alias (CNAME) of %s: an MX may not name one "
		    "(RFC 2181 section 10.3)",
		    host, alias);
	if (n == 0 && known)
		mx_find_add(x, weight, MX_HOST,
		    "%s has no address: no mail gets there", host);
	else if (!known)
		mx_find_add(x, MX_WARNING, MX_HOST,
		    "the addresses of %s cannot be had", host);
}

void
mx_judge_hosts(struct mx *x)
{
	size_t i;

	for (i = 0; i < x->questions; i++)
		if (x->question[i].what == MX_HOST &&
		    x->question[i].type == DNS_A)
			judge_host(x, x->question[i].name);
}
