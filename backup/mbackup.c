/* mbackup: copy mail from a server or a Maildir into a signed archive. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/opener.h"
#include "backup.h"
#include "bytes/minisign.h"
#include "keygen.h"
#include "parent.h"
#include "plan.h"
#include "program/main.h"
#include "program/options.h"
#include "program/output.h"
#include "program/report.h"
#include "resume.h"
#include "util/file.h"
#include "util/num.h"
#include "util/text.h"

enum { OPT_SEGMENT_SIZE = 256, OPT_BEST, OPT_BASE, OPT_RESUME };

static const struct option_spec options_backup[] = {
	{ "output", 'o', "FILE",
	    "write the archive to FILE ('-': standard "
	    "output)" },
	{ "generate", 'G', NULL, "make a key pair and end" },
	{ "base", OPT_BASE, "PARENT",
	    "only what this archive, and those that it goes on with (each with "
	    "a --base of its own), lack" },
	{ "best", OPT_BEST, NULL, "compress better, and slower" },
	{ "resume", OPT_RESUME, NULL,
	    "go on with the FILE.part of a run that was cut short" },
	{ "segment-size", OPT_SEGMENT_SIZE, "SIZE",
	    "octets of mail a segment (default 16M)" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_backup,
	options_keys,
	options_selection,
	options_connect,
	options_parallel,
	options_accounts,
	options_general,
	NULL,
};

/* Each names a thing of one account. */
static const char *const single[] = { "output", "generate", "base", NULL };

struct settings {
	struct common_options common;
	const char *output;
	bool generate;
	bool best;
	bool resume;
	uint64_t segment_size;
	struct strs base;
	struct lineage *parent; /* NULL: a full backup */
	struct pubkey key;      /* that signed it */
	struct opener source;
};

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
	case OPT_BASE:
		strs_add(&s->base, value);
		break;
	case OPT_BEST:
		s->best = true;
		break;
	case OPT_RESUME:
		s->resume = true;
		break;
	case OPT_SEGMENT_SIZE:
		if (!num_size(value, &s->segment_size) ||
		    s->segment_size < 4096 || s->segment_size > 1 << 30)
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "--segment-size %s: give 4k to 1G", value);
		break;
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
	return RC_OK;
}

static const struct program program = {
	.name = "mbackup",
	.synopsis = "[options] [-s SECKEY] [--base PARENT]... [-o FILE] "
		    "SOURCE\n"
		    "[options] [-s SECKEY] -A LIST -d DIR\n"
		    "-G [-p PUBKEY] [-s SECKEY]",
	.summary = "copy mail into a signed archive; the source is never "
		   "written to",
	.tables = tables,
	.own = own_option,
	.work = WORK_BACKUP,
	.single = single,
};

static bool
is_to_stdout(const struct settings *s)
{
	return s->output == NULL || strcmp(s->output, "-") == 0;
}

static enum rc
open_output(const struct settings *s, struct outfile *out, struct fault *f)
{
	if (is_to_stdout(s)) {
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
tell_delta(struct backup *b, const struct settings *s,
    const struct archive_totals *t)
{
	const uint32_t generation = lineage_last(s->parent) + 1;
	struct event *e = event_begin(b->report, "delta");

	report_note(b->report,
	    "generation %u: %llu messages added, %llu of them by reference, "
	    "%llu with other flags, %llu removed; %llu in the mailbox",
	    generation, (unsigned long long)t->messages,
	    (unsigned long long)t->links, (unsigned long long)b->news.changed,
	    (unsigned long long)b->news.removed, (unsigned long long)t->state);
	event_number(e, "generation", generation);
	event_text(e, "parent", parent_header(s->parent)->id);
	event_number(e, "added", t->messages);
	event_number(e, "referenced", t->links);
	event_number(e, "changed", b->news.changed);
	event_number(e, "removed", b->news.removed);
	event_number(e, "mailbox", t->state);
	event_send(e);
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
	if (s->parent != NULL)
		tell_delta(b, s, &t);
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
    const struct folders *folders, const struct seckey *key,
    struct outfile *out, struct fault *f)
{
	const struct store_info *info = b->source->ops->info(b->source);
	struct archive_about about = {
		.account = s->parent != NULL ?
		    parent_header(s->parent)->account :
		    info->location,
		.parent = s->parent,
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
	if (!complete)
		rc = backup_run(b, folders, f);
	if (rc == RC_OK) {
		if (!complete)
			backup_end(b);
		rc = output_publish(b->archive, out, f);
		b->sink_failed = rc != RC_OK;
	}
	progress_clear(b->report);
	if (rc == RC_OK)
		tell_totals(b, s);
	else
		keep_part(b, out);
	archive_writer_free(b->archive);
	return rc;
}

static enum rc
load_parent(struct settings *s, struct backup *b, const struct pubkey *key,
    bool glance, struct fault *f)
{
	enum rc rc;

	lineage_free(s->parent);
	s->parent = NULL;
	known_free(b->known);
	b->known = known_new();
	rc = parent_open(&s->base, key, glance, &s->parent, f);
	if (rc == RC_END)
		rc = parent_open(&s->base, key, false, &s->parent, f);
	return rc == RC_OK ? known_take(b->known, s->parent, f) : rc;
}

/* The parent was signed with the key that is to sign; a dry run has no need
 * of its secret. */
static enum rc
open_parent(struct settings *s, struct backup *b, const struct seckey *secret,
    const struct location *l, struct fault *f)
{
	struct pubkey key;
	char *path;
	enum rc rc = RC_OK;

	if (s->base.n == 0)
		return RC_OK;
	if (secret != NULL) {
		seckey_public(secret, &key);
	} else {
		path = options_key_path(s->common.public_key, "public.key");
		rc = pubkey_load(path, &key, f);
		free(path);
	}
	if (rc == RC_OK)
		rc = load_parent(s, b, &key, !s->resume, f);
	if (rc == RC_OK)
		rc = parent_check(s->parent, l->text, b->selection, f);
	s->key = key;
	return rc;
}

/* A glance is enough where nothing is new. */
static enum rc
look_closer(struct settings *s, struct backup *b, struct folders *folders,
    struct fault *f)
{
	enum rc rc;

	if (s->parent == NULL)
		return RC_OK;
	rc = plan_count(b, folders, f);
	if (rc != RC_OK || !lineage_is_glance(s->parent) ||
	    plan_is_same(b, folders))
		return rc;
	return load_parent(s, b, &s->key, false, f);
}

static enum rc
read_source(struct settings *s, struct backup *b, const struct location *l,
    struct fault *f)
{
	struct folders folders = FOLDERS_INIT;
	struct seckey *key = NULL;
	struct outfile out = { .fd = -1 };
	enum rc rc = RC_OK;

	s->source = (struct opener){ l, &s->common.access, false };
	b->open = opener_open;
	b->open_arg = &s->source;
	b->connections = s->common.connections;
	if (!s->common.dry_run)
		rc = output_key(&s->common, &key, f);
	if (rc == RC_OK && s->resume)
		rc = output_reopen(s->output, &out, f);
	if (rc == RC_OK)
		rc = open_parent(s, b, key, l, f);
	if (rc == RC_OK)
		rc = opener_open(&s->source, &b->source, f);
	if (rc == RC_OK)
		report_trust(b->report, b->source->ops->info(b->source),
		    s->common.access.allow_plaintext);
	if (rc == RC_OK)
		rc = b->source->ops->folders(b->source, &folders, f);
	if (rc == RC_OK)
		rc = look_closer(s, b, &folders, f);
	if (rc == RC_OK && s->common.dry_run)
		rc = backup_list(b, &folders, f);
	else if (rc == RC_OK)
		rc = write_archive(s, b, &folders, key, &out, f);
	outfile_abandon(&out, true);
	folders_release(&folders);
	store_free(b->source);
	known_free(b->known);
	lineage_free(s->parent);
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
		if (operand != argc || s->base.n > 0)
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "-G takes no operand, and no --base");
		return keygen_run(&s->common, b->report, f);
	}
	if (operand != argc - 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "give exactly one SOURCE (mbackup -h tells more)");
	if (s->resume && (is_to_stdout(s) || s->common.dry_run))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--resume goes on with the file of -o FILE, without -n");
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
	if (status == -1)
		status = program_end(b.report, &s.common, &b.outcome,
		    run(&s, argc, argv, operand, &b, &f), &f);
	strs_release(&s.base);
	return status;
}
