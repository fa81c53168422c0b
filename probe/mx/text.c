/* mprobe mx: the report for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail/date.h"
#include "mx.h"
#include "util/text.h"

enum { SHOWN_MAX = 400 }; /* octets of one value */

/* What came from servers is made harmless. */
static void
show(const char *text)
{
	struct buf b = BUF_INIT;

	text_visible(&b, text, strlen(text), SHOWN_MAX);
	fputs(buf_str(&b), stdout);
	buf_release(&b);
}

static char *
values_of(const struct mx_question *q, const struct dns_answer *a)
{
	struct strs v = STRS_INIT;
	char *line;

	mx_values(q, a, &v);
	line = strs_join(&v, ", ");
	strs_release(&v);
	return line;
}

static void
print_party(const struct mx *x, const struct mx_question *q, size_t i)
{
	const struct mx_sight *s = &x->sight[i];
	const struct dns_answer *a = &q->cell[i].answer;
	struct buf b = BUF_INIT;
	char *line;

	mx_party(&b, &x->parties.v[i]);
	printf("  %-7s  %-13s  ", mx_state_word(s->state),
	    mx_kind(&x->parties.v[i]));
	show(buf_str(&b));
	fputs("  ", stdout);
	if (s->state == MX_UNKNOWN) {
		fputs(a->outcome <= DNS_NO_NAME ? "not authoritative" :
						  dns_outcome_word(a->outcome),
		    stdout);
	} else {
		line = values_of(q, a);
		show(*line == '\0' ? "no MX" : line);
		free(line);
		buf_clear(&b);
		mx_duration(&b, s->ttl);
		printf("  %s %s",
		    x->parties.v[i].authoritative ? "for" : "still for",
		    buf_str(&b));
	}
	putchar('\n');
	buf_release(&b);
}

static void
print_mail(const struct mx *x)
{
	const struct mx_question *q = mx_find(x, MX_MAIL, x->domain, DNS_MX);
	struct strs named = STRS_INIT;
	char *hosts;
	size_t i;

	for (i = 0; i < x->hosts.n; i++)
		strs_add(&named, *x->hosts.v[i] == '\0' ? "." : x->hosts.v[i]);
	hosts = strs_join(&named, ", ");
	strs_release(&named);

	printf("MX, %s ", x->told ? "expected:" : "as the zone has it:");
	show(*hosts == '\0' ? "none" : hosts);
	putchar('\n');
	free(hosts);
	for (i = 0; i < x->parties.n; i++)
		print_party(x, q, i);
}

static void
print_records(const struct mx *x)
{
	const struct mx_question *q;
	const struct dns_answer *a;
	char *line;
	size_t i;

	printf("\nrecords\n");
	for (i = 0; i < x->questions; i++) {
		q = &x->question[i];
		a = mx_best(x, q);
		line = a == NULL ? NULL : values_of(q, a);
		if (line != NULL && *line != '\0') {
			printf("  %-5s  ", dns_type_name(q->type));
			show(q->name);
			fputs("  ", stdout);
			show(line);
			putchar('\n');
		}
		free(line);
	}
}

static void
print_findings(const struct mx *x)
{
	int weight;
	size_t i;

	if (x->findings > 0)
		printf("\nfindings\n");
	for (weight = MX_FAULT; weight >= MX_NOTE; weight--)
		for (i = 0; i < x->findings; i++) {
			if ((int)x->finding[i].weight != weight)
				continue;
			printf("  %-8s ", mx_weight_word(x->finding[i].weight));
			show(x->finding[i].text);
			putchar('\n');
		}
}

static void
print_time(const struct mx *x, const char *who, int64_t at)
{
	struct buf b = BUF_INIT, d = BUF_INIT;

	date_format_utc(&b, at);
	mx_duration(&d, at - x->now);
	printf("%s at %s, in %s\n", who, buf_str(&b), buf_str(&d));
	buf_release(&b);
	buf_release(&d);
}

static void
print_verdict(const struct mx *x)
{
	const struct mx_verdict *v = &x->verdict;
	const size_t all = dns_parties_authoritative(&x->parties);

	printf("\n%zu of %zu authoritative servers and %zu of %zu resolvers "
	       "say %s\n",
	    v->authoritative[MX_NEW], all, v->resolvers[MX_NEW],
	    x->parties.n - all, x->told ? "what is expected" : "the same");
	if (!v->moved) {
		printf("when the old server is forgotten cannot be told: the "
		       "authoritative servers do not all name the new one\n");
		return;
	}
	if (v->resolvers[MX_OLD] + v->resolvers[MX_MIXED] > 0)
		print_time(x,
		    "the last of these resolvers forgets the old server",
		    v->asked_at);
	if (v->resolvers[MX_UNKNOWN] > 0)
		printf("of %zu of the resolvers nothing is known\n",
		    v->resolvers[MX_UNKNOWN]);
	print_time(x, "resolvers that were not asked forget it at the latest",
	    v->unasked_at);
}

void
mx_print_text(const struct mx *x)
{
	printf("%s: zone %s\n\n", x->domain,
	    x->parties.zone != NULL ? x->parties.zone : "not found");
	print_mail(x);
	print_records(x);
	print_findings(x);
	print_verdict(x);
}
