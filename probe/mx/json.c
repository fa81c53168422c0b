/* mprobe mx: the report as one JSON object; times are UTC seconds, 0: not
 * known. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mx.h"
#include "util/text.h"

static void
key(struct buf *b, const char *name)
{
	if (b->len > 0 && strchr("{[", b->data[b->len - 1]) == NULL)
		buf_addc(b, ',');
	if (name == NULL)
		return;
	text_json(b, name, strlen(name));
	buf_addc(b, ':');
}

static void
put_text(struct buf *b, const char *name, const char *value)
{
	key(b, name);
	text_json(b, value, strlen(value));
}

static void
put_number(struct buf *b, const char *name, int64_t value)
{
	key(b, name);
	buf_addf(b, "%" PRId64, value);
}

static void
put_flag(struct buf *b, const char *name, bool value)
{
	key(b, name);
	buf_adds(b, value ? "true" : "false");
}

static void
put_list(struct buf *b, const char *name, const struct strs *l)
{
	size_t i;

	key(b, name);
	buf_addc(b, '[');
	for (i = 0; i < l->n; i++)
		put_text(b, NULL, l->v[i]);
	buf_addc(b, ']');
}

/* put_text with no name is an element of a list. */
static void
put_servers(const struct mx *x, struct buf *b)
{
	size_t i;

	key(b, "servers");
	buf_addc(b, '[');
	for (i = 0; i < x->parties.n; i++) {
		key(b, NULL);
		buf_addc(b, '{');
		put_text(b, "server", x->parties.v[i].at.text);
		put_text(b, "kind", mx_kind(&x->parties.v[i]));
		put_text(b, "name", x->parties.v[i].name);
		put_text(b, "state", mx_state_word(x->sight[i].state));
		put_number(b, "ttl", x->sight[i].ttl);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void
put_record(const struct mx *x, const struct mx_question *q, size_t party,
    struct buf *b)
{
	const struct dns_answer *a = &q->cell[party].answer;
	struct strs v = STRS_INIT;
	struct dns_set set;

	dns_set_take(a, q->name, q->type, &set);
	mx_values(q, a, &v);
	key(b, NULL);
	buf_addc(b, '{');
	put_text(b, "about", mx_what_word(q->what));
	put_text(b, "type", dns_type_name(q->type));
	put_text(b, "name", q->name);
	put_text(b, "server", x->parties.v[party].at.text);
	put_text(b, "outcome", dns_outcome_word(a->outcome));
	put_number(b, "ttl", set.ttl);
	put_list(b, "values", &v);
	buf_addc(b, '}');
	strs_release(&v);
	dns_set_release(&set);
}

static void
put_records(const struct mx *x, struct buf *b)
{
	size_t i, k;

	key(b, "records");
	buf_addc(b, '[');
	for (i = 0; i < x->questions; i++)
		for (k = 0; k < x->parties.n; k++)
			if (x->question[i].cell[k].asked)
				put_record(x, &x->question[i], k, b);
	buf_addc(b, ']');
}

static void
put_findings(const struct mx *x, struct buf *b)
{
	const struct mx_finding *n;
	size_t i;

	key(b, "findings");
	buf_addc(b, '[');
	for (i = 0; i < x->findings; i++) {
		n = &x->finding[i];
		key(b, NULL);
		buf_addc(b, '{');
		put_text(b, "weight", mx_weight_word(n->weight));
		put_text(b, "about", mx_what_word(n->what));
		put_text(b, "text", n->text);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

void
mx_print_json(const struct mx *x)
{
	struct buf b = BUF_INIT;

	buf_addc(&b, '{');
	put_text(&b, "domain", x->domain);
	put_text(&b, "zone", x->parties.zone != NULL ? x->parties.zone : "");
	put_number(&b, "asked", x->now);
	put_list(&b, "expected", &x->hosts);
	put_servers(x, &b);
	put_records(x, &b);
	put_findings(x, &b);
	put_flag(&b, "moved", x->verdict.moved);
	put_flag(&b, "everywhere", x->verdict.everywhere);
	put_number(&b, "asked_forget", x->verdict.asked_at);
	put_number(&b, "others_forget", x->verdict.unasked_at);
	buf_adds(&b, "}\n");
	(void)fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}
