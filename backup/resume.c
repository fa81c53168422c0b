#include "resume.h"

#include <stdint.h>

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
		if (p == NULL)
			p = known_add_folder(b->known, e.name, e.uidvalidity);
		p->number = i;
	}
}

static void
claim_missing(struct backup *b, const struct folders *folders)
{
	const uint32_t n = archive_writer_earlier(b->archive);
	struct folder_claim claim;
	struct archive_earlier e;
	uint32_t i;

	for (i = 0; i < n; i++) {
		archive_writer_get_earlier(b->archive, i, &e);
		if (e.stored == 0 || folders_find(folders, e.name) != NULL)
			continue;
		claim = (struct folder_claim){ .exists = e.stored,
			.seen = e.stored };
		archive_writer_claim(b->archive, i, &claim);
		report_note(b->report,
		    "%s is no longer there: what was stored of it (%zu) stays",
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
		claim_missing(b, folders);
	}
	return RC_OK;
}

enum resumed_folder
resume_folder(struct backup *b, const struct harvest_folder *h, struct copy *c)
{
	struct archive_earlier e;

	if (!archive_writer_find_earlier(b->archive, h->folder->name, &e))
		return RESUMED_NONE;
	if (!h->failed && h->uidvalidity != e.uidvalidity) {
		/* of an empty one nothing can be there twice */
		if (e.stored == 0 && !e.based)
			return RESUMED_NONE;
		c->number = e.number;
		c->claim = (struct folder_claim){ .exists = e.stored,
			.seen = e.stored,
			.stored = e.stored };
		return RESUMED_CHANGED;
	}
	c->number = e.number;
	c->claim.stored = e.stored;
	if (b->known != NULL)
		c->known = known_find(b->known, e.name, e.uidvalidity);
	if (h->failed) {
		c->claim.seen += e.stored;
		c->claim.exists += e.stored;
	}
	return RESUMED_SAME;
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
