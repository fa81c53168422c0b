/*
 * mprobe mx: the report for programs.  TSV; the first column is the record
 * type; percent-encoded as a manifest is.
 *
 *   #mailproof 1 mx
 *   domain   name zone utc-of-asking
 *   server   address kind name mx-state ttl
 *   record   about type name server kind outcome ttl values...
 *   finding  weight about text
 *   verdict  moved everywhere asked-forget others-forget   (UTC; -: not known)
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mail/date.h"
#include "mx.h"
#include "util/text.h"

static void
add(struct buf *b, const char *text)
{
	buf_addc(b, '\t');
	text_percent(b, text, strlen(text));
}

static void
add_time(struct buf *b, int64_t at)
{
	buf_addc(b, '\t');
	if (at == 0)
		buf_addc(b, '-');
	else
		date_format_utc(b, at);
}

static void
put(struct buf *b)
{
	buf_addc(b, '\n');
	(void)fwrite(b->data, 1, b->len, stdout);
	buf_clear(b);
}

static void
put_servers(const struct mx *x, struct buf *b)
{
	size_t i;

	for (i = 0; i < x->parties.n; i++) {
		buf_adds(b, "server");
		add(b, x->parties.v[i].at.text);
		add(b, mx_kind(&x->parties.v[i]));
		add(b, x->parties.v[i].name);
		add(b, mx_state_word(x->sight[i].state));
		buf_addf(b, "\t%" PRIu32, x->sight[i].ttl);
		put(b);
	}
}

static void
put_record(const struct mx *x, const struct mx_question *q, size_t party,
    struct buf *b)
{
	const struct dns_answer *a = &q->cell[party].answer;
	struct strs v = STRS_INIT;
	struct dns_set set;
	size_t i;

	dns_set_take(a, q->name, q->type, &set);
	buf_adds(b, "record");
	add(b, mx_what_word(q->what));
	add(b, dns_type_name(q->type));
	add(b, q->name);
	add(b, x->parties.v[party].at.text);
	add(b, mx_kind(&x->parties.v[party]));
	add(b, dns_outcome_word(a->outcome));
	buf_addf(b, "\t%" PRIu32, set.ttl);
	mx_values(q, a, &v);
	for (i = 0; i < v.n; i++)
		add(b, v.v[i]);
	put(b);
	strs_release(&v);
	dns_set_release(&set);
}

void
mx_print_tsv(const struct mx *x)
{
	struct buf b = BUF_INIT;
	size_t i, k;

	printf("#mailproof\t1\tmx\n");
	buf_adds(&b, "domain");
	add(&b, x->domain);
	add(&b, x->parties.zone != NULL ? x->parties.zone : "-");
	add_time(&b, x->now);
	put(&b);
	put_servers(x, &b);
	for (i = 0; i < x->questions; i++)
		for (k = 0; k < x->parties.n; k++)
			if (x->question[i].cell[k].asked)
				put_record(x, &x->question[i], k, &b);
	for (i = 0; i < x->findings; i++) {
		buf_adds(&b, "finding");
		add(&b, mx_weight_word(x->finding[i].weight));
		add(&b, mx_what_word(x->finding[i].what));
		add(&b, x->finding[i].text);
		put(&b);
	}
	buf_addf(&b, "verdict\t%s\t%s", x->verdict.moved ? "yes" : "no",
	    x->verdict.everywhere ? "yes" : "no");
	add_time(&b, x->verdict.asked_at);
	add_time(&b, x->verdict.unasked_at);
	put(&b);
	buf_release(&b);
}
