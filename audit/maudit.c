/* maudit: prove that an archive is whole, and that a target holds it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/opener.h"
#include "archives.h"
#include "audit.h"
#include "program/main.h"
#include "rescue.h"
#include "util/num.h"

enum {
	OPT_MAP = 256,
	OPT_INTO,
	OPT_FORMAT,
	OPT_LIST,
	OPT_STRICT,
	OPT_LEVEL,
	OPT_SALVAGE,
	OPT_AT,
	OPT_EXPECT_GENERATION,
	OPT_EXPECT_FINAL,
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
	{ "at", OPT_AT, "GENERATION",
	    "of a chain, the mailbox as it was then (default: the last)" },
	{ "expect-generation", OPT_EXPECT_GENERATION, "NUMBER",
	    "the last archive must be of this generation" },
	{ "expect-final", OPT_EXPECT_FINAL, "HASH",
	    "the last archive's final must have this hash" },
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
	uint32_t at;       /* 0: the last */
	uint32_t expected; /* generation; 0: any */
	bool final_given;
	struct hash final;
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
take_generation(const char *option, const char *value, uint32_t *r,
    struct fault *f)
{
	uint64_t n;

	if (!num_u64(value, strlen(value), UINT32_MAX, &n) || n == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--%s %s: give the number of a generation, from 1 on",
		    option, value);
	*r = (uint32_t)n;
	return RC_OK;
}

static enum rc
take_final(struct settings *s, const char *value, struct fault *f)
{
	s->final_given = true;
	if (hash_parse(value, strlen(value), &s->final))
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--expect-final %s: give the %zu hex digits that maudit tells as "
	    "'final'",
	    value, 2 * sizeof(s->final.b));
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
	case OPT_AT:
		return take_generation("at", value, &s->at, f);
	case OPT_EXPECT_GENERATION:
		return take_generation("expect-generation", value, &s->expected,
		    f);
	case OPT_EXPECT_FINAL:
		return take_final(s, value, f);
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
	.synopsis = "[options] [-p PUBKEY] ARCHIVE... [TARGET]\n"
		    "--salvage [-p PUBKEY] [-s SECKEY] -o FILE ARCHIVE",
	.summary = "prove that an archive is whole, and that nothing in it "
		   "is missing at a target",
	.tables = tables,
	.own = own_option,
};

/* What the user knows of the archive that was made last. */
static enum rc
check_generation(const struct settings *s, const struct lineage *l,
    struct fault *f)
{
	const uint32_t last = lineage_last(l);

	if (s->expected == 0 || s->expected == last)
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_DATA,
	    "%s: is of generation %u, and the last one was to be %u "
	    "(--expect-generation)%s",
	    lineage_name(l, last), last, s->expected,
	    last < s->expected ? ": newer archives are missing" : "");
}

/* Against a target what counts is what the manifests sign. */
static enum rc
open_chain(const struct settings *s, struct audit *a,
    const struct archives *archives, struct fault *f)
{
	char *path = options_key_path(s->common.public_key, "public.key");
	struct pubkey key;
	const struct lineage_options options = { .key = &key,
		.at = s->at,
		.verify = archives->target == NULL,
		.seen = archives->target == NULL ? audit_seen : NULL,
		.arg = a };
	enum rc rc;

	a->final = s->final_given ? &s->final : NULL;
	rc = pubkey_load(path, &key, f);
	if (rc == RC_OK)
		rc = archives_open(archives, &options, &a->chain, f);
	if (rc == RC_OK)
		rc = check_generation(s, a->chain, f);
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
tell_archives(struct audit *a)
{
	struct event *e;
	uint32_t g;

	for (g = 1; g <= lineage_last(a->chain); g++) {
		e = event_begin(a->report, "archive");
		event_text(e, "id", lineage_header(a->chain, g)->id);
		event_number(e, "generation", g);
		event_number(e, "segments",
		    lineage_final(a->chain, g)->totals.segments);
		event_number(e, "segments_read", audit_segments_read(a, g));
		event_flag(e, "signature_of_file", audit_whole_signed(a, g));
		event_send(e);
	}
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
		rc = target == NULL ? audit_load_chain(a, f) :
				      audit_read_target(a, f);
	progress_clear(a->report);
	if (rc != RC_OK)
		return rc;
	audit_conclude(a);
	tell_archives(a);
	return print(s, a, f);
}

static enum rc
salvage(const struct settings *s, const struct archives *archives,
    struct audit *a, struct fault *f)
{
	const struct location *damaged = archives->archive;
	struct rescue r = { .options = &s->common,
		.output = s->common.dry_run ? NULL : s->output,
		.tsv = s->format == FORMAT_TSV,
		.report = a->report,
		.outcome = &a->outcome };

	if (archives->n != 1 || archives->target != NULL ||
	    s->format == FORMAT_MISSING)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--salvage takes one ARCHIVE, no TARGET and no --list");
	if (s->at != 0 || s->expected != 0 || s->final_given)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--salvage knows no chain: leave out --at and --expect-*");
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
check_settings(const struct settings *s, struct fault *f)
{
	if (s->output != NULL && !s->salvage)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-o is for --salvage alone");
	if (s->format == FORMAT_MISSING && s->level == LEVEL_COUNT)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--list missing: counts name no message: use --level "
		    "full or header");
	return RC_OK;
}

static enum rc
run(struct settings *s, int operands, char **operand, struct audit *a,
    struct fault *f)
{
	struct archives archives = { .n = 0 };
	enum rc rc;

	s->common.access.secret = options_secret(&s->common, 0);
	a->selection = &s->common.selection;
	a->mapping = &s->mapping;
	a->strict = s->strict;
	a->level = s->level;
	rc = check_settings(s, f);
	if (rc == RC_OK)
		rc = archives_parse(&archives, operands, operand, f);
	if (rc == RC_OK && s->salvage) {
		rc = salvage(s, &archives, a, f);
	} else if (rc == RC_OK) {
		rc = open_chain(s, a, &archives, f);
		if (rc == RC_OK)
			rc = audit(s, a, archives.target, f);
	}
	store_free(a->target);
	lineage_free(a->chain);
	archives_release(&archives);
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
