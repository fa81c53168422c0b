/*
 * What a salvage came to, on standard output: for people, or as TSV.
 *
 *   #mailproof 1 salvage
 *   archive   name id account final-hash
 *   rescued   name id
 *   segments  known manifests damaged
 *   lost | unsigned | refused
 *             hash folder uidvalidity uid date size why
 *   verdict   word messages unsigned lost known | at-least
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mail/date.h"
#include "rescue.h"
#include "util/text.h"

enum { SHOWN_MAX = 300 };

static void
add_text(struct buf *b, const char *text)
{
	buf_addc(b, '\t');
	text_percent(b, text, strlen(text));
}

static void
add_date(struct buf *b, const struct msg *m, const char *none)
{
	if (m->date.known)
		date_format_utc(b, m->date.epoch);
	else
		buf_adds(b, none);
}

static void
put_tsv(struct buf *b, const struct rescue_line *l)
{
	buf_addf(b, "%s\t", l->kind);
	if (l->hash != NULL)
		hash_hex(b, l->hash);
	else
		buf_addc(b, '-');
	add_text(b, l->folder);
	buf_addf(b, "\t%" PRIu32 "\t%" PRIu32 "\t", l->uidvalidity,
	    l->msg->uid);
	add_date(b, l->msg, "-");
	buf_addf(b, "\t%" PRIu64, l->msg->size);
	add_text(b, l->why);
}

static void
put_text(struct buf *b, const struct rescue_line *l)
{
	struct buf what = BUF_INIT;

	buf_adds(&what, l->folder);
	if (l->count > 1)
		buf_addf(&what, ", %" PRIu64 " messages", l->count);
	if (l->msg->uid > 0) {
		buf_addf(&what, "/%" PRIu32 ", ", l->msg->uid);
		add_date(&what, l->msg, "no date");
		buf_addf(&what, ", %" PRIu64 " octets", l->msg->size);
	}
	if (l->hash != NULL) {
		buf_adds(&what, ", BLAKE2b ");
		hash_hex(&what, l->hash);
	}
	buf_addf(&what, ": %s", l->why);
	buf_addf(b, "%-8s    ", l->kind);
	text_visible(b, what.data, what.len, 2 * SHOWN_MAX);
	buf_release(&what);
}

enum rc
rescue_line(struct rescue *r, const struct rescue_line *l, struct fault *f)
{
	const uint64_t n = r->tsv && l->count > 1 ? l->count : 1;
	struct buf b = BUF_INIT;
	uint64_t i;
	enum rc rc = RC_OK;

	if (r->tsv)
		put_tsv(&b, l);
	else
		put_text(&b, l);
	buf_addc(&b, '\n');
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = spool_add(r->lines, b.data, b.len, f);
	buf_release(&b);
	return rc;
}

static enum rc
print_lines(struct rescue *r, struct fault *f)
{
	const unsigned char *p;
	uint64_t off;
	size_t n;
	enum rc rc;

	for (off = 0; off < spool_size(r->lines); off += n) {
		rc = spool_view(r->lines, off, SIZE_MAX, &p, &n, f);
		if (rc != RC_OK)
			return rc;
		(void)fwrite(p, 1, n, stdout);
	}
	return RC_OK;
}

static const char *
verdict(const struct rescue *r)
{
	if (r->lost > 0 || r->endless)
		return "salvaged-with-losses";
	return r->refused > 0 ? "whole-with-gaps" : "whole";
}

static void
head_tsv(const struct rescue *r, struct buf *b)
{
	const struct archive_header *h = salvage_header(r->from);

	buf_adds(b, "#mailproof\t1\tsalvage\narchive");
	add_text(b, r->name);
	buf_addf(b, "\t%s", salvage_id(r->from));
	add_text(b, h != NULL ? h->account : "-");
	buf_addc(b, '\t');
	if (r->end.final != NULL)
		hash_hex(b, &r->end.final->hash);
	else
		buf_addc(b, '-');
	if (r->output != NULL) {
		buf_adds(b, "\nrescued");
		add_text(b, r->output);
		buf_addf(b, "\t%s", r->to_id);
	}
	buf_addf(b, "\nsegments\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\n",
	    r->end.segments, r->end.manifests, r->end.damaged);
}

static void
show(struct buf *b, const char *label, const char *text)
{
	buf_addf(b, "%-12s", label);
	text_visible(b, text, strlen(text), SHOWN_MAX);
	buf_addc(b, '\n');
}

static void
head_text(const struct rescue *r, struct buf *b)
{
	const struct archive_header *h = salvage_header(r->from);
	struct buf octets = BUF_INIT;

	show(b, "archive", r->name);
	show(b, "id", salvage_id(r->from));
	show(b, "of", h != NULL ? h->account : "(its header is lost)");
	if (r->output != NULL) {
		show(b, "rescued", r->output);
		show(b, "id", r->to_id);
	}
	buf_addf(b,
	    "segments    %" PRIu32 " known, %" PRIu32
	    " with a manifest that is signed, %" PRIu32 " damaged\n",
	    r->end.segments, r->end.manifests, r->end.damaged);
	show(b, "final", r->end.final != NULL ? "signed" : "lost");
	text_bytes(&octets, r->octets);
	buf_addf(b, "messages    %" PRIu64 ", %s, by signed hashes\n", r->saved,
	    buf_str(&octets));
	buf_release(&octets);
	if (spool_size(r->lines) > 0)
		buf_addc(b, '\n');
}

/* Where the final is lost, so is the number of what its end took. */
static void
losses_text(const struct rescue *r, struct buf *b)
{
	buf_adds(b, "\nverdict: salvaged: ");
	text_count(b, r->saved, "message");
	buf_addf(b, " %s proved, ", r->saved == 1 ? "is" : "are");
	if (r->lost > 0)
		buf_addf(b, "%" PRIu64 " %s LOST or unproved (above)%s",
		    r->lost, r->lost == 1 ? "IS" : "ARE",
		    r->endless ? ", and " : "");
	if (r->endless)
		buf_adds(b,
		    "what lay behind the end IS LOST, and nobody knows how "
		    "many messages that were");
	buf_addc(b, '\n');
}

static void
verdict_text(const struct rescue *r, struct buf *b)
{
	if (r->lost > 0 || r->endless) {
		losses_text(r, b);
	} else {
		buf_adds(b, "\nverdict: nothing is lost: all ");
		text_count(b, r->saved, "message");
		buf_addf(b, " %s proved\n", r->saved == 1 ? "is" : "are");
	}
	if (r->strays > 0)
		buf_addf(b,
		    "verdict: %" PRIu64 " of these may be among the messages "
		    "that no signature vouches for, kept apart: their names "
		    "agree with their octets, which rules out damage and not "
		    "forgery\n",
		    r->strays);
	if (r->refused == 0)
		return;
	buf_adds(b, "verdict: the source had refused ");
	text_count(b, r->refused, "message");
	buf_adds(b, " or folders before\n");
}

void
rescue_tell(const struct rescue *r)
{
	struct event *e = event_begin(r->report, "salvage");

	event_text(e, "verdict", verdict(r));
	event_number(e, "messages", r->saved);
	event_number(e, "unsigned", r->strays);
	event_number(e, "lost", r->lost);
	event_flag(e, "lost_known", !r->endless);
	event_number(e, "refused", r->refused);
	event_send(e);
}

enum rc
rescue_print(struct rescue *r, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc;

	if (r->tsv)
		head_tsv(r, &b);
	else
		head_text(r, &b);
	(void)fwrite(b.data, 1, b.len, stdout);
	buf_clear(&b);
	rc = print_lines(r, f);
	if (r->tsv)
		buf_addf(&b,
		    "verdict\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\n",
		    verdict(r), r->saved, r->strays, r->lost,
		    r->endless ? "at-least" : "known");
	else
		verdict_text(r, &b);
	(void)fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
	if (rc == RC_OK && (fflush(stdout) != 0 || ferror(stdout)))
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
	return rc;
}
