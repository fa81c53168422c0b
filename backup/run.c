/* What becomes of each folder and message that a source holds. */
#include <stdlib.h>
#include <string.h>

#include "backup.h"
#include "copy.h"
#include "mail/fingerprint.h"
#include "plan.h"
#include "resume.h"
#include "steps.h"
#include "util/buf.h"
#include "util/mem.h"

/* More header than this says nothing about what a message is. */
enum { HEADER_MAX = 1 << 20 };

bool
backup_wants(const struct backup *b, const struct folder *folder)
{
	return (folder->attr & FOLDER_NOSELECT) == 0 &&
	    selection_has_folder(b->selection, folder->name);
}

static bool
wants(void *arg, struct harvest_folder *h, const struct msg *m)
{
	const struct backup *b = arg;

	(void)h;
	return selection_has_date(b->selection, &m->date);
}

static void
claim_listed(struct copy *c, const struct harvest_folder *h)
{
	c->claim.uidnext = h->uidnext;
	c->claim.highestmodseq = h->highestmodseq;
	c->claim.exists = h->exists;
	c->claim.status_known = h->status_known;
	c->claim.status = h->status;
	c->claim.seen = h->seen;
	c->claim.unselected = h->unselected;
}

static enum rc
enter(struct backup *b, struct harvest_folder *h, uint32_t uidvalidity,
    struct fault *f)
{
	if (copy_enter(b, h->folder, uidvalidity, h->owner, f) == RC_OK)
		return RC_OK;
	b->sink_failed = true;
	return RC_STORE;
}

enum rc
copy_announce(struct backup *b, struct harvest_folder *h, uint32_t uidvalidity,
    struct fault *f)
{
	claim_listed(h->owner, h);
	return enter(b, h, uidvalidity, f);
}

static enum rc
announce(struct backup *b, struct harvest_folder *h, uint32_t uidvalidity,
    bool *resumed_r, struct fault *f)
{
	h->owner = xcalloc(1, sizeof(struct copy));
	claim_listed(h->owner, h);
	*resumed_r = resume_folder(b, h, h->owner);
	return *resumed_r ? RC_OK : enter(b, h, uidvalidity, f);
}

static void
release(struct harvest_folder *h)
{
	struct copy *c = h->owner;

	past_free(c->past);
	free(c);
	h->owner = NULL;
}

void
copy_tell_unlisted(struct backup *b, const struct harvest_folder *h)
{
	if (h->seen >= h->exists)
		return;
	b->outcome.unlisted += h->exists - h->seen;
	report_warn(b->report,
	    "%s: the server claims %llu messages and lists %llu: what it "
	    "does not show is not in the archive",
	    h->folder->name, (unsigned long long)h->exists,
	    (unsigned long long)h->seen);
}

static bool
suffices(void *arg, const struct harvest_folder *h)
{
	const struct backup *b = arg;
	struct known_folder *p;

	p = known_find(b->known, h->folder->name, h->uidvalidity);
	return p != NULL && known_suffices(p, h);
}

static enum rc
begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	struct backup *b = arg;
	uint64_t octets = 0;
	bool resumed;
	struct copy *c;
	enum rc rc;
	size_t i;

	rc = announce(b, h, h->uidvalidity, &resumed, f);
	if (rc != RC_OK)
		return rc;
	c = h->owner;
	rc = resume_recall(b, h->folder->name, c, f);
	if (rc != RC_OK)
		return rc;
	if (c->known != NULL)
		known_look(b->known, c->known, h, &c->news);
	if (resumed)
		resume_take_out(b, h, c);
	for (i = 0; i < h->listed.n; i++) {
		h->listed.v[i].folder = c->number;
		octets += h->listed.v[i].size;
	}
	rc = archive_writer_expect(b->archive, h->listed.n, octets, f);
	if (rc != RC_OK) {
		b->sink_failed = true;
		return rc;
	}
	copy_tell_unlisted(b, h);
	progress_listed(b->report,
	    h->folder->status_known ? h->folder->messages : 0, h->listed.n,
	    octets);
	return RC_OK;
}

enum rc
copy_prepare(void *arg, const struct body *body, struct buf *note,
    struct fault *f)
{
	struct buf header = BUF_INIT;
	struct fingerprint fp;
	enum rc rc;

	(void)arg;
	rc = body_header(body, HEADER_MAX, &header, f);
	if (rc == RC_OK) {
		fingerprint_of(header.data, header.len, &fp);
		buf_add(note, &fp, sizeof(fp));
	}
	buf_release(&header);
	return rc == RC_OK ? RC_OK : RC_STORE;
}

static void
refuse(struct backup *b, struct harvest_folder *h, const struct msg *m,
    const char *reason)
{
	struct copy *c = h->owner;
	struct event *e;

	archive_writer_refuse(b->archive, m, reason);
	c->claim.refused++;
	b->outcome.refused++;
	report_warn(b->report, "%s/%u: refused: %s", h->folder->name, m->uid,
	    reason);
	e = event_begin(b->report, "refused");
	event_text(e, "folder", h->folder->name);
	event_number(e, "uid", m->uid);
	event_text(e, "reason", reason);
	event_send(e);
}

static enum rc
store_body(struct backup *b, struct harvest_folder *h,
    const struct harvest_message *m, struct fault *f)
{
	struct copy *c = h->owner;
	struct fingerprint fp;
	enum rc rc;

	memcpy(&fp, m->note->data, sizeof(fp));
	rc = archive_writer_add(b->archive, m->msg, &fp, m->body, f);
	if (rc == RC_MESSAGE) {
		refuse(b, h, m->msg, f->text);
		return RC_OK;
	}
	if (rc != RC_OK) {
		b->sink_failed = true;
		return fault_wrap(f, RC_STORE, "%s/%u", h->folder->name,
		    m->msg->uid);
	}
	if (c->known != NULL && !c->followed)
		known_add(b->known, c->known, m->msg);
	c->claim.stored++;
	b->outcome.done++;
	progress_where(b->report, h->folder->name);
	progress_add(b->report, 1, m->body->digest.wire_size);
	return RC_OK;
}

enum rc
copy_message(void *arg, struct harvest_folder *h,
    const struct harvest_message *m, struct fault *f)
{
	struct backup *b = arg;
	struct copy *c = h->owner;

	switch (m->fate) {
	case READ_BODY:
		return store_body(b, h, m, f);
	case READ_GONE:
		c->claim.gone++;
		b->outcome.gone++;
		break;
	case READ_REFUSED:
		refuse(b, h, m->msg, m->reason);
		break;
	}
	return RC_OK;
}

static enum rc
message(void *arg, struct harvest_folder *h, const struct harvest_message *m,
    struct fault *f)
{
	struct backup *b = arg;

	if (m->fate != READ_BODY || !resume_has(b, h->owner, m))
		return copy_message(b, h, m, f);
	progress_add(b->report, 1, m->body->digest.wire_size);
	return RC_OK;
}

static void
end(void *arg, struct harvest_folder *h)
{
	struct backup *b = arg;

	copy_settle(b, h->folder, h->owner, h->uidvalidity);
	release(h);
}

static void
drop(void *arg, struct harvest_folder *h)
{
	(void)arg;
	if (h->owner != NULL)
		release(h);
}

/* A folder that cannot be opened may be known all the same. */
static uint32_t
likely_uidvalidity(struct backup *b, const struct harvest_folder *h)
{
	const struct known_folder *p = NULL;

	if (h->uidvalidity != 0 || h->folder->uidvalidity != 0)
		return h->uidvalidity != 0 ? h->uidvalidity :
					     h->folder->uidvalidity;
	if (b->known != NULL)
		p = known_named(b->known, h->folder->name, false);
	return p != NULL ? p->uidvalidity : 0;
}

/* A folder that cannot be opened or listed stands in the archive as one
 * refusal with UID 0, so that the final, which is signed, does not show it
 * as an empty one; what the parent holds of it stays. */
static enum rc
refuse_whole(struct backup *b, struct harvest_folder *h, struct fault *f)
{
	struct msg whole = { .keywords = "" };
	const struct fault why = *f;
	struct copy *c;
	bool resumed;
	enum rc rc;

	rc = announce(b, h, likely_uidvalidity(b, h), &resumed, f);
	c = h->owner;
	if (rc == RC_OK) {
		whole.folder = c->number;
		archive_writer_refuse(b->archive, &whole, why.text);
		if (!c->claim.status_known) {
			c->claim.status_known = h->folder->status_known;
			c->claim.status = h->folder->messages;
		}
		archive_writer_claim(b->archive, c->number, &c->claim);
		if (c->known != NULL)
			c->known->claim = c->claim;
		*f = why;
	}
	release(h);
	return rc;
}

static enum rc
failed(void *arg, struct harvest_folder *h, bool begun, struct fault *f)
{
	struct backup *b = arg;
	enum rc rc = RC_OK;

	if (!begun)
		rc = refuse_whole(b, h, f);
	if (rc != RC_OK)
		return rc;
	b->outcome.folders_failed++;
	(void)fault_name(f, RC_FOLDER, h->folder->name);
	report_fault(b->report, f);
	return RC_OK;
}

void
copy_lost(void *arg, const struct fault *f, unsigned left)
{
	const struct backup *b = arg;

	report_note(b->report, "going on over %u connections: %s", left,
	    f->text);
}

enum rc
backup_run(struct backup *b, const struct folders *folders, struct fault *f)
{
	const struct harvest_ops ops = {
		.wants = wants,
		.suffices = b->known != NULL ? suffices : NULL,
		.begin = begin,
		.prepare = copy_prepare,
		.message = message,
		.end = end,
		.drop = drop,
		.failed = failed,
		.lost = copy_lost,
	};
	const struct harvest h = { &ops, b, b->source, b->open, b->open_arg,
		b->connections };
	struct plan plan;
	size_t i;
	enum rc rc;

	rc = plan_make(b, folders, copy_same, &plan, f);
	for (i = 0; i < plan.n; i++)
		if (plan.list[i]->status_known)
			progress_expect(b->report, plan.list[i]->messages);
	if (rc == RC_OK)
		rc = harvest_run(&h, plan.list, plan.n, f);
	plan_release(&plan);
	return rc;
}
