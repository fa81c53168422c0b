/* What becomes of each folder and message that a source holds. */
#include <stdlib.h>
#include <string.h>

#include "backup.h"
#include "mail/fingerprint.h"
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

enum rc
copy_announce(struct backup *b, struct harvest_folder *h, struct fault *f)
{
	struct copy *c = h->owner;
	enum rc rc;

	c->claim.uidnext = h->uidnext;
	c->claim.highestmodseq = h->highestmodseq;
	c->claim.exists = h->exists;
	c->claim.status_known = h->status_known;
	c->claim.status = h->status;
	c->claim.seen = h->seen;
	c->claim.unselected = h->unselected;
	rc = archive_writer_expect(b->archive, h->listed.n, f);
	if (rc == RC_OK)
		rc = archive_writer_folder(b->archive, h->folder,
		    h->uidvalidity, &c->number, f);
	if (rc == RC_OK)
		return RC_OK;
	b->sink_failed = true;
	return RC_STORE;
}

static enum rc
announce(struct backup *b, struct harvest_folder *h, struct fault *f)
{
	h->owner = xcalloc(1, sizeof(struct copy));
	return copy_announce(b, h, f);
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

static enum rc
begin(void *arg, struct harvest_folder *h, struct fault *f)
{
	struct backup *b = arg;
	uint64_t octets = 0;
	const struct copy *c;
	enum rc rc;
	size_t i;

	rc = announce(b, h, f);
	if (rc != RC_OK)
		return rc;
	c = h->owner;
	copy_tell_unlisted(b, h);
	for (i = 0; i < h->listed.n; i++) {
		h->listed.v[i].folder = c->number;
		octets += h->listed.v[i].size;
	}
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

void
copy_claim(struct backup *b, const struct copy *c, const char *name,
    uint32_t uidvalidity)
{
	struct event *e = event_begin(b->report, "folder");

	archive_writer_claim(b->archive, c->number, &c->claim);
	event_text(e, "folder", name);
	event_number(e, "uidvalidity", uidvalidity);
	event_number(e, "exists", c->claim.exists);
	event_number(e, "seen", c->claim.seen);
	event_number(e, "stored", c->claim.stored);
	event_number(e, "gone", c->claim.gone);
	event_number(e, "refused", c->claim.refused);
	event_number(e, "unselected", c->claim.unselected);
	event_send(e);
	report_detail(b->report, "%s: %llu stored", name,
	    (unsigned long long)c->claim.stored);
}

static void
end(void *arg, struct harvest_folder *h)
{
	copy_claim(arg, h->owner, h->folder->name, h->uidvalidity);
	free(h->owner);
	h->owner = NULL;
}

static void
drop(void *arg, struct harvest_folder *h)
{
	(void)arg;
	free(h->owner);
	h->owner = NULL;
}

/* A folder that cannot be opened or listed stands in the archive as one
 * refusal with UID 0, so that the final, which is signed, does not show it
 * as an empty one. */
static enum rc
refuse_whole(struct backup *b, struct harvest_folder *h, struct fault *f)
{
	struct msg whole = { .keywords = "" };
	const struct fault why = *f;
	struct copy *c;
	enum rc rc;

	rc = announce(b, h, f);
	c = h->owner;
	if (rc == RC_OK) {
		whole.folder = c->number;
		archive_writer_refuse(b->archive, &whole, why.text);
		if (!c->claim.status_known) {
			c->claim.status_known = h->folder->status_known;
			c->claim.status = h->folder->messages;
		}
		archive_writer_claim(b->archive, c->number, &c->claim);
		*f = why;
	}
	free(c);
	h->owner = NULL;
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
	static const struct harvest_ops ops = {
		.wants = wants,
		.begin = begin,
		.prepare = copy_prepare,
		.message = copy_message,
		.end = end,
		.drop = drop,
		.failed = failed,
		.lost = copy_lost,
	};
	const struct harvest h = { &ops, b, b->source, b->open, b->open_arg,
		b->connections };
	const struct folder **folder, *p;
	size_t i, n = 0;
	enum rc rc;

	folder = xcalloc(folders->n + 1, sizeof(*folder));
	for (i = 0; i < folders->n; i++) {
		p = &folders->v[i];
		if (!backup_wants(b, p))
			continue;
		folder[n++] = p;
		if (p->status_known)
			progress_expect(b->report, p->messages);
	}
	rc = harvest_run(&h, folder, n, f);
	free(folder);
	return rc;
}
