/* mprobe mx: what is asked, of whom, and what they said. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/name.h"
#include "mx.h"
#include "util/mem.h"

enum { HOSTS_MAX = 32 }; /* mail exchangers that are looked at */

struct row {
	const char *prefix;
	enum mx_what what;
	enum dns_type type;
};

/* RFC 6186, RFC 8314: where programs find their servers. */
static const struct row rows[] = {
	{ "", MX_SERIAL, DNS_SOA },
	{ "", MX_SERVERS, DNS_NS },
	{ "", MX_MAIL, DNS_MX },
	{ "", MX_SPF, DNS_TXT },
	{ "_dmarc.", MX_DMARC, DNS_TXT },
	{ "_mta-sts.", MX_STS, DNS_TXT },
	{ "autoconfig.", MX_SETUP, DNS_A },
	{ "autodiscover.", MX_SETUP, DNS_A },
	{ "_autodiscover._tcp.", MX_SETUP, DNS_SRV },
	{ "_imaps._tcp.", MX_SETUP, DNS_SRV },
	{ "_submissions._tcp.", MX_SETUP, DNS_SRV },
	{ "_submission._tcp.", MX_SETUP, DNS_SRV },
};

const char *
mx_what_word(enum mx_what w)
{
	static const char *const word[] = { "serial", "servers", "mx", "spf",
		"dmarc", "mta-sts", "dkim", "setup", "host", "tlsa" };

	return word[w];
}

const char *
mx_weight_word(enum mx_weight w)
{
	static const char *const word[] = { "note", "warning", "fault" };

	return word[w];
}

const char *
mx_kind(const struct dns_party *p)
{
	return p->authoritative ? "authoritative" : "resolver";
}

void
mx_party(struct buf *b, const struct dns_party *p)
{
	buf_adds(b, p->at.text);
	if (p->name[0] != '\0')
		buf_addf(b, " (%s)", p->name);
}

void
mx_find_add(struct mx *x, enum mx_weight weight, enum mx_what what,
    const char *fmt, ...)
{
	struct mx_finding *n;
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) == -1)
		text = xstrdup("?");
	va_end(ap);
	x->finding = xgrow(x->finding, x->findings, &x->finding_cap,
	    sizeof(*x->finding));
	n = &x->finding[x->findings++];
	*n = (struct mx_finding){ weight, what, text };
}

const struct mx_question *
mx_find(const struct mx *x, enum mx_what what, const char *name,
    enum dns_type type)
{
	size_t i;

	for (i = 0; i < x->questions; i++)
		if (x->question[i].what == what &&
		    x->question[i].type == type &&
		    strcmp(x->question[i].name, name) == 0)
			return &x->question[i];
	return NULL;
}

/* Names too long for DNS are nobody's. */
void
mx_question_add(struct mx *x, enum mx_what what, const char *name,
    enum dns_type type)
{
	struct mx_question *q;

	if (*name == '\0' || strlen(name) > DNS_NAME_MAX ||
	    mx_find(x, what, name, type) != NULL)
		return;
	x->question =
	    xgrow(x->question, x->questions, &x->cap, sizeof(*x->question));
	q = &x->question[x->questions++];
	q->what = what;
	q->name = xstrdup(name);
	q->type = type;
	q->cell = xcalloc(x->parties.n + 1, sizeof(*q->cell));
}

static void
add_below(struct mx *x, const struct row *row, const char *prefix,
    const char *domain)
{
	char *name = xasprintf("%s%s", prefix, domain);

	mx_question_add(x, row->what, name, row->type);
	free(name);
}

void
mx_questions_domain(struct mx *x)
{
	static const struct row dkim = { "._domainkey.", MX_DKIM, DNS_TXT };
	char *prefix;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add_below(x, &rows[i], rows[i].prefix, x->domain);
	for (i = 0; i < x->selectors.n; i++) {
		prefix = xasprintf("%s%s", x->selectors.v[i], dkim.prefix);
		add_below(x, &dkim, prefix, x->domain);
		free(prefix);
	}
}

static void
add_host(struct mx *x, struct strs *hosts, const char *host)
{
	static const struct row tlsa = { "_25._tcp.", MX_TLSA, DNS_TLSA };

	if (hosts->n == HOSTS_MAX || strs_has(hosts, host))
		return;
	strs_add(hosts, host);
	mx_question_add(x, MX_HOST, host, DNS_A);
	mx_question_add(x, MX_HOST, host, DNS_AAAA);
	if (*host != '\0')
		add_below(x, &tlsa, tlsa.prefix, host);
}

void
mx_questions_hosts(struct mx *x)
{
	const struct mx_question *q = mx_find(x, MX_MAIL, x->domain, DNS_MX);
	struct strs hosts = STRS_INIT, all = STRS_INIT;
	struct dns_set set;
	size_t i, k;

	for (i = 0; i < x->hosts.n; i++)
		strs_add(&all, x->hosts.v[i]);
	for (i = 0; q != NULL && i < x->parties.n; i++) {
		dns_set_take(&q->cell[i].answer, x->domain, DNS_MX, &set);
		for (k = 0; k < set.n; k++)
			strs_add(&all, set.v[k]->target);
		dns_set_release(&set);
	}
	for (i = 0; i < all.n; i++)
		add_host(x, &hosts, all.v[i]);
	strs_release(&all);
	strs_release(&hosts);
}

/* An authoritative server knows its own zone; who did not answer before is
 * not waited for again. */
static void
choose(struct mx *x, size_t from)
{
	const char *zone =
	    x->parties.zone != NULL ? x->parties.zone : x->domain;
	const struct dns_answer *why;
	size_t i, k;
	bool mute;

	for (k = 0; k < x->parties.n; k++) {
		mute = !mx_answers(x, k, &why) && why != NULL;
		for (i = from; i < x->questions; i++)
			x->question[i].cell[k].asked = !mute &&
			    (!x->parties.v[k].authoritative ||
				dns_name_is_in(x->question[i].name, zone));
	}
}

static void
hand_out(struct mx *x, size_t from, struct dns_query *q)
{
	struct mx_cell *c;
	size_t i, k;

	for (i = from; i < x->questions; i++)
		for (k = 0; k < x->parties.n; k++) {
			c = &x->question[i].cell[k];
			if (c->asked)
				c->answer = (q++)->answer;
		}
}

enum rc
mx_ask(struct mx *x, size_t from, struct fault *f)
{
	struct dns_query *q =
	    xcalloc((x->questions - from) * x->parties.n + 1, sizeof(*q));
	struct mx_question *m;
	size_t i, k, n = 0;
	enum rc rc;

	choose(x, from);
	for (i = from; i < x->questions; i++)
		for (k = 0; k < x->parties.n; k++) {
			m = &x->question[i];
			if (!m->cell[k].asked)
				continue;
			q[n++] =
			    (struct dns_query){ .server = &x->parties.v[k].at,
				    .recurse = !x->parties.v[k].authoritative,
				    .name = m->name,
				    .type = m->type };
		}
	rc = dns_ask(q, n, &x->limits, f);
	hand_out(x, from, q);
	free(q);
	return rc;
}

void
mx_release(struct mx *x)
{
	size_t i, k;

	for (i = 0; i < x->questions; i++) {
		for (k = 0; k < x->parties.n; k++)
			dns_answer_release(&x->question[i].cell[k].answer);
		free(x->question[i].cell);
		free(x->question[i].name);
	}
	for (i = 0; i < x->findings; i++)
		free(x->finding[i].text);
	free(x->question);
	free(x->finding);
	free(x->sight);
	free(x->domain);
	strs_release(&x->hosts);
	strs_release(&x->selectors);
	dns_parties_release(&x->parties);
}

bool
mx_says(const struct mx *x, const struct mx_question *q, size_t party)
{
	return q->cell[party].asked &&
	    !mx_is_lame(&q->cell[party].answer,
		x->parties.v[party].authoritative);
}

bool
mx_answers(const struct mx *x, size_t party, const struct dns_answer **why_r)
{
	size_t i;

	*why_r = NULL;
	for (i = 0; i < x->questions; i++) {
		if (!x->question[i].cell[party].asked)
			continue;
		if (mx_says(x, &x->question[i], party))
			return true;
		if (*why_r == NULL)
			*why_r = &x->question[i].cell[party].answer;
	}
	return false;
}

const struct dns_answer *
mx_best(const struct mx *x, const struct mx_question *q)
{
	size_t i;

	for (i = 0; q != NULL && i < x->parties.n; i++)
		if (mx_says(x, q, i))
			return &q->cell[i].answer;
	return NULL;
}

void
mx_values(const struct mx_question *q, const struct dns_answer *a,
    struct strs *r)
{
	struct dns_set set;
	size_t i;

	dns_set_take(a, q->name, q->type, &set);
	if (set.first != NULL) {
		/* who asks an authoritative server has no more than that */
		strs_take(r, xasprintf("CNAME %s", set.first));
	} else if (q->what == MX_SPF) {
		/* the TXT records of others are no affair of ours */
		for (i = 0; i < set.n; i++)
			if (strncasecmp(set.v[i]->text, "v=spf1", 6) == 0)
				strs_add(r, set.v[i]->text);
		strs_sort(r);
	} else {
		dns_set_values(&set, r);
	}
	dns_set_release(&set);
}
