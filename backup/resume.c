#include "resume.h"

#include <stdint.h>

#include "stores/archive/resume.h"
#include "util/buf.h"
#include "util/text.h"

static void
tell(const struct backup *b, const struct outfile *out,
    const struct archive_resumed *r)
{
	struct buf octets = BUF_INIT;
	struct event *e;

	text_bytes(&octets, r->octets);
	if (r->anew)
		report_note(b->report, "nothing is whole in %s: begun anew",
		    out->part);
	else if (r->complete)
		report_note(b->report, "%s was complete but for its name",
		    out->part);
	else
		report_note(b->report,
		    "going on with %s behind segment %u: it holds %llu "
		    "message%s, %s",
		    out->part, r->segments, (unsigned long long)r->messages,
		    r->messages == 1 ? "" : "s", buf_str(&octets));
	e = event_begin(b->report, "resumed");
	event_number(e, "segments", r->segments);
	event_number(e, "messages", r->messages);
	event_number(e, "octets", r->octets);
	event_number(e, "kept", r->kept);
	event_number(e, "cut", r->cut);
	event_flag(e, "complete", r->complete);
	event_send(e);
	buf_release(&octets);
}

enum rc
resume_archive(struct backup *b, const struct archive_about *about,
    const struct seckey *key, struct outfile *out, bool *complete_r,
    struct fault *f)
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
	}
	return RC_OK;
}

void
resume_missing(struct backup *b, const struct folders *folders)
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

/* Both are in the order of their UIDs.  How many were taken out. */
static size_t
take_out(struct msgs *listed, const struct archive_earlier *e)
{
	size_t i, at = 0, left = 0, before = listed->n;

	for (i = 0; i < before; i++) {
		while (at < e->stored && e->uid[at] < listed->v[i].uid)
			at++;
		if (at < e->stored && e->uid[at] == listed->v[i].uid)
			continue;
		listed->v[left++] = listed->v[i];
	}
	listed->n = left;
	return before - left;
}

enum resumed_folder
resume_folder(struct backup *b, struct harvest_folder *h, uint32_t *number_r,
    struct folder_claim *claim)
{
	struct archive_earlier e;
	size_t there = 0;

	if (!archive_writer_find_earlier(b->archive, h->folder->name, &e))
		return RESUMED_NONE;
	if (!h->failed && h->uidvalidity != e.uidvalidity) {
		/* of an empty one nothing can be there twice */
		if (e.stored == 0)
			return RESUMED_NONE;
		*number_r = e.number;
		*claim = (struct folder_claim){ .exists = e.stored,
			.seen = e.stored,
			.stored = e.stored };
		return RESUMED_CHANGED;
	}
	if (!h->failed)
		there = take_out(&h->listed, &e);
	*number_r = e.number;
	claim->seen += e.stored - there;
	claim->exists += e.stored - there;
	claim->stored = e.stored;
	b->outcome.already += there;
	return RESUMED_SAME;
}
