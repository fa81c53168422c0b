/* Reads back what was promised, and names what is not proved. */
#include <stdlib.h>
#include <string.h>

#include "mail/harvest.h"
#include "prove.h"
#include "provepriv.h"
#include "util/buf.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/text.h"

enum { NAME_FIELDS = 10 }; /* listing.h */

static struct proof *
find_proof(const struct prove *v, const char *name)
{
	size_t i;

	for (i = v->n; i-- > 0;)
		if (strcmp(v->v[i]->name, name) == 0)
			return v->v[i];
	return NULL;
}

/* The line of a promise, cut into its fields. */
static enum rc
read_name(struct prove *v, const struct promise *p, struct buf *line,
    char **field, struct fault *f)
{
	size_t len, i;
	struct buf plain = BUF_INIT;
	enum rc rc;

	rc = spool_read(v->names, p->note, &len, sizeof(len), f);
	if (rc != RC_OK)
		return rc;
	buf_addf(line, "%*s", (int)len, "");
	rc = spool_read(v->names, p->note + sizeof(len), line->data, len, f);
	if (rc != RC_OK)
		return rc;
	line->data[len - 1] = '\0';
	if (text_fields(buf_str(line), field, NAME_FIELDS) != NAME_FIELDS)
		return fault_set(f, RC_STORE, CAUSE_BUG, "a name: %zu", len);
	for (i = 0; i < NAME_FIELDS; i++) {
		buf_clear(&plain);
		/* never longer than it was */
		if (text_unpercent(&plain, field[i], strlen(field[i])))
			memcpy(field[i], buf_str(&plain), plain.len + 1);
	}
	buf_release(&plain);
	return RC_OK;
}

static void
tell(const struct restore *r, const struct proof *to, const struct promise *p,
    char **field, const char *reason)
{
	static const char *const key[NAME_FIELDS] = { "hash", "folder",
		"uidvalidity", "uid", "date", "size", "from", "subject",
		"message_id", NULL };
	struct event *e;
	size_t i;

	report_warn(r->report,
	    "%s/%s: not proved in %s: %s (From: %s, Subject: %s, Message-ID: "
	    "%s)",
	    field[1], field[3], to->name, reason, field[6], field[7], field[8]);
	e = event_begin(r->report, "unproved");
	for (i = 0; i < NAME_FIELDS; i++)
		if (key[i] != NULL)
			event_text(e, key[i], field[i]);
	event_text(e, "target", to->name);
	event_number(e, "target_uid", p->uid);
	event_text(e, "reason", reason);
	event_send(e);
}

/* gone: the next run shall bring it again. */
static enum rc
name_it(struct restore *r, const struct proof *to, const struct promise *p,
    const char *reason, bool gone, struct fault *f)
{
	struct journal_line l = { .to_folder = to->name,
		.to_uidvalidity = to->uidvalidity,
		.to_uid = p->uid,
		.canon = p->canon };
	char *field[NAME_FIELDS];
	struct buf line = BUF_INIT;
	enum rc rc;

	r->outcome.unproved++;
	rc = read_name(r->prove, p, &line, field, f);
	if (rc == RC_OK) {
		tell(r, to, p, field, reason);
		l.folder = field[1];
		(void)num_u32(field[2], strlen(field[2]), &l.uidvalidity);
		(void)num_u32(field[3], strlen(field[3]), &l.uid);
		rc = journal_unproved(r->journal, &l, gone, f);
	}
	buf_release(&line);
	return rc;
}

static uint32_t
from(void *arg, struct harvest_folder *h)
{
	const struct restore *r = arg;
	struct proof *p = find_proof(r->prove, h->folder->name);

	h->owner = p;
	promises_begin(&p->list,
	    r->prove->numbers_anew || p->mixed ||
		h->uidvalidity != p->uidvalidity);
	progress_where(r->report, p->name);
	return promises_first(&p->list);
}

static bool
wants(void *arg, struct harvest_folder *h, const struct msg *m)
{
	const struct proof *p = h->owner;

	(void)arg;
	return promises_want(&p->list, m->uid);
}

static enum rc
begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	(void)arg;
	(void)h;
	return interrupt_check(f);
}

static enum rc
message(void *arg, struct harvest_folder *h, const struct harvest_message *m,
    struct fault *f)
{
	struct restore *r = arg;
	struct proof *to = h->owner;
	struct promise *p;
	char *why;
	enum rc rc;

	if (m->fate == READ_GONE)
		return RC_OK;
	p = promises_settle(&to->list, m->msg->uid,
	    m->fate == READ_BODY ? m->body->digest.canon : NULL);
	if (p == NULL)
		return RC_OK;
	if (p->state == PROMISE_KEPT) {
		r->prove->proved++;
		return RC_OK;
	}
	why = m->fate == READ_BODY ?
	    xasprintf("what is there as UID %u is not the same", m->msg->uid) :
	    xasprintf("the target lists it and does not give it: %s",
		m->reason);
	rc = name_it(r, to, p, why, false, f);
	free(why);
	return rc;
}

static void
end(void *arg, struct harvest_folder *h)
{
	(void)arg;
	(void)h;
}

static void
fail(struct proof *p, const char *why)
{
	if (p->failed == NULL)
		p->failed = xstrdup(why);
}

static enum rc
failed(void *arg, struct harvest_folder *h, bool begun, struct fault *f)
{
	const struct restore *r = arg;
	struct proof *p = find_proof(r->prove, h->folder->name);

	(void)begun;
	if (p != NULL)
		fail(p, f->text);
	return RC_OK;
}

static void
lost(void *arg, const struct fault *f, unsigned left)
{
	const struct restore *r = arg;

	report_note(r->report, "going on over %u connections: %s", left,
	    f->text);
}

static enum rc
name_open(struct restore *r, struct proof *to, struct fault *f)
{
	const struct promise *p;
	const char *why;
	enum rc rc = RC_OK;
	bool gone;
	size_t i;

	for (i = 0; rc == RC_OK && i < to->list.n; i++) {
		p = &to->list.v[i];
		if (p->state != PROMISE_OPEN)
			continue;
		gone = to->failed == NULL && i >= to->list.untold;
		why = to->failed;
		if (why == NULL)
			why = gone ?
			    "it is not there, the next run brings it again" :
			    "nothing there has its content, --again brings it "
			    "again";
		rc = name_it(r, to, p, why, gone, f);
		if (rc == RC_OK)
			rc = interrupt_check(f);
	}
	return rc;
}

static enum rc
read_back(struct restore *r, const struct folders *there, struct fault *f)
{
	static const struct harvest_ops ops = {
		.from = from,
		.wants = wants,
		.begin = begin,
		.message = message,
		.end = end,
		.drop = end,
		.failed = failed,
		.lost = lost,
	};
	const struct harvest h = { &ops, r, r->target, r->open, r->open_arg,
		r->connections };
	struct prove *v = r->prove;
	const struct folder **folder;
	size_t i, n = 0;
	enum rc rc;

	folder = xcalloc(v->n + 1, sizeof(*folder));
	for (i = 0; i < v->n; i++) {
		folder[n] = folders_find(there, v->v[i]->name);
		if (folder[n] == NULL)
			fail(v->v[i], "the target does not list that folder");
		else
			n++;
	}
	rc = harvest_run(&h, folder, n, f);
	for (i = 0; rc == RC_OK && i < v->n; i++)
		rc = name_open(r, v->v[i], f);
	free(folder);
	return rc;
}

enum rc
prove_run(struct restore *r, struct fault *f)
{
	struct folders there = FOLDERS_INIT;
	struct event *e;
	enum rc rc;

	if (r->prove->n > 0) {
		store_free(r->target);
		r->target = NULL;
		rc = r->open(r->open_arg, &r->target, f);
		if (rc == RC_OK)
			rc = r->target->ops->folders(r->target, &there, f);
		if (rc == RC_OK) {
			r->prove->numbers_anew = r->target->ops->reopen == NULL;
			rc = read_back(r, &there, f);
		}
		folders_release(&there);
		if (rc != RC_OK)
			return rc;
	}
	e = event_begin(r->report, "proved");
	event_number(e, "proved", r->prove->proved);
	event_number(e, "unproved", r->outcome.unproved);
	event_send(e);
	return journal_sync(r->journal, f);
}
