/* mprobe mx: SPF, DKIM, DMARC, MTA-STS and what sets programs up. */
#include <stdlib.h>
#include <string.h>

#include "dns/policy.h"
#include "dns/spf.h"
#include "mx.h"
#include "util/mem.h"

typedef void policy_fn(const char *text, struct policy *r);

struct policy_row {
	enum mx_what what;
	policy_fn *judge;
	const char *title;
	enum mx_weight lacking; /* how bad it is that there is none */
};

static const struct policy_row policies[] = {
	{ MX_DMARC, policy_dmarc, "DMARC", MX_WARNING },
	{ MX_STS, policy_sts, "MTA-STS", MX_NOTE },
	{ MX_DKIM, policy_dkim, "DKIM key", MX_FAULT },
};

static void
judge_record(struct mx *x, const struct policy_row *row, const char *name,
    const char *text, size_t *n)
{
	struct policy p;

	row->judge(text, &p);
	/* other texts may stand at the same name; a selector is for keys */
	if (p.is || row->what == MX_DKIM) {
		(*n)++;
		mx_find_add(x,
		    p.wrong    ? MX_FAULT :
			p.warn ? MX_WARNING :
				 MX_NOTE,
		    row->what, "%s: %s: %s", name, row->title,
		    buf_str(&p.said));
	}
	policy_release(&p);
}

static void
judge_policy(struct mx *x, const struct policy_row *row,
    const struct mx_question *q)
{
	const struct dns_answer *best = mx_best(x, q);
	struct dns_set set;
	size_t i, n = 0;

	if (best == NULL)
		return;
	/* a key's alias is the provider's: a resolver follows it */
	dns_set_take(best, q->name, q->type, &set);
	for (i = 0; set.n == 0 && set.first != NULL && i < x->parties.n; i++) {
		if (x->parties.v[i].authoritative || !mx_says(x, q, i))
			continue;
		dns_set_release(&set);
		dns_set_take(&q->cell[i].answer, q->name, q->type, &set);
	}
	for (i = 0; i < set.n; i++)
		judge_record(x, row, q->name, set.v[i]->text, &n);
	if (n == 0 && row->lacking > MX_NOTE)
		mx_find_add(x, row->lacking, row->what, "%s: no %s", q->name,
		    row->title);
	else if (n > 1)
		mx_find_add(x, MX_FAULT, row->what,
		    "%s: %zu records for one %s: none counts", q->name, n,
		    row->title);
	dns_set_release(&set);
}

/* Just what there is: programs ask for it when somebody sets them up. */
static void
judge_setup(struct mx *x, const struct mx_question *q)
{
	const struct dns_answer *best = mx_best(x, q);
	struct strs v = STRS_INIT;
	bool alias;
	char *line;

	if (best == NULL)
		return;
	mx_values(q, best, &v);
	if (v.n > 0) {
		line = strs_join(&v, ", ");
		alias = strncmp(line, "CNAME ", 6) == 0;
		mx_find_add(x, MX_NOTE, q->what, "%s: %s%s%s", q->name,
		    alias ? "" : dns_type_name(q->type), alias ? "" : " ",
		    line);
		free(line);
	}
	strs_release(&v);
}

void
mx_judge_policies(struct mx *x)
{
	const struct mx_question *q;
	size_t i, k;

	for (k = 0; k < sizeof(policies) / sizeof(policies[0]); k++)
		for (i = 0; i < x->questions; i++)
			if (x->question[i].what == policies[k].what)
				judge_policy(x, &policies[k], &x->question[i]);
	for (i = 0; i < x->questions; i++) {
		q = &x->question[i];
		if (q->what == MX_SETUP || q->what == MX_TLSA)
			judge_setup(x, q);
	}
}

/* Includes are asked of the resolvers, one after another until one knows. */
static enum rc
ask_resolver(void *arg, const char *name, enum dns_type type,
    struct dns_answer *r, struct fault *f)
{
	const struct mx *x = arg;
	struct dns_query q = { .recurse = true, .name = name, .type = type };
	enum rc rc = RC_OK;
	size_t i;

	*r = (struct dns_answer){ .outcome = DNS_TIMEOUT };
	for (i = 0; rc == RC_OK && i < x->parties.n; i++) {
		if (x->parties.v[i].authoritative || x->sight == NULL ||
		    x->sight[i].state == MX_UNKNOWN)
			continue;
		q.server = &x->parties.v[i].at;
		rc = dns_ask(&q, 1, &x->limits, f);
		if (rc == RC_OK && q.answer.outcome <= DNS_NO_NAME) {
			*r = q.answer;
			return RC_OK;
		}
		dns_answer_release(&q.answer);
	}
	return rc;
}

/* The addresses of the hosts that are expected to take, and to send. */
static void
take_addresses(const struct mx *x, struct dns_servers *r)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };
	const struct mx_question *q;
	struct dns_server s;
	struct dns_set set;
	size_t i, k, n, party;

	for (i = 0; i < x->hosts.n; i++)
		for (k = 0; k < 2; k++) {
			q = mx_find(x, MX_HOST, x->hosts.v[i], types[k]);
			for (party = 0; q != NULL && party < x->parties.n;
			     party++) {
				dns_set_take(&q->cell[party].answer, q->name,
				    q->type, &set);
				for (n = 0; n < set.n; n++)
					if (dns_server_of(set.v[n], &s))
						dns_servers_add(r, &s);
				dns_set_release(&set);
			}
		}
}

static void
tell_spf(struct mx *x, struct spf_walk *w)
{
	char *line, *rest = NULL, *text = buf_str(&w->wrong);
	size_t i;

	for (line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		mx_find_add(x, MX_FAULT, MX_SPF,
		    "SPF: %s: receivers take it for an error (RFC 7208)", line);
	mx_find_add(x, MX_NOTE, MX_SPF, "SPF of %s needs %u of %d lookups",
	    x->domain, w->lookups, SPF_LOOKUPS_MAX);
	for (i = 0; i < w->addresses->n; i++)
		mx_find_add(x, w->result[i] == SPF_PASS ? MX_NOTE : MX_WARNING,
		    MX_SPF, "SPF of %s for %s, of the %s: %s", x->domain,
		    w->addresses->v[i].text,
		    x->told ? "new server" : "mail exchangers",
		    spf_result_word(w->result[i]));
}

static enum rc
walk_spf(struct mx *x, const char *text, struct fault *f)
{
	struct dns_servers addresses = { .n = 0 };
	struct spf_walk w = { .ask = ask_resolver,
		.arg = x,
		.addresses = &addresses };
	enum rc rc;

	take_addresses(x, &addresses);
	w.result = xcalloc(addresses.n + 1, sizeof(*w.result));
	rc = spf_run(&w, x->domain, text, f);
	if (rc == RC_OK)
		tell_spf(x, &w);
	free(w.result);
	buf_release(&w.wrong);
	dns_servers_release(&addresses);
	return rc;
}

enum rc
mx_judge_spf(struct mx *x, struct fault *f)
{
	const struct mx_question *q = mx_find(x, MX_SPF, x->domain, DNS_TXT);
	const struct dns_answer *best = mx_best(x, q);
	struct dns_set set;
	const char *text = NULL;
	enum rc rc = RC_OK;
	size_t i, n = 0;

	if (best == NULL)
		return RC_OK;
	dns_set_take(best, q->name, q->type, &set);
	for (i = 0; i < set.n; i++)
		if (spf_is(set.v[i]->text)) {
			text = set.v[i]->text;
			n++;
		}
	if (n == 0)
		mx_find_add(x, MX_WARNING, MX_SPF, "%s: no SPF", x->domain);
	else if (n > 1)
		mx_find_add(x, MX_FAULT, MX_SPF,
		    "%s: %zu SPF records: one alone counts (RFC 7208 section "
		    "3.2)",
		    x->domain, n);
	else
		rc = walk_spf(x, text, f);
	dns_set_release(&set);
	return rc;
}
