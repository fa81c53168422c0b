/* What is told of a leg while it is under way, and what it counts for. */
#include <string.h>

#include "flow.h"
#include "util/text.h"

enum { SHOWN_MAX = 900 }; /* octets of a server's words */

int64_t
flow_accepted_ms(const struct leg *l)
{
	return l->accepted_ms > 0 ? l->accepted_ms - l->began_ms : -1;
}

int64_t
flow_found_ms(const struct leg *l)
{
	return l->found_ms > 0 ? l->found_ms - l->accepted_ms : -1;
}

bool
flow_hop_delay(const struct leg *l, size_t hop, int64_t *s_r)
{
	const struct trace_hop *h = &l->trace.hop[hop];
	int64_t before = l->mark.made;
	size_t i;

	for (i = 0; i < hop; i++)
		if (l->trace.hop[i].timed)
			before = l->trace.hop[i].time;
	*s_r = h->timed ? h->time - before : 0;
	return h->timed;
}

static void
add_bounce(const struct bounce *b, struct buf *to)
{
	if (b->status[0] != '\0')
		buf_addf(to, "%s ", b->status);
	if (b->recipient[0] != '\0')
		buf_addf(to, "<%s> ", b->recipient);
	buf_adds(to, b->diagnostic[0] != '\0' ? b->diagnostic : "no reason");
	if (b->server[0] != '\0')
		buf_addf(to, " (%s)", b->server);
}

void
flow_reason(const struct leg *l, struct buf *b)
{
	switch (l->state) {
	case LEG_TODO:
	case LEG_SENT:
	case LEG_ARRIVED:
	case LEG_IDLE:
		break;
	case LEG_LATER:
	case LEG_REFUSED:
	case LEG_DEFERRED:
	case LEG_FAILED:
		buf_adds(b, l->reason != NULL ? l->reason : "");
		break;
	case LEG_BOUNCED:
		add_bounce(&l->bounce, b);
		break;
	case LEG_MISSING:
		buf_adds(b, "accepted, and not found in time");
		if (l->astray != NULL)
			buf_addf(b, "; it came to %s of %s",
			    l->astray->folder.name, l->astray_at);
		if (l->reported) {
			buf_adds(b, "; a server reports: ");
			add_bounce(&l->bounce, b);
		}
		break;
	}
}

static void
send_event(const struct journey *j, const struct leg *l, struct buf *reason)
{
	struct event *e = event_begin(j->report, "leg");

	if (j->name != NULL)
		event_text(e, "account", j->name);
	event_text(e, "leg", l->name);
	event_text(e, "from", l->mark.from);
	event_text(e, "to", l->mark.to);
	event_text(e, "by", l->way);
	event_text(e, "message_id", l->mark.id);
	event_text(e, "state", leg_word(l->state));
	event_number(e, "tries", l->tries);
	if (flow_accepted_ms(l) >= 0)
		event_signed(e, "accepted_ms", flow_accepted_ms(l));
	if (flow_found_ms(l) >= 0)
		event_signed(e, "found_ms", flow_found_ms(l));
	if (l->place != NULL)
		event_text(e, "folder", l->place->folder.name);
	if (l->reported)
		event_text(e, "status", l->bounce.status);
	if (reason->len > 0)
		event_text(e, "reason", buf_str(reason));
	event_send(e);
}

void
flow_tell(const struct journey *j, const struct leg *l)
{
	struct buf reason = BUF_INIT, shown = BUF_INIT;

	flow_reason(l, &reason);
	send_event(j, l, &reason);
	text_visible(&shown, reason.data, reason.len, SHOWN_MAX);
	report_detail(j->report, "%s%s%s: %s%s%s",
	    j->name != NULL ? j->name : "", j->name != NULL ? ": " : "",
	    l->name, leg_word(l->state), shown.len > 0 ? ": " : "",
	    buf_str(&shown));
	buf_release(&reason);
	buf_release(&shown);
}

static bool
is_as_wished(const struct flow_settings *s, const struct leg *l)
{
	return !s->strict ||
	    (l->place->kind == PLACE_INBOX && l->fate.changed.n == 0);
}

void
flow_count(const struct flow_settings *s, const struct leg *l,
    struct outcome *o)
{
	struct fault f = FAULT_INIT;

	switch (l->state) {
	case LEG_IDLE:
		break;
	case LEG_ARRIVED:
		if (is_as_wished(s, l))
			o->done++;
		else
			o->refused++;
		break;
	case LEG_REFUSED:
	case LEG_BOUNCED:
	case LEG_MISSING:
		o->refused++;
		break;
	case LEG_TODO:
	case LEG_LATER:
	case LEG_SENT:
	case LEG_DEFERRED:
		f.cause = CAUSE_TEMPORARY;
		outcome_fault(o, &f);
		break;
	case LEG_FAILED:
		f.cause = l->cause;
		outcome_fault(o, &f);
		break;
	}
}
