/*
 * The report for programs.  TSV; the first column is the record type, then
 * account (or -) and leg; percent-encoded as a manifest is, "-" for what is
 * not known.
 *
 *   #mailproof 1 flow
 *   leg      from to by state folder kind accepted-ms found-ms tries
 *            sent-as came-as message-id status reason
 *   tls      line to the server that took it
 *   hop      number by from with tls time delay-s
 *   verdict  method result server about
 *   path     return-path
 *   changed  what
 *   cleaned  removed left
 *   total    legs arrived     (no account, no leg)
 */
#include <inttypes.h>
#include <string.h>

#include "flow.h"
#include "mail/date.h"
#include "util/text.h"

static void
add(struct buf *b, const char *text)
{
	buf_addc(b, '\t');
	if (text == NULL || *text == '\0')
		buf_addc(b, '-');
	else
		text_percent(b, text, strlen(text));
}

static void
add_ms(struct buf *b, int64_t ms)
{
	if (ms < 0)
		add(b, NULL);
	else
		buf_addf(b, "\t%" PRId64, ms);
}

static void
begin(struct buf *b, const char *type, const struct journey *j,
    const struct leg *l)
{
	buf_adds(b, type);
	add(b, j->name);
	add(b, l->name);
}

static const char *
kind_word(const struct place *p)
{
	static const char *const words[] = { [PLACE_INBOX] = "inbox",
		[PLACE_JUNK] = "junk",
		[PLACE_SENT] = "sent",
		[PLACE_OTHER] = "other" };

	return p == NULL ? NULL : words[p->kind];
}

static void
add_leg(struct buf *b, const struct journey *j, const struct leg *l)
{
	const bool came = l->state == LEG_ARRIVED;
	const struct place *at = came ? l->place : NULL;
	struct buf reason = BUF_INIT;

	flow_reason(l, &reason);
	begin(b, "leg", j, l);
	add(b, l->mark.from);
	add(b, l->mark.to);
	add(b, l->way);
	add(b, leg_word(l->state));
	add(b, at != NULL ? at->folder.name : NULL);
	add(b, kind_word(at));
	add_ms(b, flow_accepted_ms(l));
	add_ms(b, flow_found_ms(l));
	buf_addf(b, "\t%u", l->tries);
	add(b, came ? mark_encoding_word(l->fate.sent) : NULL);
	add(b, came ? mark_encoding_word(l->fate.came) : NULL);
	add(b, l->mark.id);
	add(b, l->reported ? l->bounce.status : NULL);
	add(b, buf_str(&reason));
	buf_addc(b, '\n');
	buf_release(&reason);
}

static void
add_hop(struct buf *b, const struct journey *j, const struct leg *l, size_t i)
{
	const struct trace_hop *h = &l->trace.hop[i];
	int64_t delay;

	begin(b, "hop", j, l);
	buf_addf(b, "\t%zu", i + 1);
	add(b, h->by);
	add(b, h->from);
	add(b, h->with);
	add(b, h->tls);
	if (flow_hop_delay(l, i, &delay)) {
		buf_addc(b, '\t');
		date_format_utc(b, h->time);
		buf_addf(b, "\t%" PRId64, delay);
	} else {
		buf_adds(b, "\t-\t-");
	}
	buf_addc(b, '\n');
}

static void
add_way(struct buf *b, const struct journey *j, const struct leg *l)
{
	const struct trace_verdict *v;
	size_t i;

	for (i = 0; i < l->trace.hops; i++)
		add_hop(b, j, l, i);
	for (i = 0; i < l->trace.verdicts; i++) {
		v = &l->trace.verdict[i];
		begin(b, "verdict", j, l);
		add(b, v->method);
		add(b, v->result);
		add(b, v->server);
		add(b, v->about);
		buf_addc(b, '\n');
	}
	if (l->trace.return_path != NULL) {
		begin(b, "path", j, l);
		buf_addc(b, '\t');
		text_percent(b, l->trace.return_path,
		    strlen(l->trace.return_path));
		buf_addc(b, '\n');
	}
	for (i = 0; i < l->fate.changed.n; i++) {
		begin(b, "changed", j, l);
		add(b, l->fate.changed.v[i]);
		buf_addc(b, '\n');
	}
}

void
flow_tsv(const struct journey *v, size_t n, struct buf *b)
{
	size_t i, k, legs = 0, arrived = 0;
	const struct leg *l;

	buf_adds(b, "#mailproof 1 flow\n");
	for (i = 0; i < n; i++)
		for (k = 0; k < v[i].legs; k++) {
			l = &v[i].leg[k];
			add_leg(b, &v[i], l);
			if (l->handing.tls != NULL) {
				begin(b, "tls", &v[i], l);
				add(b, l->handing.tls);
				buf_addc(b, '\n');
			}
			add_way(b, &v[i], l);
			if (l->finds > 0) {
				begin(b, "cleaned", &v[i], l);
				buf_addf(b, "\t%zu", l->removed);
				add(b, l->left);
				buf_addc(b, '\n');
			}
			legs++;
			arrived += l->state == LEG_ARRIVED;
		}
	buf_addf(b, "total\t%zu\t%zu\n", legs, arrived);
}
