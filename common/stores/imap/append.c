#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stores/imap/ahead.h"
#include "stores/imap/ops.h"
#include "stores/imap/outgoing.h"
#include "stores/imap/pipeline.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "util/pace.h"

/*
 * Appends in the order given, over folders, with commands under way while
 * others are answered (pipeline.h).  Only what is refused and tried again
 * comes behind its turn.
 */
enum {
	BATCH_COUNT = APPEND_BATCH,
	BATCH_BYTES = 4 << 20,
	BATCHES_AHEAD = 8,
};

/* What the server has said that it will not take, and what no APPEND can
 * carry: not sent at all. */
static void
refuse_unsendable(struct imap_store *is, struct append_order *order)
{
	uint64_t limit = is->s.caps.append_limit, size;
	char why[APPEND_REASON_MAX];
	size_t i;

	if (limit == 0 || limit > UINT32_MAX)
		limit = UINT32_MAX;
	for (i = 0; i < order->n; i++) {
		size = order->item[i].body->digest.wire_size;
		if (size == 0) {
			/* RFC 3502 section 3: a literal of 0 cancels. */
			append_refuse(is->pipeline, order, i,
			    "an empty message, which IMAP cannot append");
		} else if (size > limit) {
			(void)snprintf(why, sizeof(why),
			    "%llu octets, and the server takes %llu at most",
			    (unsigned long long)size,
			    (unsigned long long)limit);
			append_refuse(is->pipeline, order, i, why);
		}
	}
}

static bool
is_one_by_one(const struct imap_store *is)
{
	return is->careful > 0 || !is->s.caps.multiappend;
}

/* What was to be tried again before its folder failed. */
static void
drop_failed(struct pipeline *p)
{
	struct outgoing o;
	size_t i;

	while (p->redo_n > 0 && p->redo[p->redo_n - 1].order->why[0] != '\0') {
		o = p->redo[--p->redo_n];
		for (i = 0; i < o.count; i++)
			append_refuse(p, o.order, o.first + i, o.order->why);
	}
}

/* The next command, from order (NULL: none) when nothing is to be tried
 * again; false when there is nothing left to send. */
static bool
peek(struct imap_store *is, struct append_order *order, struct outgoing *o)
{
	size_t max = is_one_by_one(is) ?
	    1 :
	    pace_batch(is->s.config.at.pace, BATCH_COUNT);
	struct pipeline *p = is->pipeline;
	uint64_t size;

	drop_failed(p);
	if (p->rc != RC_OK)
		return false;
	if (p->redo_n > 0) {
		*o = p->redo[p->redo_n - 1];
		return true;
	}
	p->full = false;
	if (order == NULL)
		return false;
	while (order->next < order->n && !append_is_todo(order, order->next))
		order->next++;
	*o = (struct outgoing){ .order = order, .first = order->next };
	while (o->count < max && append_is_todo(order, o->first + o->count)) {
		size = order->item[o->first + o->count].body->digest.wire_size;
		if (o->count > 0 && o->bytes + size > BATCH_BYTES)
			break;
		o->bytes += size;
		o->count++;
	}
	return o->count > 0;
}

/* Padding may make a message twice as long, but no longer. */
static bool
needs_waiting(const struct imap_store *is, const struct outgoing *o)
{
	const struct append_item *item = &o->order->item[o->first];
	size_t i;

	for (i = 0; i < o->count; i++)
		if (outgoing_waits(&is->s.caps,
			2 * item[i].body->digest.wire_size))
			return true;
	return false;
}

/* May it be sent before the others are answered? */
static bool
has_room(const struct imap_store *is, const struct outgoing *o)
{
	const struct pipeline *p = is->pipeline;

	if (p->n == 0)
		return true;
	if (is->careful > 0 || p->full || needs_waiting(is, o) ||
	    ahead_is_single(&is->s))
		return false;
	return p->n <
	    (is->s.caps.multiappend ? BATCHES_AHEAD : PIPELINE_COMMANDS) &&
	    p->octets + o->bytes <= PIPELINE_OCTETS;
}

/* Sends what peek showed. */
static enum rc
send_next(struct imap_store *is, struct outgoing *o, struct fault *f)
{
	struct pipeline *p = is->pipeline;
	struct imap_reply reply;
	struct under_way *u;
	bool ended;
	enum rc rc;

	rc = pace_messages(is->s.config.at.pace, o->count, f);
	if (rc != RC_OK)
		return rc;
	if (p->redo_n > 0)
		p->redo_n--;
	else
		o->order->next = o->first + o->count;
	/* From here on the server may have them. */
	u = pipeline_add(p);
	u->append = *o;
	p->octets += o->bytes;
	rc = outgoing_send(&u->append, &is->s, &ended, &reply, f);
	u->tag = u->append.tag;
	if (rc != RC_OK || !ended)
		return rc;
	/* It had to wait for the server: nothing else is under way. */
	(void)pipeline_take(p, 0);
	append_answered(is, o, &reply);
	return RC_OK;
}

/* Sends all of order, and with drain waits for all answers. */
static enum rc
run(struct imap_store *is, struct append_order *order, bool drain,
    struct fault *f)
{
	struct pipeline *p = is->pipeline;
	struct outgoing o;
	enum rc rc = RC_OK;
	bool more;

	while (rc == RC_OK) {
		if (interrupt_check(f) != RC_OK)
			pipeline_halt(p, RC_STORE, f);
		more = peek(is, order, &o);
		if (more && has_room(is, &o))
			rc = send_next(is, &o, f);
		else if (p->n > 0 && (more || drain || p->rc != RC_OK))
			rc = pipeline_read(is, f);
		else
			break;
	}
	return rc;
}

static enum rc
run_to_end(struct imap_store *is, struct append_order *order, bool drain,
    struct fault *f)
{
	struct pipeline *p = is->pipeline;
	enum rc rc;

	rc = run(is, order, drain, f);
	if (rc != RC_OK && order != NULL)
		rc = fault_wrap(f, rc, "%s", order->folder->name);
	if (p->rc != RC_OK) {
		rc = RC_STORE;
		*f = p->fault;
	}
	if (rc != RC_OK)
		pipeline_drop(is);
	return rc;
}

enum rc
imap_append(struct store *st, struct append_order *order, struct fault *f)
{
	struct imap_store *is = (struct imap_store *)st;
	size_t i;

	for (i = 0; i < order->n; i++) {
		order->item[i].fate = APPEND_TODO;
		order->item[i].uid = 0;
		order->item[i].repaired = false;
		order->item[i].reason[0] = '\0';
	}
	order->next = 0;
	order->why[0] = '\0';
	refuse_unsendable(is, order);
	return run_to_end(is, order, false, f);
}

enum rc
imap_await(struct store *st, struct fault *f)
{
	return run_to_end((struct imap_store *)st, NULL, true, f);
}
