#include "resume.h"

#include <stdint.h>
#include <string.h>

#include "stores/archive/earlier.h"
#include "stores/archive/resume.h"
#include "util/buf.h"
#include "util/text.h"

static void
tell(const struct backup *b, const struct outfile *out,
    const struct archive_resumed *r)
{
	struct buf what = BUF_INIT;
	struct event *e;

	text_count(&what, r->messages, "message");
	buf_adds(&what, ", ");
	text_bytes(&what, r->octets);
	if (r->anew)
		report_note(b->report, "nothing is whole in %s: begun anew",
		    out->part);
	else if (r->complete)
		report_note(b->report, "%s was complete but for its name",
		    out->part);
	else
		report_note(b->report,
		    "going on with %s behind segment %u: it holds %s",
		    out->part, r->segments, buf_str(&what));
	e = event_begin(b->report, "resumed");
	event_number(e, "segments", r->segments);
	event_number(e, "messages", r->messages);
	event_number(e, "octets", r->octets);
	event_number(e, "kept", r->kept);
	event_number(e, "cut", r->cut);
	event_flag(e, "complete", r->complete);
	event_send(e);
	buf_release(&what);
}

/* Of a delta: what is known has its number in the archive. */
static void
number_known(struct backup *b)
{
	const uint32_t n = archive_writer_earlier(b->archive);
	struct archive_earlier e;
	struct known_folder *p;
	uint32_t i;

	for (i = 0; b->known != NULL && i < n; i++) {
		archive_writer_get_earlier(b->archive, i, &e);
		p = known_find(b->known, e.name, e.uidvalidity);
		if (p == NULL) {
			p = known_add_folder(b->known, e.name, e.uidvalidity);
			/* It was never looked at to its end. */
			p->partial = true;
		}
		p->number = i;
	}
}

/* What was stored of it stays; of what the parent knows nothing is there. */
static void
leave(struct backup *b, const struct archive_earlier *e)
{
	const struct folder_claim claim = { .exists = e->stored,
		.seen = e->stored };
	struct harvest_folder none = { .first = 1 };
	struct known_folder *p = NULL;
	struct known_news news;

	archive_writer_claim(b->archive, e->number, &claim);
	if (b->known != NULL)
		p = known_find(b->known, e->name, e->uidvalidity);
	if (p == NULL)
		return;
	known_look(b->known, p, &none, &news);
	p->claim = claim;
	b->news.removed += news.removed;
}

static void
leave_missing(struct backup *b, const struct folders *folders)
{
	const uint32_t n = archive_writer_earlier(b->archive);
	struct archive_earlier e;
	uint32_t i;

	for (i = 0; i < n; i++) {
		archive_writer_get_earlier(b->archive, i, &e);
		if (folders_find(folders, e.name) != NULL)
			continue;
		leave(b, &e);
		if (e.stored > 0)
			report_note(b->report,
			    "%s is no longer there: what was stored of it "
			    "(%zu) stays",
			    e.name, e.stored);
	}
}

enum rc
resume_archive(struct backup *b, const struct archive_about *about,
    const struct seckey *key, struct outfile *out,
    const struct folders *folders, bool *complete_r, struct fault *f)
{
	struct archive_resumed r;
	enum rc rc;

	rc = archive_writer_resume(about, key, out, &r, &b->archive, f);
	if (rc != RC_OK) {
		outfile_abandon(out, true);
		return rc;
	}
	tell(b, out, &r);
	*complete_r = r.complete;
	if (r.complete) {
		b->outcome.already = r.messages;
		b->outcome.refused = r.refused;
		b->outcome.gone = r.gone;
		b->outcome.unlisted = r.unlisted;
	} else {
		number_known(b);
		leave_missing(b, folders);
	}
	return RC_OK;
}

static bool
go_back(const struct backup *b, struct archive_earlier *e)
{
	if (e->before == UINT32_MAX)
		return false;
	archive_writer_get_earlier(b->archive, e->before, e);
	return true;
}

/* The last one, if it cannot be told which. */
static bool
find_same(const struct backup *b, const struct harvest_folder *h,
    struct archive_earlier *r)
{
	bool more;

	more = archive_writer_find_earlier(b->archive, h->folder->name, r);
	while (more && !h->failed && h->uidvalidity != r->uidvalidity)
		more = go_back(b, r);
	return more;
}

/* Those of the name that are not the one. */
static void
leave_others(struct backup *b, const struct harvest_folder *h,
    const struct archive_earlier *one)
{
	struct archive_earlier e;
	bool more, stored = false;

	more = archive_writer_find_earlier(b->archive, h->folder->name, &e);
	for (; more; more = go_back(b, &e)) {
		if (one != NULL && one->number == e.number)
			continue;
		leave(b, &e);
		stored |= e.stored > 0;
	}
	if (stored && one == NULL)
		report_note(b->report,
		    "%s: UIDVALIDITY is another: looking at all of it",
		    h->folder->name);
}

bool
resume_folder(struct backup *b, const struct harvest_folder *h, struct copy *c)
{
	struct archive_earlier e;

	if (!find_same(b, h, &e)) {
		leave_others(b, h, NULL);
		return false;
	}
	leave_others(b, h, &e);
	c->number = e.number;
	c->claim.stored = e.stored;
	if (b->known != NULL)
		c->known = known_find(b->known, e.name, e.uidvalidity);
	if (h->failed) {
		c->claim.seen += e.stored;
		c->claim.exists += e.stored;
	}
	return true;
}

enum rc
resume_recall(struct backup *b, const char *name, struct copy *c,
    struct fault *f)
{
	struct archive_earlier e;
	enum rc rc = RC_OK;
	bool more;

	more = archive_writer_find_earlier(b->archive, name, &e);
	for (; rc == RC_OK && more; more = go_back(b, &e)) {
		if (e.number == c->number || e.stored == 0)
			continue;
		if (c->past == NULL)
			c->past = past_new();
		rc = past_add(c->past, b->archive, e.number, f);
	}
	if (rc == RC_OK)
		return RC_OK;
	b->sink_failed = true;
	return RC_STORE;
}

bool
resume_has(struct backup *b, struct copy *c, const struct harvest_message *m)
{
	const struct past_look look = { &m->body->digest.hash,
		m->body->digest.eol == EOL_RAW, m->msg->uid };

	if (c->past == NULL || !past_take(c->past, &look))
		return false;
	c->claim.unselected++;
	b->outcome.already++;
	return true;
}

/* Both are in the order of their UIDs. */
void
resume_take_out(struct backup *b, struct harvest_folder *h, struct copy *c)
{
	struct msgs *listed = &h->listed;
	struct archive_earlier e;
	size_t i, at = 0, left = 0, there;
	uint64_t flags = 0;

	archive_writer_get_earlier(b->archive, c->number, &e);
	for (i = 0; i < listed->n; i++) {
		while (at < e.stored && e.uid[at] < listed->v[i].uid)
			at++;
		if (at == e.stored || e.uid[at] != listed->v[i].uid)
			listed->v[left++] = listed->v[i];
		else
			flags += earlier_flags(&listed->v[i]);
	}
	there = listed->n - left;
	listed->n = left;
	c->claim.seen += e.stored - there;
	c->claim.exists += e.stored - there;
	/* What was stored has the flags of then, which no MODSEQ of now
	 * stands for: the next delta has to compare all of them. */
	if (flags != e.flags)
		c->claim.highestmodseq = 0;
	b->outcome.already += there;
}
