/*
 * One folder from the source into the archive.  The list comes first (UID,
 * flags, date, size of everything), the bodies after it, so that there is
 * something to hold the bodies against: whatever was listed and did not
 * come is recorded with its reason, never passed over.
 */
#include <stdlib.h>
#include <string.h>

#include "backup.h"
#include "mail/fingerprint.h"
#include "util/buf.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* More header than this says nothing about what a message is. */
enum { HEADER_MAX = 1 << 20 };

struct copy {
	struct backup *backup;
	const struct folder *folder;
	struct folder_state state;
	struct folder_claim claim;
	struct msgs listed; /* selected messages, by UID */
	bool *settled;      /* one for each of listed */
	uint32_t number;    /* the archive's for this folder */
	struct buf header;  /* reused from message to message */
};

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct copy *c = arg;
	struct msg copy = *m;

	(void)fp;
	if (!selection_has_date(c->backup->selection, &m->date)) {
		c->claim.unselected++;
		return interrupt_check(f);
	}
	copy.folder = c->number;
	msgs_add(&c->listed, &copy);
	return interrupt_check(f);
}

static void
refuse(struct copy *c, const struct msg *m, const char *reason)
{
	struct backup *b = c->backup;
	struct event *e;

	archive_writer_refuse(b->archive, m, reason);
	c->claim.refused++;
	b->outcome.refused++;
	report_warn(b->report, "%s/%u: refused: %s", c->folder->name, m->uid,
	    reason);
	e = event_begin(b->report, "refused");
	event_text(e, "folder", c->folder->name);
	event_number(e, "uid", m->uid);
	event_text(e, "reason", reason);
	event_send(e);
}

static enum rc
store_body(struct copy *c, const struct msg *m, const struct body *body,
    struct fault *f)
{
	struct backup *b = c->backup;
	struct fingerprint fp;
	enum rc rc;

	buf_clear(&c->header);
	rc = body_header(body, HEADER_MAX, &c->header, f);
	if (rc == RC_OK) {
		fingerprint_of(c->header.data, c->header.len, &fp);
		rc = archive_writer_add(b->archive, m, &fp, body, f);
	}
	if (rc != RC_OK) {
		b->sink_failed = true;
		return fault_wrap(f, RC_STORE, "%s/%u", c->folder->name,
		    m->uid);
	}
	c->claim.stored++;
	b->outcome.done++;
	progress_add(b->report, 1, body->digest.wire_size);
	return RC_OK;
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct copy *c = arg;

	c->settled[m - c->listed.v] = true;
	switch (fate) {
	case READ_BODY:
		return store_body(c, m, body, f);
	case READ_GONE:
		c->claim.gone++;
		c->backup->outcome.gone++;
		break;
	case READ_REFUSED:
		refuse(c, m, reason);
		break;
	}
	return RC_OK;
}

/* Whatever ended the folder, no listed message is without a state. */
static void
refuse_the_rest(struct copy *c, const char *reason)
{
	size_t i;

	for (i = 0; i < c->listed.n; i++)
		if (!c->settled[i])
			refuse(c, &c->listed.v[i], reason);
}

static enum rc
list_messages(struct copy *c, struct fault *f)
{
	struct store *s = c->backup->source;

	msgs_clear(&c->listed);
	c->claim.unselected = 0;
	c->claim.exists = c->state.exists;
	c->claim.status_known = c->state.status_known;
	c->claim.status = c->state.status;
	c->claim.uidnext = c->state.uidnext;
	c->claim.highestmodseq = c->state.highestmodseq;
	return s->ops->scan(s, 1, 0, on_listed, c, &c->claim.seen, f);
}

/*
 * The count claimed at selection and the lines listed may differ because
 * somebody expunged in between; selecting again tells that from a server
 * that does not show all it has.
 */
static enum rc
list_all(struct copy *c, struct fault *f)
{
	struct backup *b = c->backup;
	struct store *s = b->source;
	enum rc rc;

	rc = list_messages(c, f);
	if (rc != RC_OK || c->claim.seen >= c->claim.exists)
		return rc;
	folder_state_release(&c->state);
	folder_state_init(&c->state);
	rc = store_select(s, c->folder, STORE_READ, &c->state, f);
	if (rc == RC_OK)
		rc = list_messages(c, f);
	if (rc == RC_OK && c->claim.seen < c->claim.exists) {
		b->outcome.unlisted += c->claim.exists - c->claim.seen;
		report_warn(b->report,
		    "%s: the server claims %llu messages "
		    "and lists %llu: what it does not show is not in the "
		    "archive",
		    c->folder->name, (unsigned long long)c->claim.exists,
		    (unsigned long long)c->claim.seen);
	}
	return rc;
}

static enum rc
copy_bodies(struct copy *c, struct fault *f)
{
	struct store *s = c->backup->source;
	uint64_t octets = 0;
	enum rc rc;
	size_t i;

	msgs_sort(&c->listed);
	for (i = 0; i < c->listed.n; i++)
		octets += c->listed.v[i].size;
	progress_expect(c->backup->report, 0, octets);
	if (c->listed.n == 0)
		return RC_OK;
	c->settled = xcalloc(c->listed.n, sizeof(*c->settled));
	rc = s->ops->read(s, c->listed.v, c->listed.n, on_read, c, f);
	if (rc == RC_OK || rc == RC_FOLDER)
		refuse_the_rest(c, rc == RC_OK ? "not answered" : f->text);
	return rc;
}

static void
tell_folder(struct copy *c)
{
	struct event *e = event_begin(c->backup->report, "folder");

	event_text(e, "folder", c->folder->name);
	event_number(e, "uidvalidity", c->state.uidvalidity);
	event_number(e, "exists", c->claim.exists);
	event_number(e, "seen", c->claim.seen);
	event_number(e, "stored", c->claim.stored);
	event_number(e, "gone", c->claim.gone);
	event_number(e, "refused", c->claim.refused);
	event_number(e, "unselected", c->claim.unselected);
	event_send(e);
	report_detail(c->backup->report, "%s: %llu stored", c->folder->name,
	    (unsigned long long)c->claim.stored);
}

/* A folder that cannot be opened or listed stands in the archive as one
 * refusal with UID 0, so that the final, which is signed, does not show it
 * as an empty one. */
static void
refuse_whole(struct copy *c, const char *reason)
{
	struct msg whole = { .folder = c->number, .keywords = "" };

	archive_writer_refuse(c->backup->archive, &whole, reason);
}

static enum rc
refuse_folder(struct copy *c, struct fault *f)
{
	struct backup *b = c->backup;
	struct fault why = *f;
	enum rc rc;

	rc = archive_writer_folder(b->archive, c->folder, 0, &c->number, f);
	if (rc != RC_OK) {
		b->sink_failed = true;
		return RC_STORE;
	}
	refuse_whole(c, why.text);
	c->claim.status_known = c->folder->status_known;
	c->claim.status = c->folder->messages;
	archive_writer_claim(b->archive, c->number, &c->claim);
	*f = why;
	return RC_FOLDER;
}

static enum rc
copy_folder(struct copy *c, struct fault *f)
{
	struct backup *b = c->backup;
	enum rc rc;

	rc = store_select(b->source, c->folder, STORE_READ, &c->state, f);
	if (rc == RC_FOLDER)
		return refuse_folder(c, f);
	if (rc != RC_OK)
		return rc;
	rc = archive_writer_folder(b->archive, c->folder, c->state.uidvalidity,
	    &c->number, f);
	if (rc != RC_OK) {
		b->sink_failed = true;
		return RC_STORE;
	}
	rc = list_all(c, f);
	if (rc == RC_FOLDER)
		refuse_whole(c, f->text);
	if (rc == RC_OK)
		rc = copy_bodies(c, f);
	archive_writer_claim(b->archive, c->number, &c->claim);
	tell_folder(c);
	return rc;
}

enum rc
backup_folder(struct backup *b, const struct folder *folder, struct fault *f)
{
	struct copy c = { .backup = b, .folder = folder };
	enum rc rc;

	folder_state_init(&c.state);
	progress_where(b->report, folder->name);
	rc = copy_folder(&c, f);
	folder_state_release(&c.state);
	msgs_release(&c.listed);
	buf_release(&c.header);
	free(c.settled);
	return rc;
}
