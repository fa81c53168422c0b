/* mprobe mx: where does the mail of a domain go, and who does not know yet? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "mx.h"
#include "probe/verb.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/num.h"

enum {
	OPT_EXPECT = 256,
	OPT_RESOLVER,
	OPT_AUTHORITATIVE,
	OPT_SELECTOR,
	OPT_FORMAT,
	OPT_TIMEOUT,
	TIMEOUT_MAX = 600, /* seconds */
};

static const struct option_spec options_mx[] = {
	{ "expect", OPT_EXPECT, "HOST",
	    "where the mail is to go; may be repeated for several MX" },
	{ "resolver", OPT_RESOLVER, "ADDRESS[:PORT]",
	    "ask this one, not the system's; may be repeated" },
	{ "authoritative", OPT_AUTHORITATIVE, "ADDRESS[:PORT]",
	    "take this for the domain's name server, and do not look for "
	    "them; may be repeated" },
	{ "selector", OPT_SELECTOR, "NAME",
	    "look at this DKIM key as well; may be repeated" },
	{ "format", OPT_FORMAT, "FORMAT", "text (default), tsv or json" },
	{ "timeout", OPT_TIMEOUT, "SECONDS",
	    "wait so long for an answer (default 8)" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_mx,
	options_general,
	NULL,
};

enum format { FORMAT_TEXT, FORMAT_TSV, FORMAT_JSON };

/* All zero before the options. */
struct settings {
	struct strs expect;
	struct strs selectors;
	struct dns_chosen chosen;
	enum format format;
	int timeout_ms;
};

static enum rc
take_name(const char *option, const char *value, struct strs *l,
    struct fault *f)
{
	char *name;
	enum rc rc;

	rc = dns_name_take(option, value, &name, f);
	if (rc != RC_OK)
		return rc;
	if (strs_has(l, name))
		free(name);
	else
		strs_take(l, name);
	return RC_OK;
}

static enum rc
take_format(const char *value, enum format *r, struct fault *f)
{
	static const char *const word[] = { "text", "tsv", "json" };
	size_t i;

	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (strcmp(value, word[i]) == 0) {
			*r = (enum format)i;
			return RC_OK;
		}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--format %s: give text, tsv or json", value);
}

static enum rc
take_timeout(const char *value, int *ms_r, struct fault *f)
{
	uint64_t s;

	if (!num_u64(value, strlen(value), TIMEOUT_MAX, &s) || s == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--timeout %s: give 1 to %d seconds", value, TIMEOUT_MAX);
	*ms_r = (int)s * 1000;
	return RC_OK;
}

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct settings *s = arg;

	switch (letter) {
	case OPT_EXPECT:
		return take_name("--expect", value, &s->expect, f);
	case OPT_SELECTOR:
		return take_name("--selector", value, &s->selectors, f);
	case OPT_RESOLVER:
		return dns_servers_take("--resolver", value,
		    &s->chosen.resolvers, f);
	case OPT_AUTHORITATIVE:
		return dns_servers_take("--authoritative", value,
		    &s->chosen.authoritative, f);
	case OPT_FORMAT:
		return take_format(value, &s->format, f);
	case OPT_TIMEOUT:
		return take_timeout(value, &s->timeout_ms, f);
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
}

/* The zone that an authoritative server tells of, where nobody followed the
 * delegation. */
static void
take_zone(struct mx *x)
{
	const struct mx_question *q = mx_find(x, MX_SERIAL, x->domain, DNS_SOA);
	const struct dns_answer *a = mx_best(x, q);
	size_t i;

	for (i = 0; a != NULL && x->parties.zone == NULL && i < a->n; i++)
		if (a->v[i].type == DNS_SOA &&
		    dns_name_is_in(x->domain, a->v[i].name))
			x->parties.zone = xstrdup(a->v[i].name);
}

/* The domain does not exist: all that it lacks is one thing. */
static bool
is_nowhere(const struct mx *x)
{
	const struct dns_answer *best =
	    mx_best(x, mx_find(x, MX_MAIL, x->domain, DNS_MX));

	return best != NULL && best->outcome == DNS_NO_NAME;
}

static enum rc
look(struct mx *x, const struct dns_chosen *chosen, struct fault *f)
{
	size_t asked;
	enum rc rc;

	rc = dns_parties_find(x->domain, chosen, &x->limits, &x->parties, f);
	if (rc != RC_OK)
		return rc;
	mx_questions_domain(x);
	rc = mx_ask(x, 0, f);
	/* rather too late than too early: TTLs were told before */
	x->now = clock_utc();
	if (rc == RC_OK) {
		take_zone(x);
		asked = x->questions;
		mx_questions_hosts(x);
		rc = mx_ask(x, asked, f);
	}
	if (rc != RC_OK)
		return rc;
	mx_judge_servers(x);
	mx_judge_agreement(x);
	mx_judge_mail(x);
	if (is_nowhere(x))
		return RC_OK;
	mx_judge_hosts(x);
	mx_judge_policies(x);
	return mx_judge_spf(x, f);
}

static void
send_events(const struct mx *x, struct report *r)
{
	const struct mx_verdict *v = &x->verdict;
	struct event *e;
	size_t i;

	for (i = 0; i < x->parties.n; i++) {
		e = event_begin(r, "mx");
		event_text(e, "server", x->parties.v[i].at.text);
		event_text(e, "kind", mx_kind(&x->parties.v[i]));
		event_text(e, "state", mx_state_word(x->sight[i].state));
		event_number(e, "ttl", x->sight[i].ttl);
		event_send(e);
	}
	for (i = 0; i < x->findings; i++) {
		e = event_begin(r, "finding");
		event_text(e, "weight", mx_weight_word(x->finding[i].weight));
		event_text(e, "about", mx_what_word(x->finding[i].what));
		event_text(e, "text", x->finding[i].text);
		event_send(e);
	}
	e = event_begin(r, "verdict");
	event_text(e, "domain", x->domain);
	event_flag(e, "moved", v->moved);
	event_flag(e, "everywhere", v->everywhere);
	event_signed(e, "asked_forget", v->asked_at);
	event_signed(e, "others_forget", v->unasked_at);
	event_send(e);
}

/* How many of the authoritative servers, or of the resolvers, said a thing. */
static size_t
heard(const size_t *state)
{
	return state[MX_NEW] + state[MX_MIXED] + state[MX_OLD];
}

/* With --expect only what keeps mail from coming in counts. */
static bool
counts(const struct mx *x, const struct mx_finding *n)
{
	return n->weight == MX_FAULT &&
	    (!x->told || n->what == MX_MAIL || n->what == MX_HOST);
}

static enum rc
conclude(const struct mx *x, struct fault *f)
{
	const struct mx_verdict *v = &x->verdict;
	size_t i, faults = 0;

	if (is_nowhere(x))
		return fault_set(f, RC_STORE, CAUSE_NOINPUT,
		    "%s: there is no such domain", x->domain);
	if (heard(v->authoritative) == 0 || heard(v->resolvers) == 0)
		return fault_set(f, RC_STORE, CAUSE_UNREACHABLE,
		    "%s: no %s answers: name others with --%s", x->domain,
		    heard(v->resolvers) == 0 ? "resolver" :
					       "authoritative server",
		    heard(v->resolvers) == 0 ? "resolver" : "authoritative");
	if (x->told && !v->everywhere)
		return fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "%s: not everywhere at %s yet: look again later", x->domain,
		    x->hosts.v[0]);
	for (i = 0; i < x->findings; i++)
		faults += counts(x, &x->finding[i]);
	if (faults > 0)
		return fault_set(f, RC_STORE, CAUSE_REFUSED, "%s: %zu %s found",
		    x->domain, faults, faults == 1 ? "fault" : "faults");
	return RC_OK;
}

static void
print(const struct mx *x, enum format format)
{
	switch (format) {
	case FORMAT_TEXT:
		mx_print_text(x);
		break;
	case FORMAT_TSV:
		mx_print_tsv(x);
		break;
	case FORMAT_JSON:
		mx_print_json(x);
		break;
	}
}

/* -n: what would be asked. */
static void
list(struct mx *x)
{
	size_t i;

	mx_questions_domain(x);
	for (i = 0; i < x->questions; i++)
		printf("%s %s\n", dns_type_name(x->question[i].type),
		    x->question[i].name);
}

static enum rc
run(struct probe *p, struct fault *f)
{
	struct settings *s = p->own;
	struct mx x = { .limits = { .timeout_ms = DNS_TIMEOUT_MS } };
	enum rc rc;

	if (p->operands != 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "give one DOMAIN (mprobe mx -h tells more)");
	rc = dns_name_take("DOMAIN", p->operand[0], &x.domain, f);
	if (rc != RC_OK)
		return rc;
	if (s->timeout_ms > 0)
		x.limits.timeout_ms = s->timeout_ms;
	strs_copy(&x.hosts, &s->expect);
	strs_copy(&x.selectors, &s->selectors);
	x.told = x.hosts.n > 0;
	if (p->common.dry_run) {
		list(&x);
	} else {
		rc = look(&x, &s->chosen, f);
		if (rc == RC_OK) {
			print(&x, s->format);
			send_events(&x, p->report);
			rc = conclude(&x, f);
		}
	}
	mx_release(&x);
	if (fflush(stdout) != 0 || ferror(stdout))
		return fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
	return rc;
}

static void
release(void *own)
{
	struct settings *s = own;

	strs_release(&s->expect);
	strs_release(&s->selectors);
	dns_chosen_release(&s->chosen);
}

const struct verb verb_mx = {
	.word = "mx",
	.summary = "has the MX of a domain moved, and who does not know yet",
	.program = {
		.name = "mprobe mx",
		.synopsis = "[options] [--expect HOST] DOMAIN",
		.summary = "tell where the mail of a domain goes, whether its "
			   "name servers agree, and when the last cache "
			   "forgets the old server",
		.tables = tables,
		.own = own_option,
		.work = WORK_NO_ACCOUNTS,
	},
	.settings = sizeof(struct settings),
	.run = run,
	.release = release,
};
