/* The report for people. */
#include <inttypes.h>
#include <string.h>

#include "flow.h"
#include "util/text.h"

enum { SHOWN_MAX = 900 }; /* octets of a server's words */

static void
add(struct buf *b, const char *s)
{
	text_visible(b, s, strlen(s), SHOWN_MAX);
}

static void
line(struct buf *b, const char *label)
{
	buf_addf(b, "    %-9s ", label);
}

static void
add_seconds(struct buf *b, int64_t ms)
{
	buf_addf(b, "%" PRId64 ".%02" PRId64 " s", ms / 1000, ms / 10 % 100);
}

static void
headline(const struct journey *j, const struct leg *l, struct buf *b)
{
	struct buf reason = BUF_INIT;

	if (j->name != NULL) {
		add(b, j->name);
		buf_adds(b, ": ");
	}
	buf_addf(b, "%s: %s -> %s: %s", l->name, l->mark.from, l->mark.to,
	    leg_word(l->state));
	if (l->place != NULL && l->state == LEG_ARRIVED) {
		buf_adds(b,
		    l->place->kind == PLACE_JUNK ? " as junk in " : " in ");
		add(b, l->place->folder.name);
		buf_adds(b, l->late ? " after at most " : " after ");
		add_seconds(b, flow_found_ms(l));
	}
	flow_reason(l, &reason);
	if (reason.len > 0)
		buf_adds(b, ": ");
	text_visible(b, reason.data, reason.len, SHOWN_MAX);
	buf_addc(b, '\n');
	buf_release(&reason);
}

static void
sending(const struct leg *l, struct buf *b)
{
	line(b, "by");
	add(b, l->way);
	if (l->handing.tls != NULL && l->handing.tls[0] != '\0') {
		buf_adds(b, ", ");
		add(b, l->handing.tls);
	}
	buf_addc(b, '\n');
	if (flow_accepted_ms(l) >= 0) {
		line(b, "accepted");
		buf_adds(b, "after ");
		add_seconds(b, flow_accepted_ms(l));
		if (l->handing.reply != NULL &&
		    l->handing.what == HANDED_OVER) {
			buf_adds(b, ": ");
			add(b, l->handing.reply);
		}
		buf_addc(b, '\n');
	}
	if (l->tries < 2)
		return;
	line(b, "tries");
	buf_addf(b, "%u", l->tries);
	if (l->first_reply != NULL &&
	    (l->reason == NULL || strcmp(l->first_reply, l->reason) != 0)) {
		buf_adds(b, "; at the first: ");
		add(b, l->first_reply);
	}
	buf_addc(b, '\n');
}

static void
hop(const struct leg *l, size_t i, struct buf *b)
{
	const struct trace_hop *h = &l->trace.hop[i];
	int64_t delay;

	line(b, i == 0 ? "way" : "");
	if (flow_hop_delay(l, i, &delay))
		buf_addf(b, "%+" PRId64 " s  ", delay);
	else
		buf_adds(b, "?  ");
	add(b, h->by[0] != '\0' ? h->by : "-");
	if (h->from[0] != '\0') {
		buf_adds(b, " from ");
		add(b, h->from);
	}
	if (h->with[0] != '\0') {
		buf_adds(b, ", ");
		add(b, h->with);
	}
	if (strcmp(h->tls, "yes") == 0)
		buf_adds(b, ", TLS");
	else if (h->tls[0] != '\0')
		buf_addf(b, ", %s", h->tls);
	buf_addc(b, '\n');
}

static void
verdict(const struct trace_verdict *v, bool first, struct buf *b)
{
	line(b, first ? "verdicts" : "");
	add(b, v->method);
	buf_addc(b, '=');
	add(b, v->result);
	if (v->about[0] != '\0') {
		buf_addc(b, ' ');
		add(b, v->about);
	}
	if (v->server[0] != '\0') {
		buf_adds(b, ", says ");
		add(b, v->server);
	}
	buf_addc(b, '\n');
}

static void
content(const struct leg *l, struct buf *b)
{
	const struct mark_fate *fate = &l->fate;
	size_t i;

	line(b, "content");
	if (fate->sent == fate->came)
		buf_addf(b, "%s, ", mark_encoding_word(fate->sent));
	else
		buf_addf(b, "sent as %s, came as %s, ",
		    mark_encoding_word(fate->sent),
		    mark_encoding_word(fate->came));
	buf_adds(b, fate->changed.n == 0 ? "as it was sent\n" : "altered:\n");
	for (i = 0; i < fate->changed.n; i++) {
		line(b, "");
		add(b, fate->changed.v[i]);
		buf_addc(b, '\n');
	}
}

static void
coming(const struct leg *l, struct buf *b)
{
	size_t i;

	for (i = 0; i < l->trace.hops; i++)
		hop(l, i, b);
	for (i = 0; i < l->trace.verdicts; i++)
		verdict(&l->trace.verdict[i], i == 0, b);
	if (l->trace.return_path != NULL) {
		line(b, "return to");
		buf_addc(b, '<');
		add(b, l->trace.return_path);
		buf_adds(b, ">\n");
	}
	content(l, b);
}

/* What is left behind, and how it is known. */
static void
remains(const struct journey *j, const struct leg *l, struct buf *b)
{
	if (l->state == LEG_MISSING || l->state == LEG_LATER ||
	    l->state == LEG_SENT ||
	    (l->state == LEG_FAILED && j->broken != CAUSE_NONE)) {
		line(b, "if it");
		buf_addf(b, "comes later: Message-ID %s\n", l->mark.id);
	}
	if (l->finds == 0)
		return;
	line(b, "cleaned");
	if (j->settings->leave) {
		buf_addf(b, "nothing (--leave): Message-ID %s\n", l->mark.id);
		return;
	}
	text_count(b, l->removed, "message");
	buf_adds(b, " removed");
	if (l->left != NULL) {
		buf_adds(b, "; left: ");
		add(b, l->left);
	}
	buf_addc(b, '\n');
}

void
flow_text(const struct journey *v, size_t n, struct buf *b)
{
	size_t i, k, legs = 0, arrived = 0;
	const struct leg *l;

	for (i = 0; i < n; i++)
		for (k = 0; k < v[i].legs; k++) {
			l = &v[i].leg[k];
			headline(&v[i], l, b);
			sending(l, b);
			if (l->state == LEG_ARRIVED)
				coming(l, b);
			remains(&v[i], l, b);
			legs++;
			arrived += l->state == LEG_ARRIVED;
		}
	buf_addf(b, "%zu of ", arrived);
	text_count(b, legs, "message");
	buf_adds(b, " arrived\n");
}
