/* A leg as its process tells it.  Reading and writing are one function, so
 * that both do the same; a process that went mad is not believed. */
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "util/mem.h"

int64_t
wire_number(struct wire *w, int64_t n)
{
	if (w->out != NULL) {
		buf_add(w->out, &n, sizeof(n));
		return n;
	}
	if (w->bad || w->n < sizeof(n)) {
		w->bad = true;
		return 0;
	}
	memcpy(&n, w->p, sizeof(n));
	w->p += sizeof(n);
	w->n -= sizeof(n);
	return n;
}

unsigned
wire_choice(struct wire *w, unsigned n, unsigned most)
{
	const int64_t got = wire_number(w, n);

	if (got < 0 || got > most) {
		w->bad = true;
		return 0;
	}
	return (unsigned)got;
}

/* "" where it is cut, for those that are never NULL. */
void
wire_text(struct wire *w, char **s)
{
	int64_t n = *s != NULL ? (int64_t)strlen(*s) : -1;

	n = wire_number(w, n);
	if (w->out != NULL) {
		if (n > 0)
			buf_add(w->out, *s, (size_t)n);
		return;
	}
	free(*s);
	*s = NULL;
	if (w->bad || n < -1 || n > (int64_t)w->n) {
		w->bad = true;
		*s = xstrdup("");
	} else if (n >= 0) {
		*s = xstrndup((const char *)w->p, (size_t)n);
		w->p += n;
		w->n -= (size_t)n;
	}
}

static bool
flag(struct wire *w, bool b)
{
	return wire_choice(w, b, 1) != 0;
}

static void
bounce(struct wire *w, struct bounce *b)
{
	b->action =
	    (enum bounce_action)wire_choice(w, b->action, BOUNCE_DELIVERED);
	wire_text(w, &b->status);
	wire_text(w, &b->recipient);
	wire_text(w, &b->server);
	wire_text(w, &b->diagnostic);
}

static void
hop(struct wire *w, struct trace_hop *h)
{
	wire_text(w, &h->from);
	wire_text(w, &h->by);
	wire_text(w, &h->with);
	wire_text(w, &h->tls);
	h->timed = flag(w, h->timed);
	h->time = wire_number(w, h->time);
}

static void
verdict(struct wire *w, struct trace_verdict *v)
{
	wire_text(w, &v->server);
	wire_text(w, &v->method);
	wire_text(w, &v->result);
	wire_text(w, &v->about);
}

static void
trace(struct wire *w, struct trace *t)
{
	size_t i, hops, verdicts;

	hops = wire_choice(w, (unsigned)t->hops, TRACE_HOPS_MAX);
	verdicts = wire_choice(w, (unsigned)t->verdicts, TRACE_VERDICTS_MAX);
	if (w->out == NULL) {
		trace_release(t);
		memset(t, 0, sizeof(*t));
		t->hop = xcalloc(hops + 1, sizeof(*t->hop));
		t->verdict = xcalloc(verdicts + 1, sizeof(*t->verdict));
		t->hops = hops;
		t->verdicts = verdicts;
	}
	for (i = 0; i < hops; i++)
		hop(w, &t->hop[i]);
	for (i = 0; i < verdicts; i++)
		verdict(w, &t->verdict[i]);
	wire_text(w, &t->return_path);
}

static void
fate(struct wire *w, struct mark_fate *m)
{
	int64_t i, n = wire_number(w, (int64_t)m->changed.n);
	char *text;

	m->sent = (enum mark_encoding)wire_choice(w, m->sent, MARK_OTHER);
	m->came = (enum mark_encoding)wire_choice(w, m->came, MARK_OTHER);
	m->same = flag(w, m->same);
	for (i = 0; w->out != NULL && i < n; i++)
		wire_text(w, &m->changed.v[i]);
	if (w->out != NULL)
		return;
	strs_release(&m->changed);
	for (i = 0; !w->bad && i < n; i++) {
		text = NULL;
		wire_text(w, &text);
		strs_take(&m->changed, text != NULL ? text : xstrdup(""));
	}
}

/* The folder of a mailbox, by its name. */
static const struct place *
place(struct wire *w, const struct place *p, struct mailbox *box)
{
	char *name = p != NULL ? p->folder.name : NULL;
	enum place_kind kind = p != NULL ? p->kind : PLACE_INBOX;

	kind = (enum place_kind)wire_choice(w, kind, PLACE_OTHER);
	if (w->out != NULL) {
		wire_text(w, &name);
		return p;
	}
	name = NULL;
	wire_text(w, &name);
	p = name != NULL ? mailbox_place(box, kind, name) : NULL;
	free(name);
	return p;
}

/* Where it came to instead. */
static void
astray(struct wire *w, struct journey *j, struct leg *l)
{
	unsigned i = 0;

	while (l->astray_at != NULL && i + 1 < STATIONS &&
	    j->station[i].at.text != l->astray_at)
		i++;
	i = wire_choice(w, i, STATIONS - 1);
	l->astray = place(w, l->astray, &j->station[i].box);
	if (w->out == NULL)
		l->astray_at = l->astray != NULL ? j->station[i].at.text : NULL;
}

void
wire_leg(struct wire *w, struct journey *j, struct leg *l)
{
	l->state = (enum leg_state)wire_choice(w, l->state, LEG_IDLE);
	l->tries = wire_choice(w, l->tries, UINT32_MAX);
	l->began_ms = wire_number(w, l->began_ms);
	l->accepted_ms = wire_number(w, l->accepted_ms);
	l->found_ms = wire_number(w, l->found_ms);
	l->handing.what =
	    (enum handed)wire_choice(w, l->handing.what, HANDED_BACK);
	l->handing.eight = flag(w, l->handing.eight);
	wire_text(w, &l->handing.reply);
	wire_text(w, &l->handing.tls);
	wire_text(w, &l->first_reply);
	l->cause = (enum cause)wire_choice(w, l->cause, CAUSE_CONFIG);
	wire_text(w, &l->reason);
	l->place = place(w, l->place, l->box);
	l->late = flag(w, l->late);
	/* state and place go together */
	if (l->state == LEG_ARRIVED && l->place == NULL)
		w->bad = true;
	astray(w, j, l);
	/* how many: where they lie is of no use here */
	l->finds = (size_t)wire_number(w, (int64_t)l->finds);
	l->signs = wire_choice(w, l->signs, MARK_BY_FIELD | MARK_BY_ID);
	fate(w, &l->fate);
	trace(w, &l->trace);
	l->reported = flag(w, l->reported);
	if (l->reported)
		bounce(w, &l->bounce);
	l->removed = (size_t)wire_number(w, (int64_t)l->removed);
	wire_text(w, &l->left);
}
