#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "mail/fingerprint.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* More header than this says nothing about what a message is. */
enum { HEADER_MAX = 1 << 20 };

/* A listing under way; nothing in it is shared. */
struct listing_run {
	const struct selection *selection;
	struct job *job;
	uint64_t unselected;
};

/* Some of a part's messages, asked for together. */
struct reading_run {
	struct lane *lane;
	struct job *job;
	const struct msg *v; /* a copy of those that are not settled */
	const size_t *index; /* where they stand in the job */
};

static enum rc
on_listed(void *arg, const struct msg *m, const struct fingerprint *fp,
    struct fault *f)
{
	struct listing_run *r = arg;

	(void)fp;
	if (selection_has_date(r->selection, &m->date))
		msgs_add(&r->job->listed, m);
	else
		r->unselected++;
	return interrupt_check(f);
}

static enum rc
list_once(struct lane *l, struct job *j, struct fault *f)
{
	struct listing_run r = { l->backup->selection, j, 0 };
	struct folder_state state;
	enum rc rc;

	folder_state_init(&state);
	msgs_clear(&j->listed);
	rc = store_select(l->store, j->folder, STORE_READ, &state, f);
	if (rc == RC_OK) {
		l->selected = j;
		j->uidvalidity = state.uidvalidity;
		j->claim.exists = state.exists;
		j->claim.status_known = state.status_known;
		j->claim.status = state.status;
		j->claim.uidnext = state.uidnext;
		j->claim.highestmodseq = state.highestmodseq;
		rc = l->store->ops->scan(l->store, 1, 0, on_listed, &r,
		    &j->claim.seen, f);
		j->claim.unselected = r.unselected;
	}
	folder_state_release(&state);
	return rc;
}

/*
 * The count claimed at selection and the lines listed may differ because
 * somebody expunged in between; listing again tells that from a server
 * that does not show all it has.
 */
static enum rc
list(struct lane *l, struct job *j, struct fault *f)
{
	enum rc rc;

	rc = list_once(l, j, f);
	if (rc == RC_OK && j->claim.seen < j->claim.exists)
		rc = list_once(l, j, f);
	if (rc == RC_OK)
		msgs_sort(&j->listed);
	return rc;
}

static enum rc
announce(struct lane *l, struct job *j, struct fault *f)
{
	struct backup *b = l->backup;
	enum rc rc;

	rc = archive_writer_folder(b->archive, j->folder, j->uidvalidity,
	    &j->number, f);
	if (rc == RC_OK)
		return RC_OK;
	b->sink_failed = true;
	return RC_STORE;
}

/* A folder that cannot be opened or listed stands in the archive as one
 * refusal with UID 0, so that the final, which is signed, does not show it
 * as an empty one. */
static enum rc
refuse_whole(struct lane *l, struct job *j, struct fault *f)
{
	struct msg whole = { .keywords = "" };
	struct fault why = *f;
	enum rc rc;

	rc = announce(l, j, f);
	if (rc != RC_OK)
		return rc;
	whole.folder = j->number;
	archive_writer_refuse(l->backup->archive, &whole, why.text);
	if (!j->claim.status_known) {
		j->claim.status_known = j->folder->status_known;
		j->claim.status = j->folder->messages;
	}
	archive_writer_claim(l->backup->archive, j->number, &j->claim);
	*f = why;
	return RC_FOLDER;
}

static void
tell_unlisted(struct backup *b, const struct job *j)
{
	if (j->claim.seen >= j->claim.exists)
		return;
	b->outcome.unlisted += j->claim.exists - j->claim.seen;
	report_warn(b->report,
	    "%s: the server claims %llu messages and lists "
	    "%llu: what it does not show is not in the archive",
	    j->folder->name, (unsigned long long)j->claim.exists,
	    (unsigned long long)j->claim.seen);
}

static enum rc
enter(struct lane *l, struct job *j, struct fault *f)
{
	uint64_t octets = 0;
	enum rc rc;
	size_t i;

	rc = announce(l, j, f);
	if (rc != RC_OK)
		return rc;
	tell_unlisted(l->backup, j);
	for (i = 0; i < j->listed.n; i++) {
		j->listed.v[i].folder = j->number;
		octets += j->listed.v[i].size;
	}
	progress_expect(l->backup->report, 0, octets);
	return RC_OK;
}

enum rc
job_begin(struct lane *l, const struct folder *folder, struct job *j,
    struct fault *f)
{
	enum rc rc;

	memset(j, 0, sizeof(*j));
	j->folder = folder;
	rc = list(l, j, f);
	if (rc == RC_STORE)
		return rc;
	pthread_mutex_lock(l->lock);
	rc = rc == RC_OK ? enter(l, j, f) : refuse_whole(l, j, f);
	pthread_mutex_unlock(l->lock);
	j->settled = xcalloc(j->listed.n + 1, sizeof(*j->settled));
	return rc;
}

static void
refuse(struct lane *l, struct job *j, const struct msg *m, const char *reason)
{
	struct backup *b = l->backup;
	struct event *e;

	archive_writer_refuse(b->archive, m, reason);
	j->claim.refused++;
	b->outcome.refused++;
	report_warn(b->report, "%s/%u: refused: %s", j->folder->name, m->uid,
	    reason);
	e = event_begin(b->report, "refused");
	event_text(e, "folder", j->folder->name);
	event_number(e, "uid", m->uid);
	event_text(e, "reason", reason);
	event_send(e);
}

static enum rc
store_body(struct lane *l, struct job *j, const struct msg *m,
    const struct fingerprint *fp, const struct body *body, struct fault *f)
{
	struct backup *b = l->backup;
	enum rc rc;

	rc = archive_writer_add(b->archive, m, fp, body, f);
	if (rc == RC_MESSAGE) {
		refuse(l, j, m, f->text);
		return RC_OK;
	}
	if (rc != RC_OK) {
		b->sink_failed = true;
		return fault_wrap(f, RC_STORE, "%s/%u", j->folder->name,
		    m->uid);
	}
	j->claim.stored++;
	b->outcome.done++;
	progress_where(b->report, j->folder->name);
	progress_add(b->report, 1, body->digest.wire_size);
	return RC_OK;
}

static enum rc
on_read(void *arg, const struct msg *m, enum read_fate fate,
    const struct body *body, const char *reason, struct fault *f)
{
	struct reading_run *r = arg;
	struct lane *l = r->lane;
	struct fingerprint fp;
	enum rc rc = RC_OK;

	if (fate == READ_BODY) {
		buf_clear(&l->header);
		rc = body_header(body, HEADER_MAX, &l->header, f);
		if (rc != RC_OK)
			return RC_STORE;
		fingerprint_of(l->header.data, l->header.len, &fp);
	}
	pthread_mutex_lock(l->lock);
	r->job->settled[r->index[m - r->v]] = true;
	switch (fate) {
	case READ_BODY:
		rc = store_body(l, r->job, m, &fp, body, f);
		break;
	case READ_GONE:
		r->job->claim.gone++;
		l->backup->outcome.gone++;
		break;
	case READ_REFUSED:
		refuse(l, r->job, m, reason);
		break;
	}
	pthread_mutex_unlock(l->lock);
	return rc;
}

/* Whatever ended the folder, no listed message is without a state. */
static void
refuse_the_rest(struct lane *l, struct part *p, const char *reason)
{
	struct job *j = p->job;
	size_t i;

	pthread_mutex_lock(l->lock);
	for (i = p->first; i < p->first + p->n; i++)
		if (!j->settled[i]) {
			j->settled[i] = true;
			refuse(l, j, &j->listed.v[i], reason);
		}
	pthread_mutex_unlock(l->lock);
}

/* Another connection must see the same folder as the one that listed. */
static enum rc
select_again(struct lane *l, const struct job *j, struct fault *f)
{
	struct folder_state state;
	enum rc rc;

	if (l->selected == j)
		return RC_OK;
	l->selected = NULL;
	folder_state_init(&state);
	rc = store_select(l->store, j->folder, STORE_READ, &state, f);
	if (rc == RC_OK && state.uidvalidity != j->uidvalidity)
		rc = fault_set(f, RC_FOLDER, CAUSE_TEMPORARY,
		    "UIDVALIDITY changed while the folder was read: run "
		    "again");
	folder_state_release(&state);
	if (rc == RC_OK)
		l->selected = j;
	return rc;
}

enum rc
part_read(struct lane *l, struct part *p, struct fault *f)
{
	struct msg *v = xcalloc(p->n + 1, sizeof(*v));
	size_t *index = xcalloc(p->n + 1, sizeof(*index)), i, n = 0;
	struct reading_run r = { l, p->job, v, index };
	enum rc rc;

	for (i = p->first; i < p->first + p->n; i++) {
		if (p->job->settled[i])
			continue;
		v[n] = p->job->listed.v[i];
		index[n++] = i;
	}
	rc = select_again(l, p->job, f);
	if (rc == RC_OK && n > 0)
		rc = l->store->ops->read(l->store, v, n, on_read, &r, f);
	if (rc != RC_STORE)
		refuse_the_rest(l, p, rc == RC_OK ? "not answered" : f->text);
	free(v);
	free(index);
	return rc;
}

void
job_finish(struct lane *l, struct job *j)
{
	struct backup *b = l->backup;
	struct event *e = event_begin(b->report, "folder");

	archive_writer_claim(b->archive, j->number, &j->claim);
	event_text(e, "folder", j->folder->name);
	event_number(e, "uidvalidity", j->uidvalidity);
	event_number(e, "exists", j->claim.exists);
	event_number(e, "seen", j->claim.seen);
	event_number(e, "stored", j->claim.stored);
	event_number(e, "gone", j->claim.gone);
	event_number(e, "refused", j->claim.refused);
	event_number(e, "unselected", j->claim.unselected);
	event_send(e);
	report_detail(b->report, "%s: %llu stored", j->folder->name,
	    (unsigned long long)j->claim.stored);
	msgs_release(&j->listed);
}

void
job_failed(struct backup *b, struct job *j, struct fault *f)
{
	if (j->failed)
		return;
	j->failed = true;
	b->outcome.folders_failed++;
	(void)fault_name(f, RC_FOLDER, j->folder->name);
	report_fault(b->report, f);
}

void
job_release(struct job *j)
{
	msgs_release(&j->listed);
	free(j->settled);
}
