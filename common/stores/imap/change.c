/* Flags set and messages removed: STORE and UID EXPUNGE, with commands under
 * way while others are answered, each for many messages that need the same. */
#include <stdlib.h>
#include <string.h>

#include "stores/imap/answer.h"
#include "stores/imap/ops.h"
#include "stores/imap/outgoing.h"
#include "stores/imap/uidset.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	WINDOW = 16,         /* commands under way */
	PART_MESSAGES = 500, /* of one command: a line that any server takes */
};

enum step {
	STEP_FLAGS,   /* STORE of what the messages shall have */
	STEP_MARK,    /* STORE of \Deleted, */
	STEP_EXPUNGE, /* then UID EXPUNGE of the same */
};

/* Messages v[first] to v[first + n - 1], alike in what they need. */
struct part {
	size_t first;
	size_t n;
	enum step step;
	int tag;
};

struct change {
	struct imap_store *is;
	const struct msg **v;
	size_t n;
	size_t next; /* the first that no part holds */
	store_change_fn *fn;
	void *arg;
	bool removal;
	struct part *todo; /* a stack: to be sent before the next of v */
	size_t todos;
	size_t cap;
	struct part sent[WINDOW];
	size_t out;
};

static int
by_need(const void *a, const void *b)
{
	const struct msg *l = *(const struct msg *const *)a;
	const struct msg *r = *(const struct msg *const *)b;
	int words;

	if (l->flags != r->flags)
		return (l->flags > r->flags) - (l->flags < r->flags);
	words = strcmp(l->keywords, r->keywords);
	return words != 0 ? words : (l->uid > r->uid) - (l->uid < r->uid);
}

static int
by_uid(const void *a, const void *b)
{
	const struct msg *l = *(const struct msg *const *)a;
	const struct msg *r = *(const struct msg *const *)b;

	return (l->uid > r->uid) - (l->uid < r->uid);
}

static bool
is_alike(const struct change *c, const struct msg *a, const struct msg *b)
{
	return c->removal ||
	    (a->flags == b->flags && strcmp(a->keywords, b->keywords) == 0);
}

static void
push(struct change *c, size_t first, size_t n, enum step step)
{
	c->todo = xgrow(c->todo, c->todos, &c->cap, sizeof(*c->todo));
	c->todo[c->todos++] = (struct part){ first, n, step, 0 };
}

/* False: all was sent. */
static bool
next_part(struct change *c, struct part *p)
{
	if (c->todos > 0) {
		*p = c->todo[--c->todos];
		return true;
	}
	if (c->next == c->n)
		return false;
	*p =
	    (struct part){ c->next, 1, c->removal ? STEP_MARK : STEP_FLAGS, 0 };
	while (p->n < PART_MESSAGES && p->first + p->n < c->n &&
	    is_alike(c, c->v[p->first], c->v[p->first + p->n]))
		p->n++;
	c->next += p->n;
	return true;
}

/* Appends the flags that the folder keeps; what it does not, to left. */
static void
describe(const struct change *c, const struct msg *m, struct buf *b,
    struct buf *left)
{
	struct append_item item = { .msg = m };

	outgoing_flags(b, &item, &c->is->state, OUTGOING_ALL);
	if (item.repaired)
		buf_adds(left, item.reason);
}

static void
format(const struct change *c, const struct part *p, struct buf *cmd)
{
	struct uidset set = UIDSET_INIT;
	struct buf unused = BUF_INIT;
	size_t i;

	for (i = 0; i < p->n; i++)
		(void)uidset_add(&set, c->v[p->first + i]->uid);
	buf_adds(cmd, p->step == STEP_EXPUNGE ? "UID EXPUNGE " : "UID STORE ");
	uidset_format(&set, cmd);
	if (p->step == STEP_MARK) {
		buf_adds(cmd, " +FLAGS.SILENT (\\Deleted)");
	} else if (p->step == STEP_FLAGS) {
		buf_adds(cmd, " FLAGS.SILENT (");
		describe(c, c->v[p->first], cmd, &unused);
		buf_addc(cmd, ')');
	}
	buf_release(&unused);
	uidset_release(&set);
}

static enum rc
send_part(struct change *c, struct part *p, struct fault *f)
{
	struct buf cmd = BUF_INIT;
	enum rc rc;

	format(c, p, &cmd);
	rc = session_send(&c->is->s, &cmd, &p->tag, f);
	buf_release(&cmd);
	if (rc == RC_OK)
		c->sent[c->out++] = *p;
	return rc;
}

static enum rc
settle(const struct change *c, const struct part *p, enum change_fate fate,
    const char *reason, struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < p->n; i++)
		rc = c->fn(c->arg, c->v[p->first + i], fate, reason, f);
	return rc;
}

static enum rc
accept(struct change *c, const struct part *p, struct fault *f)
{
	struct buf unused = BUF_INIT, left = BUF_INIT;
	enum rc rc;

	if (p->step == STEP_MARK) {
		push(c, p->first, p->n, STEP_EXPUNGE);
		return RC_OK;
	}
	if (p->step == STEP_FLAGS)
		describe(c, c->v[p->first], &unused, &left);
	rc = settle(c, p, CHANGE_DONE, left.len > 0 ? buf_str(&left) : NULL, f);
	buf_release(&unused);
	buf_release(&left);
	return rc;
}

/* One by one, where it is about a message and we cannot tell which. */
static enum rc
refused(struct change *c, const struct part *p, const struct imap_reply *reply,
    struct fault *f)
{
	const char *what = c->removal ? "cannot remove" : "cannot set flags";
	const size_t half = p->n / 2;
	struct fault why = FAULT_INIT;
	enum rc rc;

	if (!imap_is_particular(&c->is->s, reply, what, &rc, &why) &&
	    rc == RC_STORE) {
		*f = why;
		return rc;
	}
	if (p->n == 1)
		return settle(c, p, CHANGE_REFUSED, reply->text, f);
	push(c, p->first + half, p->n - half, p->step);
	push(c, p->first, half, p->step);
	return RC_OK;
}

static enum rc
read_answer(struct change *c, struct fault *f)
{
	struct imap_reply reply;
	struct part p;
	size_t i = 0;
	enum rc rc;
	int tag;

	rc = session_read_any(&c->is->s, NULL, NULL, &tag, &reply, f);
	if (rc != RC_OK)
		return rc;
	while (i < c->out && c->sent[i].tag != tag)
		i++;
	if (i == c->out)
		return answer_broken(&c->is->s, f,
		    "the server answers what was not asked");
	p = c->sent[i];
	c->out--;
	memmove(&c->sent[i], &c->sent[i + 1], (c->out - i) * sizeof(p));
	if (reply.status == IMAP_OK)
		return accept(c, &p, f);
	return refused(c, &p, &reply, f);
}

/* What is under way when the caller ends it is answered all the same, so
 * that the next command's answer comes first. */
static void
drain(struct change *c)
{
	struct fault unused = FAULT_INIT;
	struct imap_reply reply;
	int tag;

	for (; c->out > 0; c->out--)
		if (session_read_any(&c->is->s, NULL, NULL, &tag, &reply,
			&unused) != RC_OK)
			break;
}

static enum rc
run(struct change *c, struct fault *f)
{
	const size_t window = ahead_is_single(&c->is->s) ? 1 : WINDOW;
	struct part p;
	enum rc rc = RC_OK;

	while (rc == RC_OK) {
		rc = interrupt_check(f);
		if (rc == RC_OK && c->out < window && next_part(c, &p))
			rc = send_part(c, &p, f);
		else if (rc == RC_OK && c->out > 0)
			rc = read_answer(c, f);
		else
			break;
	}
	if (rc != RC_OK)
		drain(c);
	return rc;
}

static enum rc
change(struct change *c, const struct msg *m, size_t n, struct fault *f)
{
	const struct folder *selected = &c->is->s.selected;
	enum rc rc;
	size_t i;

	if (selected->wire == NULL || c->is->s.mode != STORE_APPEND)
		return fault_set(f, RC_STORE, CAUSE_BUG,
		    "no folder is selected to be changed");
	c->v = xcalloc(n + 1, sizeof(*c->v));
	c->n = n;
	for (i = 0; i < n; i++)
		c->v[i] = &m[i];
	qsort(c->v, n, sizeof(*c->v), c->removal ? by_uid : by_need);
	rc = run(c, f);
	if (rc != RC_OK && selected->name != NULL)
		rc = fault_wrap(f, rc, "%s", selected->name);
	free(c->v);
	free(c->todo);
	return rc;
}

enum rc
imap_set_flags(struct store *st, const struct msg *m, size_t n,
    store_change_fn *fn, void *arg, struct fault *f)
{
	struct change c = { .is = (struct imap_store *)st,
		.fn = fn,
		.arg = arg };

	return change(&c, m, n, f);
}

/* Without UIDPLUS there is only EXPUNGE, which takes whatever anybody has
 * marked (RFC 4315 section 2.1). */
enum rc
imap_remove(struct store *st, const struct msg *m, size_t n,
    store_change_fn *fn, void *arg, struct fault *f)
{
	struct change c = { .is = (struct imap_store *)st,
		.fn = fn,
		.arg = arg,
		.removal = true };

	if (!c.is->s.caps.uidplus)
		return fault_set(f, RC_FOLDER, CAUSE_REFUSED,
		    "the server has no UIDPLUS: nothing can be removed without "
		    "what others marked as deleted");
	if ((c.is->state.permanent_flags & FLAG_DELETED) == 0)
		return fault_set(f, RC_FOLDER, CAUSE_REFUSED,
		    "the server does not let \\Deleted be set here");
	return change(&c, m, n, f);
}
