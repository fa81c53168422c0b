/* mbackup: copy mail from a server or a Maildir into a signed archive. */
#include <string.h>
#include <unistd.h>

#include "accounts/opener.h"
#include "backup.h"
#include "bytes/minisign.h"
#include "follow.h"
#include "keygen.h"
#include "program/main.h"
#include "program/options.h"
#include "program/output.h"
#include "program/report.h"
#include "util/file.h"
#include "util/num.h"
#include "util/text.h"

/* More is a mistake. */
#define TIME_MAX_MS (INT64_C(365) * 86400 * 1000)

enum { OPT_SEGMENT_SIZE = 256, OPT_BEST, OPT_FOLLOW, OPT_UNTIL_QUIET };

static const struct option_spec options_backup[] = {
	{ "output", 'o', "FILE",
	    "write the archive to FILE ('-': standard "
	    "output)" },
	{ "generate", 'G', NULL, "make a key pair and end" },
	{ "best", OPT_BEST, NULL, "compress better, and slower" },
	{ "segment-size", OPT_SEGMENT_SIZE, "SIZE",
	    "octets of mail a segment (default 16M)" },
	{ "follow", OPT_FOLLOW, "TIME",
	    "go on for so long (48h) with what comes" },
	{ "until-quiet", OPT_UNTIL_QUIET, "TIME",
	    "follow no longer than until nothing came for so long" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_backup,
	options_keys,
	options_selection,
	options_connect,
	options_parallel,
	options_general,
	NULL,
};

struct settings {
	struct common_options common;
	const char *output;
	bool generate;
	bool best;
	uint64_t segment_size;
	struct follow_plan follow; /* ms 0: not */
	struct opener source;
};

static enum rc
take_time(const char *option, const char *value, int64_t *ms_r, struct fault *f)
{
	if (num_duration(value, ms_r) && *ms_r > 0 && *ms_r <= TIME_MAX_MS)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--%s %s: give a time such as 90s, 30m, 48h or 2d, up to 365d",
	    option, value);
}

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct settings *s = arg;

	switch (letter) {
	case 'o':
		s->output = value;
		break;
	case 'G':
		s->generate = true;
		break;
	case OPT_BEST:
		s->best = true;
		break;
	case OPT_SEGMENT_SIZE:
		if (!num_size(value, &s->segment_size) ||
		    s->segment_size < 4096 || s->segment_size > 1 << 30)
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "--segment-size %s: give 4k to 1G", value);
		break;
	case OPT_FOLLOW:
		return take_time("follow", value, &s->follow.ms, f);
	case OPT_UNTIL_QUIET:
		return take_time("until-quiet", value, &s->follow.quiet_ms, f);
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
	return RC_OK;
}

static const struct program program = {
	.name = "mbackup",
	.synopsis = "[options] [-s SECKEY] [-o FILE] SOURCE\n"
		    "[options] --follow TIME [-o FILE] SOURCE\n"
		    "-G [-p PUBKEY] [-s SECKEY]",
	.summary = "copy mail into a signed archive; the source is never "
		   "written to",
	.tables = tables,
	.own = own_option,
};

static enum rc
open_output(const struct settings *s, struct outfile *out, struct fault *f)
{
	if (s->output == NULL || strcmp(s->output, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "an archive is not for a terminal: give -o FILE "
			    "or a pipe");
		outfile_borrow(out, STDOUT_FILENO);
		return RC_OK;
	}
	return output_create(s->output, out, f);
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
		    "segments; it can be checked and restored from, and is "
		    "not a complete backup",
		    out->part, t.segments);
	outfile_abandon(out, worth);
}

static void
tell_totals(struct backup *b, const struct settings *s)
{
	struct archive_totals t;
	struct buf in = BUF_INIT, packed = BUF_INIT;
	struct event *e;

	archive_writer_totals(b->archive, &t);
	text_bytes(&in, t.octets);
	text_bytes(&packed, t.written);
	report_note(b->report, "%llu messages, %s, in %s of archive%s%s",
	    (unsigned long long)t.messages, buf_str(&in), buf_str(&packed),
	    s->output != NULL ? " " : "", s->output != NULL ? s->output : "");
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
}

static enum rc
write_archive(const struct settings *s, struct backup *b,
    const struct folders *folders, const struct seckey *key, struct fault *f)
{
	const struct store_info *info = b->source->ops->info(b->source);
	struct archive_about about = {
		.account = info->location,
		.server = info->software,
		.tool = "mailproof " MAILPROOF_VERSION,
		.selection = b->selection,
		.segment_size = s->segment_size,
		.best = s->best,
	};
	struct outfile out = { .fd = -1 };
	enum rc rc;

	rc = open_output(s, &out, f);
	if (rc != RC_OK)
		return rc;
	rc = archive_writer_new(&about, key, &out, &b->archive, f);
	if (rc != RC_OK) {
		outfile_abandon(&out, false);
		return rc;
	}
	if (s->follow.ms > 0)
		rc = follow_run(b, &s->follow, folders, f);
	else
		rc = backup_run(b, folders, f);
	if (rc == RC_OK) {
		rc = output_publish(b->archive, &out, f);
		b->sink_failed = rc != RC_OK;
	}
	progress_clear(b->report);
	if (rc == RC_OK)
		tell_totals(b, s);
	else
		keep_part(b, &out);
	archive_writer_free(b->archive);
	return rc;
}

static enum rc
read_source(struct settings *s, struct backup *b, const struct location *l,
    struct fault *f)
{
	struct folders folders = FOLDERS_INIT;
	struct seckey *key = NULL;
	enum rc rc = RC_OK;

	s->source = (struct opener){ l, &s->common.access, false };
	b->open = opener_open;
	b->open_arg = &s->source;
	b->connections = s->common.connections;
	if (!s->common.dry_run)
		rc = output_key(&s->common, &key, f);
	if (rc == RC_OK)
		rc = opener_open(&s->source, &b->source, f);
	if (rc == RC_OK)
		report_trust(b->report, b->source->ops->info(b->source),
		    s->common.access.allow_plaintext);
	if (rc == RC_OK)
		rc = b->source->ops->folders(b->source, &folders, f);
	if (rc == RC_OK && s->common.dry_run)
		rc = backup_list(b, &folders, f);
	else if (rc == RC_OK)
		rc = write_archive(s, b, &folders, key, f);
	folders_release(&folders);
	store_free(b->source);
	seckey_free(key);
	return rc;
}

static enum rc
run(struct settings *s, int argc, char **argv, int operand, struct backup *b,
    struct fault *f)
{
	struct location l;
	enum rc rc;

	if (s->generate) {
		if (operand != argc)
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "-G takes no operand");
		return keygen_run(&s->common, b->report, f);
	}
	if (operand != argc - 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "give exactly one SOURCE (mbackup -h tells more)");
	if (s->follow.quiet_ms > 0 && s->follow.ms == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--until-quiet goes with --follow: give the longest "
		    "time as well");
	rc = location_parse(argv[operand], &l, f);
	if (rc != RC_OK)
		return rc;
	s->common.access.secret = options_secret(&s->common, 0);
	b->selection = &s->common.selection;
	rc = read_source(s, b, &l, f);
	location_release(&l);
	return rc;
}

int
main(int argc, char **argv)
{
	struct settings s = { .segment_size = 0 };
	struct backup b = { .source = NULL };
	struct fault f = FAULT_INIT;
	int operand, status;

	status = program_begin(&program, argc, argv, &s.common, &s, &operand,
	    &b.report);
	if (status != -1)
		return status;
	return program_end(b.report, &s.common, &b.outcome,
	    run(&s, argc, argv, operand, &b, &f), &f);
}
