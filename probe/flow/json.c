/* The report as one JSON document, with the names of flow_tsv.c. */
#include <inttypes.h>
#include <string.h>

#include "flow.h"
#include "mail/date.h"
#include "util/text.h"

/* Starts a member: a "," before it unless it is the first. */
static void
key(struct buf *b, const char *name)
{
	const unsigned char last = b->data[b->len - 1];

	if (last != '{' && last != '[')
		buf_addc(b, ',');
	if (name == NULL)
		return;
	text_json(b, name, strlen(name));
	buf_addc(b, ':');
}

static void
text(struct buf *b, const char *name, const char *value)
{
	key(b, name);
	if (value == NULL)
		buf_adds(b, "null");
	else
		text_json(b, value, strlen(value));
}

static void
number(struct buf *b, const char *name, int64_t value)
{
	key(b, name);
	buf_addf(b, "%" PRId64, value);
}

static void
milliseconds(struct buf *b, const char *name, int64_t ms)
{
	if (ms >= 0)
		number(b, name, ms);
	else
		text(b, name, NULL);
}

static void
hops(struct buf *b, const struct leg *l)
{
	const struct trace_hop *h;
	int64_t delay;
	size_t i;

	key(b, "hops");
	buf_addc(b, '[');
	for (i = 0; i < l->trace.hops; i++) {
		h = &l->trace.hop[i];
		key(b, NULL);
		buf_addc(b, '{');
		text(b, "by", h->by);
		text(b, "from", h->from);
		text(b, "with", h->with);
		text(b, "tls", h->tls);
		if (flow_hop_delay(l, i, &delay)) {
			key(b, "time");
			buf_addc(b, '"');
			date_format_utc(b, h->time);
			buf_addc(b, '"');
			number(b, "delay_s", delay);
		}
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void
verdicts(struct buf *b, const struct leg *l)
{
	const struct trace_verdict *v;
	size_t i;

	key(b, "verdicts");
	buf_addc(b, '[');
	for (i = 0; i < l->trace.verdicts; i++) {
		v = &l->trace.verdict[i];
		key(b, NULL);
		buf_addc(b, '{');
		text(b, "method", v->method);
		text(b, "result", v->result);
		text(b, "server", v->server);
		text(b, "about", v->about);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void
arrival(struct buf *b, const struct leg *l)
{
	size_t i;

	text(b, "folder", l->place->folder.name);
	key(b, "junk");
	buf_adds(b, l->place->kind == PLACE_JUNK ? "true" : "false");
	text(b, "sent_as", mark_encoding_word(l->fate.sent));
	text(b, "came_as", mark_encoding_word(l->fate.came));
	text(b, "return_path", l->trace.return_path);
	key(b, "changed");
	buf_addc(b, '[');
	for (i = 0; i < l->fate.changed.n; i++)
		text(b, NULL, l->fate.changed.v[i]);
	buf_addc(b, ']');
	hops(b, l);
	verdicts(b, l);
}

static void
leg(struct buf *b, const struct journey *j, const struct leg *l)
{
	struct buf reason = BUF_INIT;

	flow_reason(l, &reason);
	key(b, NULL);
	buf_addc(b, '{');
	text(b, "account", j->name);
	text(b, "leg", l->name);
	text(b, "from", l->mark.from);
	text(b, "to", l->mark.to);
	text(b, "by", l->way);
	text(b, "tls", l->handing.tls);
	text(b, "state", leg_word(l->state));
	milliseconds(b, "accepted_ms", flow_accepted_ms(l));
	milliseconds(b, "found_ms", flow_found_ms(l));
	number(b, "tries", l->tries);
	text(b, "message_id", l->mark.id);
	text(b, "status", l->reported ? l->bounce.status : NULL);
	text(b, "reason", reason.len > 0 ? buf_str(&reason) : NULL);
	if (l->state == LEG_ARRIVED)
		arrival(b, l);
	number(b, "removed", (int64_t)l->removed);
	text(b, "left", l->left);
	buf_addc(b, '}');
	buf_release(&reason);
}

void
flow_json(const struct journey *v, size_t n, struct buf *b)
{
	size_t i, k;

	buf_adds(b, "{\"mailproof\":1,\"flow\":[");
	for (i = 0; i < n; i++)
		for (k = 0; k < v[i].legs; k++) {
			leg(b, &v[i], &v[i].leg[k]);
			buf_addc(b, '\n');
		}
	buf_adds(b, "]}\n");
}
