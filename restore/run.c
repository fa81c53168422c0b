/* The archive from front to back, a segment at a time. */
#include <stdlib.h>
#include <string.h>

#include "mail/date.h"
#include "restore.h"
#include "util/buf.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* Enough header to find a date in. */
enum { HEADER_MAX = 64 * 1024 };

/* The messages of one segment that are wanted, in the archive's order. */
struct load {
	struct pending *v;
	size_t *to; /* index of the destination of each */
	size_t n;
};

static bool
wanted(struct restore *r, const struct archive_entry *e,
    const struct archive_folder *from)
{
	return selection_has_folder(r->selection, from->folder.name) &&
	    selection_has_date(r->selection, &e->msg.date) &&
	    (r->only == NULL ||
		only_has(r->only, from->folder.name, from->uidvalidity,
		    e->msg.uid, &e->hash));
}

/* A message whose server told no INTERNALDATE gets the date it tells of
 * itself, rather than the day of the migration. */
static enum rc
complete_date(struct pending *p, struct fault *f)
{
	struct buf header = BUF_INIT;
	enum rc rc = RC_OK;

	if (p->msg.date.known)
		return RC_OK;
	rc = body_header(&p->body, HEADER_MAX, &header, f);
	if (rc == RC_OK)
		(void)date_from_header(header.data, header.len, &p->msg.date);
	buf_release(&header);
	return rc;
}

static enum rc
load_segment(struct restore *r, const struct archive_segment *s, struct load *l,
    struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i;

	l->v = xcalloc(s->n + 1, sizeof(*l->v));
	l->to = xcalloc(s->n + 1, sizeof(*l->to));
	for (i = 0; i < s->n && rc == RC_OK; i++) {
		struct pending *p = &l->v[l->n];

		p->entry = &s->entry[i];
		p->from =
		    archive_reader_folder(r->archive, p->entry->msg.folder);
		if (!wanted(r, p->entry, p->from))
			continue;
		p->msg = p->entry->msg;
		rc = archive_reader_body(r->archive, i, &p->body, f);
		if (rc == RC_OK)
			rc = complete_date(p, f);
		l->to[l->n++] = destination_index(r, p->from->folder.name);
	}
	return rc;
}

/* Runs of messages for the same target folder go there together. */
static enum rc
deliver_segment(struct restore *r, struct load *l, struct fault *f)
{
	enum rc rc;
	size_t i, j;

	for (i = 0; i < l->n; i = j) {
		for (j = i + 1; j < l->n && l->to[j] == l->to[i];)
			j++;
		rc = interrupt_check(f);
		if (rc == RC_OK)
			rc = deliver(r, &r->v[l->to[i]], &l->v[i], j - i, f);
		if (rc == RC_STORE)
			return rc;
	}
	return RC_OK;
}

static enum rc
restore_segment(struct restore *r, const struct archive_segment *s,
    struct fault *f)
{
	struct load l = { NULL, NULL, 0 };
	enum rc rc;

	rc = load_segment(r, s, &l, f);
	if (rc == RC_OK)
		rc = deliver_segment(r, &l, f);
	free(l.v);
	free(l.to);
	return rc;
}

/* Folders without messages, and subscriptions. */
static enum rc
restore_folders(struct restore *r, struct fault *f)
{
	const struct archive_folder *from;
	enum rc rc;
	size_t i, to;

	for (i = 0; i < archive_reader_folders(r->archive); i++) {
		from = archive_reader_folder(r->archive, (uint32_t)i);
		if (!selection_has_folder(r->selection, from->folder.name) ||
		    r->only != NULL)
			continue;
		to = destination_index(r, from->folder.name);
		rc = destination_make(r, &r->v[to],
		    (from->folder.attr & FOLDER_SUBSCRIBED) != 0, f);
		if (rc == RC_STORE)
			return rc;
		if (rc != RC_OK) {
			report_fault(r->report, f);
		}
	}
	return RC_OK;
}

static enum rc
run_archive(struct restore *r, struct fault *f)
{
	const struct archive_segment *s;
	enum rc rc;

	for (;;) {
		rc = archive_reader_next(r->archive, &s, f);
		if (rc == RC_END)
			return RC_OK;
		if (rc == RC_OK)
			rc = restore_segment(r, s, f);
		if (rc != RC_OK)
			return rc;
	}
}

static void
tell_destination(struct restore *r, const struct destination *d)
{
	struct event *e = event_begin(r->report, "folder");

	event_text(e, "folder", d->name);
	event_number(e, "appended", d->appended);
	event_number(e, "already", d->already);
	event_number(e, "refused", d->refused);
	event_flag(e, "broken", d->broken);
	event_send(e);
	report_detail(r->report, "%s: %llu %s, %llu there already", d->name,
	    (unsigned long long)d->appended,
	    r->dry_run ? "would be appended" : "appended",
	    (unsigned long long)d->already);
}

enum rc
restore_run(struct restore *r, struct fault *f)
{
	struct fault second = FAULT_INIT;
	enum rc rc;
	size_t i;

	rc = r->target->ops->folders(r->target, &r->existing, f);
	if (rc == RC_OK)
		rc = run_archive(r, f);
	if (rc == RC_OK)
		rc = restore_folders(r, f);
	progress_clear(r->report);
	for (i = 0; i < r->n; i++) {
		tell_destination(r, &r->v[i]);
		if (r->v[i].broken)
			r->outcome.folders_failed++;
	}
	if (journal_sync(r->journal, &second) != RC_OK && rc == RC_OK) {
		*f = second;
		rc = RC_STORE;
	}
	return rc;
}

void
restore_release(struct restore *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		destination_release(&r->v[i]);
	free(r->v);
	folders_release(&r->existing);
}
