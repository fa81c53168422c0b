/* An SPF record with all that it includes: what it costs, whom it allows. */
#include <stdlib.h>
#include <string.h>

#include "dns/spf.h"
#include "util/mem.h"

enum {
	DEPTH_MAX = 10,
	LOOKUPS_STOP = 30, /* by then no receiver looks any more */
	MX_HOSTS_MAX = 10, /* RFC 7208 section 4.6.4 */
};

const char *
spf_result_word(enum spf_result r)
{
	static const char *const word[] = { "no match", "pass", "fail",
		"softfail", "neutral", "depends on the sender" };

	return word[r];
}

static enum spf_result
result_of(char qualifier)
{
	switch (qualifier) {
	case '-':
		return SPF_FAIL;
	case '~':
		return SPF_SOFT;
	case '?':
		return SPF_NEUTRAL;
	default:
		return SPF_PASS;
	}
}

static void
wrong(struct spf_walk *w, const char *domain, const char *what)
{
	if (w->wrong.len > 0)
		buf_addc(&w->wrong, '\n');
	buf_addf(&w->wrong, "%s: %s", domain, what);
}

/* One record of a walk that goes down and up again. */
struct level {
	struct spf_walk *w;
	const char *domain;
	unsigned depth;
	enum spf_result *result; /* of each address */
};

static void
matched(struct level *l, size_t i, char qualifier)
{
	if (l->result[i] == SPF_NO_MATCH)
		l->result[i] = result_of(qualifier);
}

static void
untold(struct level *l)
{
	size_t i;

	for (i = 0; i < l->w->addresses->n; i++)
		if (l->result[i] == SPF_NO_MATCH)
			l->result[i] = SPF_UNTOLD;
}

/* The addresses of host, held against those that are to be allowed. */
static enum rc
match_host(struct level *l, const struct spf_term *t, const char *host,
    bool *any, struct fault *f)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };
	const struct dns_servers *want = l->w->addresses;
	struct dns_answer a;
	struct dns_server s;
	struct spf_term net = *t;
	struct dns_set set;
	size_t i, k, x;
	enum rc rc = RC_OK;

	for (k = 0; rc == RC_OK && k < 2; k++) {
		rc = l->w->ask(l->w->arg, host, types[k], &a, f);
		if (rc != RC_OK)
			return rc;
		dns_set_take(&a, host, types[k], &set);
		net.kind = types[k] == DNS_A ? SPF_IP4 : SPF_IP6;
		for (i = 0; i < set.n; i++) {
			*any = true;
			if (!dns_server_of(set.v[i], &s))
				continue;
			memcpy(net.address, s.address, sizeof(net.address));
			for (x = 0; x < want->n; x++)
				if (spf_holds(&net, &want->v[x]))
					matched(l, x, t->qualifier);
		}
		dns_set_release(&set);
		dns_answer_release(&a);
	}
	return rc;
}

static enum rc
match_mx(struct level *l, const struct spf_term *t, const char *domain,
    bool *any, struct fault *f)
{
	struct dns_answer a;
	struct dns_set set;
	bool found = false;
	enum rc rc;
	size_t i;

	rc = l->w->ask(l->w->arg, domain, DNS_MX, &a, f);
	if (rc != RC_OK)
		return rc;
	dns_set_take(&a, domain, DNS_MX, &set);
	*any = set.n > 0;
	if (set.n > MX_HOSTS_MAX)
		wrong(l->w, domain, "more than 10 hosts for 'mx'");
	for (i = 0; rc == RC_OK && i < set.n && i < MX_HOSTS_MAX; i++)
		rc = match_host(l, t, set.v[i]->target, &found, f);
	dns_set_release(&set);
	dns_answer_release(&a);
	return rc;
}

static enum rc walk(struct level *l, const char *text, struct fault *f);

/* The one SPF record of a domain that is included; NULL: none.  The caller
 * frees. */
static enum rc
record_of(struct spf_walk *w, const char *domain, char **r, struct fault *f)
{
	struct dns_answer a;
	struct dns_set set;
	size_t i, n = 0;
	enum rc rc;

	*r = NULL;
	rc = w->ask(w->arg, domain, DNS_TXT, &a, f);
	if (rc != RC_OK)
		return rc;
	dns_set_take(&a, domain, DNS_TXT, &set);
	for (i = 0; i < set.n; i++)
		if (spf_is(set.v[i]->text) && n++ == 0)
			*r = xstrdup(set.v[i]->text);
	if (set.n == 0)
		w->voids++;
	if (n > 1)
		wrong(w, domain, "more than one SPF record");
	else if (n == 0 && a.outcome > DNS_NO_NAME)
		wrong(w, domain, "its SPF record cannot be had now");
	else if (n == 0)
		wrong(w, domain, "is included and has no SPF record");
	dns_set_release(&set);
	dns_answer_release(&a);
	return RC_OK;
}

/* result: of each address, SPF_NO_MATCH before. */
static enum rc
walk_other(struct level *l, const char *domain, enum spf_result *result,
    struct fault *f)
{
	struct level below = { l->w, domain, l->depth + 1, result };
	char *text;
	enum rc rc;

	if (below.depth > DEPTH_MAX) {
		wrong(l->w, domain, "includes that never end");
		return RC_OK;
	}
	rc = record_of(l->w, domain, &text, f);
	if (rc == RC_OK && text != NULL)
		rc = walk(&below, text, f);
	free(text);
	return rc;
}

static enum rc
include(struct level *l, const struct spf_term *t, struct fault *f)
{
	const size_t n = l->w->addresses->n;
	enum spf_result *inner = xcalloc(n + 1, sizeof(*inner));
	enum rc rc;
	size_t i;

	rc = walk_other(l, t->domain, inner, f);
	for (i = 0; rc == RC_OK && i < n; i++) {
		if (inner[i] == SPF_PASS)
			matched(l, i, t->qualifier);
		else if (inner[i] == SPF_UNTOLD && l->result[i] == SPF_NO_MATCH)
			l->result[i] = SPF_UNTOLD;
	}
	free(inner);
	return rc;
}

static enum rc
match_term(struct level *l, const struct spf_term *t, struct fault *f)
{
	const char *domain = t->domain != NULL ? t->domain : l->domain;
	const struct dns_servers *want = l->w->addresses;
	bool any = true;
	enum rc rc = RC_OK;
	size_t i;

	switch (t->kind) {
	case SPF_ALL:
		for (i = 0; i < want->n; i++)
			matched(l, i, t->qualifier);
		return RC_OK;
	case SPF_IP4:
	case SPF_IP6:
		for (i = 0; i < want->n; i++)
			if (spf_holds(t, &want->v[i]))
				matched(l, i, t->qualifier);
		return RC_OK;
	case SPF_REDIRECT:
	case SPF_MODIFIER:
		return RC_OK;
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
		break;
	}
	l->w->lookups++;
	if (l->w->lookups > LOOKUPS_STOP)
		return RC_OK;
	if (t->macro || t->kind == SPF_PTR || t->kind == SPF_EXISTS) {
		untold(l);
		return RC_OK;
	}
	if (t->kind == SPF_INCLUDE)
		return include(l, t, f);
	any = false;
	if (t->kind == SPF_A)
		rc = match_host(l, t, domain, &any, f);
	else
		rc = match_mx(l, t, domain, &any, f);
	if (!any)
		l->w->voids++;
	return rc;
}

/* RFC 7208 section 6.1: redirect counts where there is no "all". */
static enum rc
redirect(struct level *l, const struct spf *spf, struct fault *f)
{
	const size_t n = l->w->addresses->n;
	const struct spf_term *t = NULL;
	enum spf_result *other;
	enum rc rc;
	size_t i;

	for (i = 0; i < spf->n; i++) {
		if (spf->v[i].kind == SPF_ALL)
			return RC_OK;
		if (spf->v[i].kind == SPF_REDIRECT)
			t = &spf->v[i];
	}
	if (t == NULL)
		return RC_OK;
	l->w->lookups++;
	if (t->macro) {
		untold(l);
		return RC_OK;
	}
	other = xcalloc(n + 1, sizeof(*other));
	rc = walk_other(l, t->domain, other, f);
	for (i = 0; i < n; i++)
		if (l->result[i] == SPF_NO_MATCH)
			l->result[i] = other[i];
	free(other);
	return rc;
}

static enum rc
walk(struct level *l, const char *text, struct fault *f)
{
	struct buf why = BUF_INIT;
	struct spf spf;
	enum rc rc = RC_OK;
	size_t i;

	if (!spf_parse(text, &spf, &why))
		wrong(l->w, l->domain, buf_str(&why));
	for (i = 0; rc == RC_OK && why.len == 0 && i < spf.n; i++)
		rc = match_term(l, &spf.v[i], f);
	if (rc == RC_OK && why.len == 0)
		rc = redirect(l, &spf, f);
	spf_release(&spf);
	buf_release(&why);
	return rc;
}

enum rc
spf_run(struct spf_walk *w, const char *domain, const char *text,
    struct fault *f)
{
	struct level top = { w, domain, 0, w->result };
	enum rc rc;
	size_t i;

	for (i = 0; i < w->addresses->n; i++)
		w->result[i] = SPF_NO_MATCH;
	w->lookups = w->voids = 0;
	rc = walk(&top, text, f);
	if (rc == RC_OK && w->lookups > SPF_LOOKUPS_MAX)
		wrong(w, domain, "needs more than 10 lookups");
	if (rc == RC_OK && w->voids > SPF_VOIDS_MAX)
		wrong(w, domain, "more than 2 lookups find nothing");
	return rc;
}
