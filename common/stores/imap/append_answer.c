/* What the server says to an APPEND, and what is to be done about it. */
#include <stdio.h>
#include <string.h>

#include "stores/imap/ops.h"
#include "stores/imap/outgoing.h"
#include "stores/imap/pipeline.h"
#include "stores/imap/uidset.h"
#include "util/mem.h"

bool
append_is_todo(const struct append_order *order, size_t i)
{
	return i < order->n && order->item[i].fate == APPEND_TODO;
}

static void
settle(struct pipeline *p, struct append_order *order, struct append_item *item,
    enum append_fate fate)
{
	struct fault f = FAULT_INIT;
	enum rc rc;

	item->fate = fate;
	if (p->silent)
		return;
	rc = order->fn(order->arg, item, &f);
	if (rc == RC_OK)
		return;
	p->silent = true;
	pipeline_halt(p, rc, &f);
}

void
append_refuse(struct pipeline *p, struct append_order *order, size_t i,
    const char *reason)
{
	struct append_item *item = &order->item[i];

	item->repaired = false;
	(void)snprintf(item->reason, sizeof(item->reason), "%.*s",
	    APPEND_REASON_MAX - 1, reason);
	settle(p, order, item, APPEND_REFUSED);
}

static void
push(struct pipeline *p, const struct outgoing *o)
{
	p->redo = xgrow(p->redo, p->redo_n, &p->redo_cap, sizeof(p->redo[0]));
	p->redo[p->redo_n++] = *o;
}

static void
push_part(struct pipeline *p, const struct outgoing *of, size_t first,
    size_t count)
{
	struct outgoing part = *of;
	size_t i;

	part.again = true;
	part.first = first;
	part.count = count;
	part.bytes = 0;
	for (i = first; i < first + count; i++)
		part.bytes += of->order->item[i].body->digest.wire_size;
	push(p, &part);
}

/* Halves, until the one that is refused is alone. */
static void
bisect(struct pipeline *p, const struct outgoing *o)
{
	const size_t half = o->count / 2;

	push_part(p, o, o->first + half, o->count - half);
	push_part(p, o, o->first, half);
}

static void
accept(struct imap_store *is, const struct outgoing *o,
    const struct imap_reply *reply)
{
	uint32_t uid[APPEND_BATCH] = { 0 }, uidvalidity = 0;
	struct append_item *item = &o->order->item[o->first];
	size_t i;
	bool told = uidset_appended(reply->text, &uidvalidity, uid, o->count) &&
	    uidvalidity == o->order->state->uidvalidity;

	for (i = 0; i < o->count; i++) {
		item[i].uid = told ? uid[i] : 0;
		settle(is->pipeline, o->order, &item[i], APPEND_DONE);
	}
	if (is->careful > 0)
		is->careful--;
}

/* The folder takes no more, neither these nor the rest of the order. */
static void
fail_order(struct pipeline *p, const struct outgoing *o, const char *why)
{
	struct append_order *order = o->order;
	size_t i;

	(void)snprintf(order->why, sizeof(order->why), "%.*s",
	    APPEND_REASON_MAX - 1, why);
	for (i = 0; i < o->count; i++)
		append_refuse(p, order, o->first + i, order->why);
	for (; order->next < order->n; order->next++)
		if (append_is_todo(order, order->next))
			append_refuse(p, order, order->next, order->why);
}

/*
 * The quota is full: of the batch in which that showed goes in what fits,
 * found in halves, one command at a time.  What was sent behind it waits
 * for the end of that, which is a message that does not fit.
 */
static void
fill_up(struct pipeline *p, const struct outgoing *o, enum rc rc,
    const struct fault *f)
{
	struct outgoing last;

	if (p->full && !o->again) {
		push_part(p, o, o->first, o->count);
		last = p->redo[p->redo_n - 1];
		memmove(&p->redo[1], &p->redo[0],
		    (p->redo_n - 1) * sizeof(p->redo[0]));
		p->redo[0] = last;
		return;
	}
	if (o->count == 1) {
		pipeline_halt(p, rc, f);
		return;
	}
	p->full = true;
	bisect(p, o);
}

/* A NO that is about the folder or the account, not about a message. */
static bool
is_general(struct imap_store *is, const struct outgoing *o,
    const struct imap_reply *reply)
{
	struct fault f = FAULT_INIT;
	enum rc rc;

	if (imap_is_particular(&is->s, reply, "append", &rc, &f))
		return false;
	rc = fault_wrap(&f, rc, "%s", o->order->folder->name);
	if (rc != RC_STORE)
		fail_order(is->pipeline, o, f.text);
	else if (f.cause == CAUSE_CANTCREATE)
		fill_up(is->pipeline, o, rc, &f);
	else
		pipeline_halt(is->pipeline, rc, &f);
	return true;
}

/* One message that the server did not take: once more without what it may
 * have minded, else refused. */
static void
reconsider(struct imap_store *is, const struct outgoing *o,
    const struct imap_reply *reply)
{
	const struct append_item *item = &o->order->item[o->first];
	struct outgoing again = *o;
	/* Some servers count errors and close. */
	bool try = strcmp(reply->code, "TOOBIG") != 0 &&
	    (reply->status != IMAP_BAD || is->careful == 0);

	again.again = true;
	while (try && again.drop < OUTGOING_NO_FLAGS) {
		again.drop++;
		if (!outgoing_would_drop(item, o->order->state, again.drop))
			continue;
		push(is->pipeline, &again);
		return;
	}
	append_refuse(is->pipeline, o->order, o->first, reply->text);
}

void
append_answered(struct imap_store *is, struct outgoing *o,
    const struct imap_reply *reply)
{
	if (reply->status == IMAP_OK)
		accept(is, o, reply);
	else if (is_general(is, o, reply))
		return;
	else if (o->count > 1)
		bisect(is->pipeline, o);
	else
		reconsider(is, o, reply);
}
