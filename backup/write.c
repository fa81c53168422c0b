#include "write.h"

#include <string.h>
#include <unistd.h>

#include "follow.h"
#include "parent.h"
#include "program/output.h"
#include "program/report.h"
#include "resume.h"
#include "util/text.h"

static enum rc
open_output(const struct settings *s, struct outfile *out, struct fault *f)
{
	if (settings_to_stdout(s)) {
		if (isatty(STDOUT_FILENO))
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "an archive is not for a terminal: give -o FILE "
			    "or a pipe");
		outfile_borrow(out, STDOUT_FILENO);
		return RC_OK;
	}
	return output_create_with(s->output, "mbackup --resume", out, f);
}

static enum rc
begin_archive(const struct settings *s, struct backup *b,
    const struct archive_about *about, const struct seckey *key,
    struct outfile *out, struct fault *f)
{
	enum rc rc;

	rc = open_output(s, out, f);
	if (rc == RC_OK)
		rc = archive_writer_new(about, key, out, &b->archive, f);
	if (rc != RC_OK)
		outfile_abandon(out, false);
	return rc;
}

/* The run is lost; what was read need not be.  Where no message was read
 * there is nothing to keep, and nothing in the way of the next run. */
static void
keep_part(struct backup *b, struct outfile *out)
{
	struct archive_totals t;
	struct fault f = FAULT_INIT;
	bool worth;

	if (!b->sink_failed && archive_writer_flush(b->archive, &f) != RC_OK)
		report_fault(b->report, &f);
	archive_writer_totals(b->archive, &t);
	worth = t.segments > 0 && t.messages > 0;
	if (out->part != NULL && worth)
		report_warn(b->report,
		    "incomplete: %s holds %u whole signed "
		    "segments; it can be checked and restored from, is not a "
		    "complete backup, and --resume goes on with it",
		    out->part, t.segments);
	outfile_abandon(out, worth);
}

static void
tell_delta(struct backup *b, const struct lineage *parent,
    const struct archive_totals *t)
{
	const uint32_t generation = lineage_last(parent) + 1;
	struct buf added = BUF_INIT;
	struct event *e = event_begin(b->report, "delta");

	text_count(&added, t->messages, "message");
	report_note(b->report,
	    "generation %u: %s added, %llu of them by reference, "
	    "%llu with other flags, %llu removed; %llu in the mailbox",
	    generation, buf_str(&added), (unsigned long long)t->links,
	    (unsigned long long)b->news.changed,
	    (unsigned long long)b->news.removed, (unsigned long long)t->state);
	event_number(e, "generation", generation);
	event_text(e, "parent", parent_header(parent)->id);
	event_number(e, "added", t->messages);
	event_number(e, "referenced", t->links);
	event_number(e, "changed", b->news.changed);
	event_number(e, "removed", b->news.removed);
	event_number(e, "mailbox", t->state);
	event_send(e);
	buf_release(&added);
}

static void
tell_totals(struct backup *b, const struct settings *s,
    const struct lineage *parent)
{
	struct archive_totals t;
	struct buf in = BUF_INIT, packed = BUF_INIT, n = BUF_INIT;
	struct event *e;

	archive_writer_totals(b->archive, &t);
	text_bytes(&in, t.octets);
	text_bytes(&packed, t.written);
	text_count(&n, t.messages, "message");
	report_note(b->report, "%s, %s, in %s of archive%s%s", buf_str(&n),
	    buf_str(&in), buf_str(&packed), s->output != NULL ? " " : "",
	    s->output != NULL ? s->output : "");
	if (parent != NULL)
		tell_delta(b, parent, &t);
	e = event_begin(b->report, "archive");
	event_text(e, "id", archive_writer_id(b->archive));
	event_number(e, "messages", t.messages);
	event_number(e, "links", t.links);
	event_number(e, "octets", t.octets);
	event_number(e, "written", t.written);
	event_number(e, "segments", t.segments);
	event_send(e);
	buf_release(&in);
	buf_release(&packed);
	buf_release(&n);
}

enum rc
write_archive(const struct settings *s, struct backup *b,
    const struct folders *folders, struct lineage *parent,
    const struct seckey *key, struct outfile *out, struct fault *f)
{
	const struct store_info *info = b->source->ops->info(b->source);
	struct archive_about about = {
		.account = parent != NULL ? parent_header(parent)->account :
					    info->location,
		.parent = parent,
		.server = info->software,
		.tool = "mailproof " MAILPROOF_VERSION,
		.selection = b->selection,
		.segment_size = s->segment_size,
		.best = s->best,
	};
	bool complete = false;
	enum rc rc;

	if (s->resume)
		rc = resume_archive(b, &about, key, out, folders, &complete, f);
	else
		rc = begin_archive(s, b, &about, key, out, f);
	if (rc != RC_OK)
		return rc;
	if (s->follow.ms > 0 && !complete)
		rc = follow_run(b, &s->follow, folders, f);
	else if (!complete)
		rc = backup_run(b, folders, f);
	if (rc == RC_OK) {
		if (!complete)
			backup_end(b);
		rc = output_publish(b->archive, out, f);
		b->sink_failed = rc != RC_OK;
	}
	progress_clear(b->report);
	if (rc == RC_OK)
		tell_totals(b, s, parent);
	else
		keep_part(b, out);
	archive_writer_free(b->archive);
	return rc;
}
