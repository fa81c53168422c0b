#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stores/imap/ops.h"
#include "stores/imap/outgoing.h"
#include "stores/imap/uidset.h"
#include "util/interrupt.h"
#include "util/mem.h"

/*
 * Appends in the order given, with commands under way while others are
 * answered: what keeps a server busy whatever the line's delay.  Answers are
 * short and few enough to fit the sockets' buffers, so that a server never
 * waits for us to read while we wait for it to.  Only what is refused and
 * tried again comes behind its turn.
 */
enum {
	BATCH_COUNT = 100, /* messages of a MULTIAPPEND */
	BATCH_BYTES = 4 << 20,
	BATCHES_AHEAD = 2,
	SINGLES_AHEAD = 64,
	SINGLES_BYTES = 4 << 20, /* of all that are under way */
	CAREFUL_COUNT = 100,     /* one by one after a lost line */
};

struct appending {
	struct imap_store *is;
	struct append_item *items;
	size_t n;
	store_append_fn *fn;
	void *arg;
	size_t next;           /* the first never sent */
	struct outgoing *redo; /* a stack, the next on top */
	size_t redo_n;
	size_t redo_cap;
	struct outgoing sent[SINGLES_AHEAD]; /* not answered, oldest first */
	size_t sent_n;
	uint64_t sent_bytes;
	/* The first failure after which nothing more is sent. */
	enum rc rc;
	struct fault fault;
	bool silent; /* it was the caller's own */
};

static void
halt(struct appending *ap, enum rc rc, const struct fault *f)
{
	if (ap->rc != RC_OK)
		return;
	ap->rc = rc;
	ap->fault = *f;
}

static void
settle(struct appending *ap, struct append_item *item, enum append_fate fate)
{
	struct fault f = FAULT_INIT;
	enum rc rc;

	item->fate = fate;
	if (ap->silent)
		return;
	rc = ap->fn(ap->arg, item, &f);
	if (rc == RC_OK)
		return;
	ap->silent = true;
	halt(ap, rc, &f);
}

static void
refuse(struct appending *ap, struct append_item *item, const char *reason)
{
	item->repaired = false;
	(void)snprintf(item->reason, sizeof(item->reason), "%.*s",
	    APPEND_REASON_MAX - 1, reason);
	settle(ap, item, APPEND_REFUSED);
}

/* What the server has said that it will not take, and what no APPEND can
 * carry: not sent at all. */
static void
refuse_unsendable(struct appending *ap)
{
	uint64_t limit = ap->is->s.caps.append_limit, size;
	char why[APPEND_REASON_MAX];
	size_t i;

	if (limit == 0 || limit > UINT32_MAX)
		limit = UINT32_MAX;
	for (i = 0; i < ap->n; i++) {
		size = ap->items[i].body->digest.wire_size;
		if (size == 0) {
			/* RFC 3502 section 3: a literal of 0 cancels. */
			refuse(ap, &ap->items[i],
			    "an empty message, which IMAP cannot append");
		} else if (size > limit) {
			(void)snprintf(why, sizeof(why),
			    "%llu octets, and the server takes %llu at most",
			    (unsigned long long)size,
			    (unsigned long long)limit);
			refuse(ap, &ap->items[i], why);
		}
	}
}

static void
push(struct appending *ap, const struct outgoing *o)
{
	ap->redo =
	    xgrow(ap->redo, ap->redo_n, &ap->redo_cap, sizeof(ap->redo[0]));
	ap->redo[ap->redo_n++] = *o;
}

static uint64_t
bytes_of(const struct appending *ap, size_t first, size_t count)
{
	uint64_t bytes = 0;

	while (count-- > 0)
		bytes += ap->items[first++].body->digest.wire_size;
	return bytes;
}

/* Halves, until the one that is refused is alone. */
static void
bisect(struct appending *ap, const struct outgoing *o)
{
	struct outgoing half = *o;

	half.first = o->first + o->count / 2;
	half.count = o->count - o->count / 2;
	half.bytes = bytes_of(ap, half.first, half.count);
	push(ap, &half);
	half.first = o->first;
	half.count = o->count / 2;
	half.bytes = bytes_of(ap, half.first, half.count);
	push(ap, &half);
}

static bool
is_todo(const struct appending *ap, size_t i)
{
	return i < ap->n && ap->items[i].fate == APPEND_TODO;
}

static bool
is_one_by_one(const struct appending *ap)
{
	return ap->is->careful > 0 || !ap->is->s.caps.multiappend;
}

/* The next command; false when there is nothing left to send. */
static bool
peek(struct appending *ap, struct outgoing *o)
{
	size_t max = is_one_by_one(ap) ?
	    1 :
	    pace_batch(ap->is->s.config.pace, BATCH_COUNT);
	uint64_t size;

	if (ap->rc != RC_OK)
		return false;
	if (ap->redo_n > 0) {
		*o = ap->redo[ap->redo_n - 1];
		return true;
	}
	while (ap->next < ap->n && !is_todo(ap, ap->next))
		ap->next++;
	*o = (struct outgoing){ .first = ap->next };
	while (o->count < max && is_todo(ap, o->first + o->count)) {
		size = ap->items[o->first + o->count].body->digest.wire_size;
		if (o->count > 0 && o->bytes + size > BATCH_BYTES)
			break;
		o->bytes += size;
		o->count++;
	}
	return o->count > 0;
}

/* Padding may make a message twice as long, but no longer. */
static bool
needs_waiting(const struct appending *ap, const struct outgoing *o)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		if (outgoing_waits(&ap->is->s.caps,
			2 * ap->items[o->first + i].body->digest.wire_size))
			return true;
	return false;
}

/* May it be sent before the others are answered? */
static bool
has_room(const struct appending *ap, const struct outgoing *o)
{
	if (ap->sent_n == 0)
		return true;
	if (ap->is->careful > 0 || needs_waiting(ap, o))
		return false;
	if (!is_one_by_one(ap))
		return ap->sent_n < BATCHES_AHEAD;
	return ap->sent_n < SINGLES_AHEAD &&
	    ap->sent_bytes + o->bytes <= SINGLES_BYTES;
}

static void
accept(struct appending *ap, const struct outgoing *o,
    const struct imap_reply *reply)
{
	uint32_t uid[BATCH_COUNT] = { 0 }, uidvalidity = 0;
	size_t i;
	bool told = uidset_appended(reply->text, &uidvalidity, uid, o->count) &&
	    uidvalidity == ap->is->state.uidvalidity;

	for (i = 0; i < o->count; i++) {
		ap->items[o->first + i].uid = told ? uid[i] : 0;
		settle(ap, &ap->items[o->first + i], APPEND_DONE);
	}
	if (ap->is->careful > 0)
		ap->is->careful--;
}

/* A NO that is about the folder or the account, not about a message. */
static bool
is_general(struct appending *ap, const struct imap_reply *reply)
{
	struct fault f = FAULT_INIT;
	enum rc rc;

	if (imap_is_particular(&ap->is->s, reply, "append", &rc, &f))
		return false;
	halt(ap, rc, &f);
	return true;
}

/* One message that the server did not take: once more without what it may
 * have minded, else refused. */
static void
reconsider(struct appending *ap, const struct outgoing *o,
    const struct imap_reply *reply)
{
	struct append_item *item = &ap->items[o->first];
	struct outgoing again = *o;
	/* Some servers count errors and close. */
	bool try = strcmp(reply->code, "TOOBIG") != 0 &&
	    (reply->status != IMAP_BAD || ap->is->careful == 0);

	while (try && again.drop < OUTGOING_NO_FLAGS) {
		again.drop++;
		if (!outgoing_would_drop(item, &ap->is->state, again.drop))
			continue;
		push(ap, &again);
		return;
	}
	refuse(ap, item, reply->text);
}

static void
take_reply(struct appending *ap, const struct outgoing *o,
    const struct imap_reply *reply)
{
	if (reply->status == IMAP_OK)
		accept(ap, o, reply);
	else if (is_general(ap, reply))
		return;
	else if (o->count > 1)
		bisect(ap, o);
	else
		reconsider(ap, o, reply);
}

static enum rc
take_answer(struct appending *ap, struct fault *f)
{
	struct outgoing o = ap->sent[0];
	struct imap_reply reply;
	enum rc rc;

	rc = session_read(&ap->is->s, o.tag, NULL, NULL, &reply, f);
	if (rc != RC_OK)
		return rc;
	ap->sent_n--;
	ap->sent_bytes -= o.bytes;
	memmove(&ap->sent[0], &ap->sent[1], ap->sent_n * sizeof(ap->sent[0]));
	take_reply(ap, &o, &reply);
	return RC_OK;
}

/* Sends what peek showed. */
static enum rc
send_next(struct appending *ap, struct outgoing *o, struct fault *f)
{
	struct imap_reply reply;
	bool ended;
	enum rc rc;

	rc = pace_messages(ap->is->s.config.pace, o->count, f);
	if (rc != RC_OK)
		return rc;
	if (ap->redo_n > 0)
		ap->redo_n--;
	else
		ap->next = o->first + o->count;
	/* From here on the server may have them. */
	ap->sent[ap->sent_n++] = *o;
	ap->sent_bytes += o->bytes;
	rc = outgoing_send(&ap->sent[ap->sent_n - 1], &ap->is->s, ap->items,
	    &ap->is->state, &ended, &reply, f);
	if (rc != RC_OK || !ended)
		return rc;
	ap->sent_n--;
	ap->sent_bytes -= o->bytes;
	take_reply(ap, o, &reply);
	return RC_OK;
}

static enum rc
run(struct appending *ap, struct fault *f)
{
	struct outgoing o;
	enum rc rc = RC_OK;

	while (rc == RC_OK) {
		if (interrupt_check(f) != RC_OK)
			halt(ap, RC_STORE, f);
		if (peek(ap, &o) && has_room(ap, &o))
			rc = send_next(ap, &o, f);
		else if (ap->sent_n > 0)
			rc = take_answer(ap, f);
		else
			break;
	}
	return rc;
}

/* The line is lost: what was sent and not answered may have arrived. */
static void
doubt(struct appending *ap)
{
	size_t i, k;

	for (i = 0; i < ap->sent_n; i++)
		for (k = 0; k < ap->sent[i].count; k++)
			ap->items[ap->sent[i].first + k].fate = APPEND_DOUBT;
	ap->is->careful = CAREFUL_COUNT;
}

static void
start(struct appending *ap)
{
	size_t i;

	for (i = 0; i < ap->n; i++) {
		ap->items[i].fate = APPEND_TODO;
		ap->items[i].uid = 0;
		ap->items[i].repaired = false;
		ap->items[i].reason[0] = '\0';
	}
}

enum rc
imap_append(struct store *st, struct append_item *items, size_t n,
    store_append_fn *fn, void *arg, struct fault *f)
{
	struct appending ap = { .is = (struct imap_store *)st,
		.items = items,
		.n = n,
		.fn = fn,
		.arg = arg };
	struct mend where;
	enum rc rc;

	start(&ap);
	rc = mend_init(&where, ap.is, f);
	if (rc != RC_OK)
		return rc;
	refuse_unsendable(&ap);
	rc = run(&ap, f);
	if (rc != RC_OK)
		doubt(&ap);
	if (ap.rc != RC_OK) {
		rc = rc == RC_OK ? ap.rc : RC_STORE;
		*f = ap.fault;
	}
	if (rc != RC_OK && !ap.silent)
		rc = fault_wrap(f, rc, "%s", where.folder.name);
	free(ap.redo);
	mend_release(&where);
	return rc;
}
