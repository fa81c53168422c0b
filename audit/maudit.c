/* maudit: prove that an archive is whole, and that a target holds it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/opener.h"
#include "audit.h"
#include "program/main.h"
#include "rescue.h"
#include "util/buf.h"

enum {
	OPT_MAP = 256,
	OPT_INTO,
	OPT_FORMAT,
	OPT_LIST,
	OPT_STRICT,
	OPT_LEVEL,
	OPT_SALVAGE,
};

static const struct option_spec options_audit[] = {
	{ "level", OPT_LEVEL, "LEVEL",
	    "full (default), header or count: how much of the target to "
	    "look at" },
	{ "format", OPT_FORMAT, "FORMAT", "text (default) or tsv" },
	{ "list", OPT_LIST, "missing",
	    "print the list of missing messages "
	    "for mrestore --only, and no report" },
	{ "strict", OPT_STRICT, NULL,
	    "extra and relocated messages and "
	    "drift count as differences" },
	{ "map", OPT_MAP, "FROM=TO",
	    "the archive's folder and all below it "
	    "lie elsewhere at the target" },
	{ "into", OPT_INTO, "PREFIX", "everything lies below this folder" },
	{ "salvage", OPT_SALVAGE, NULL,
	    "put what is whole in a damaged ARCHIVE "
	    "into a new one" },
	{ "output", 'o', "FILE", "the new archive of --salvage" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_audit,
	options_keys,
	options_selection,
	options_connect,
	options_parallel,
	options_general,
	NULL,
};

enum format { FORMAT_TEXT, FORMAT_TSV, FORMAT_MISSING };

struct settings {
	struct common_options common;
	struct mapping mapping;
	enum format format;
	enum audit_level level;
	bool strict;
	bool salvage;
	const char *output;
	struct opener opener;
};

static enum rc
take_level(struct settings *s, const char *value, struct fault *f)
{
	static const char *const word[] = { "full", "header", "count" };
	size_t i;

	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (strcmp(value, word[i]) == 0) {
			s->level = (enum audit_level)i;
			return RC_OK;
		}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--level %s: give full, header or count", value);
}

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct settings *s = arg;

	switch (letter) {
	case OPT_MAP:
		return mapping_add(&s->mapping, value, f);
	case OPT_INTO:
		return mapping_set_into(&s->mapping, value, f);
	case OPT_FORMAT:
		if (strcmp(value, "tsv") == 0)
			s->format = FORMAT_TSV;
		else if (strcmp(value, "text") == 0)
			s->format = FORMAT_TEXT;
		else
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "--format %s: give text or tsv", value);
		break;
	case OPT_LEVEL:
		return take_level(s, value, f);
	case OPT_LIST:
		if (strcmp(value, "missing") != 0)
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "--list %s: only 'missing' can be listed", value);
		s->format = FORMAT_MISSING;
		break;
	case OPT_STRICT:
		s->strict = true;
		break;
	case OPT_SALVAGE:
		s->salvage = true;
		break;
	case 'o':
		s->output = value;
		break;
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
	return RC_OK;
}

static const struct program program = {
	.name = "maudit",
	.synopsis = "[options] [-p PUBKEY] ARCHIVE [TARGET]\n"
		    "--salvage [-p PUBKEY] [-s SECKEY] -o FILE ARCHIVE",
	.summary = "prove that an archive is whole, and that nothing in it "
		   "is missing at a target",
	.tables = tables,
	.own = own_option,
};

/* Against a target what counts is what the manifests sign. */
static enum rc
open_archive(const struct settings *s, struct audit *a,
    const struct location *l, bool target, struct fault *f)
{
	char *path = options_key_path(s->common.public_key, "public.key");
	struct buf minisig = BUF_INIT;
	unsigned options = target ? ARCHIVE_MANIFESTS : 0;
	struct pubkey key;
	enum rc rc;
	int fd;

	rc = pubkey_load(path, &key, f);
	if (rc == RC_OK)
		rc = archive_open_fd(l, &fd, &minisig, f);
	a->detached = minisig.len > 0;
	if (a->detached && !target)
		options |= ARCHIVE_DETACHED;
	if (rc == RC_OK)
		rc = archive_reader_new(fd, l->text, &key, options,
		    a->detached ? &minisig : NULL, &a->archive, f);
	a->name = l->text;
	buf_release(&minisig);
	free(path);
	return rc;
}

static enum rc
print(const struct settings *s, struct audit *a, struct fault *f)
{
	enum rc rc = RC_OK;

	switch (s->format) {
	case FORMAT_TEXT:
		rc = audit_print_text(a, f);
		break;
	case FORMAT_TSV:
		rc = audit_print_tsv(a, f);
		break;
	case FORMAT_MISSING:
		rc = audit_print_missing(a, f);
		break;
	}
	if (rc == RC_OK && (fflush(stdout) != 0 || ferror(stdout)))
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
	return rc;
}

/* What the verdict rests on, for those who read events. */
static void
tell_archive(struct audit *a)
{
	struct event *e = event_begin(a->report, "archive");

	event_text(e, "id", archive_reader_header(a->archive)->id);
	event_number(e, "segments",
	    archive_reader_final(a->archive)->totals.segments);
	event_number(e, "segments_read", audit_segments_read(a));
	event_flag(e, "signature_of_file", a->detached && a->target == NULL);
	event_send(e);
}

static enum rc
audit(struct settings *s, struct audit *a, const struct location *target,
    struct fault *f)
{
	enum rc rc = RC_OK;

	s->opener = (struct opener){ target, &s->common.access, false };
	a->open = opener_open;
	a->open_arg = &s->opener;
	a->connections = s->common.connections;
	/* a wrong password is found before an hour of reading */
	if (target != NULL)
		rc = opener_open(&s->opener, &a->target, f);
	if (rc == RC_OK && target != NULL)
		report_trust(a->report, a->target->ops->info(a->target),
		    s->common.access.allow_plaintext);
	if (rc == RC_OK)
		rc = target == NULL ? audit_load_archive(a, f) :
				      audit_read_target(a, f);
	progress_clear(a->report);
	if (rc != RC_OK)
		return rc;
	audit_conclude(a);
	tell_archive(a);
	return print(s, a, f);
}

static enum rc
salvage(const struct settings *s, int operands, const struct location *damaged,
    struct audit *a, struct fault *f)
{
	struct rescue r = { .options = &s->common,
		.output = s->common.dry_run ? NULL : s->output,
		.tsv = s->format == FORMAT_TSV,
		.report = a->report,
		.outcome = &a->outcome };

	if (operands != 1 || s->format == FORMAT_MISSING)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--salvage takes one ARCHIVE, no TARGET and no --list");
	if (damaged->kind != LOCATION_ARCHIVE)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--salvage %s: only a file can be salvaged, no pipe: it is "
		    "read more than once",
		    damaged->text);
	if (!s->common.dry_run &&
	    (s->output == NULL || strcmp(s->output, "-") == 0))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--salvage: name the new archive with -o FILE, or ask with "
		    "-n what there is");
	return rescue_run(&r, damaged, f);
}

static enum rc
run(struct settings *s, int operands, char **operand, struct audit *a,
    struct fault *f)
{
	struct location archive = { .text = NULL }, target = { .text = NULL };
	enum rc rc;

	if (s->output != NULL && !s->salvage)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-o is for --salvage alone");
	if (operands < 1 || operands > 2)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "give an ARCHIVE "
		    "('-': standard input), and a TARGET to hold it against "
		    "(maudit -h tells more)");
	s->common.access.secret = options_secret(&s->common, 0);
	a->selection = &s->common.selection;
	a->mapping = &s->mapping;
	a->strict = s->strict;
	a->level = s->level;
	if (s->format == FORMAT_MISSING && s->level == LEVEL_COUNT)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--list missing: counts name no message: use --level "
		    "full or header");
	rc = location_parse(operand[0], &archive, f);
	if (rc == RC_OK && operands == 2)
		rc = location_parse(operand[1], &target, f);
	if (rc == RC_OK && !location_is_archive(&archive))
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'%s' is not an archive: the ARCHIVE comes first",
		    archive.text);
	if (rc == RC_OK && s->salvage) {
		rc = salvage(s, operands, &archive, a, f);
		goto out;
	}
	if (rc == RC_OK)
		rc = open_archive(s, a, &archive, operands == 2, f);
	if (rc == RC_OK)
		rc = audit(s, a, operands == 2 ? &target : NULL, f);
out:
	store_free(a->target);
	archive_reader_free(a->archive);
	location_release(&archive);
	location_release(&target);
	return rc;
}

int
main(int argc, char **argv)
{
	struct settings s = { .format = FORMAT_TEXT };
	struct fault f = FAULT_INIT;
	struct outcome outcome;
	struct audit a;
	int operand, status;
	enum rc rc;

	audit_init(&a);
	status = program_begin(&program, argc, argv, &s.common, &s, &operand,
	    &a.report);
	if (status == -1) {
		rc = run(&s, argc - operand, argv + operand, &a, &f);
		outcome = a.outcome;
		audit_release(&a);
		status = program_end(a.report, &s.common, &outcome, rc, &f);
	} else {
		audit_release(&a);
	}
	mapping_release(&s.mapping);
	return status;
}
