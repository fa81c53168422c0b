/* mrestore: bring the mail of an archive to a server or a Maildir, once. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/opener.h"
#include "program/main.h"
#include "restore.h"
#include "util/buf.h"
#include "util/mem.h"

enum { OPT_MAP = 256, OPT_INTO, OPT_ONLY, OPT_JOURNAL, OPT_AGAIN };

static const struct option_spec options_restore[] = {
	{ "map", OPT_MAP, "FROM=TO",
	    "put a folder and all below it "
	    "elsewhere" },
	{ "into", OPT_INTO, "PREFIX", "put everything below this folder" },
	{ "only", OPT_ONLY, "LIST",
	    "only the messages of this list, as "
	    "maudit --list wrote it" },
	{ "again", OPT_AGAIN, NULL,
	    "also what was restored before and "
	    "removed at the target since" },
	{ "journal", OPT_JOURNAL, "FILE",
	    "keep the journal of this restore "
	    "in FILE" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_restore,
	options_keys,
	options_selection,
	options_connect,
	options_parallel,
	options_general,
	NULL,
};

struct settings {
	struct common_options common;
	struct mapping mapping;
	const char *only;
	const char *journal;
	bool again;
	struct opener opener;
};

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct settings *s = arg;

	switch (letter) {
	case OPT_MAP:
		return mapping_add(&s->mapping, value, f);
	case OPT_INTO:
		return mapping_set_into(&s->mapping, value, f);
	case OPT_ONLY:
		s->only = value;
		break;
	case OPT_JOURNAL:
		s->journal = value;
		break;
	case OPT_AGAIN:
		s->again = true;
		break;
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
	return RC_OK;
}

static const struct program program = {
	.name = "mrestore",
	.synopsis = "[options] [-p PUBKEY] ARCHIVE TARGET",
	.summary = "bring the mail of an archive to a server or a Maildir, "
		   "exactly once",
	.tables = tables,
	.own = own_option,
};

static enum rc
open_archive(const struct settings *s, const struct location *l,
    struct archive_reader **r, struct fault *f)
{
	char *path = options_key_path(s->common.public_key, "public.key");
	struct buf minisig = BUF_INIT;
	struct pubkey key;
	enum rc rc;
	int fd;

	rc = pubkey_load(path, &key, f);
	if (rc == RC_OK)
		rc = archive_open_fd(l, &fd, &minisig, f);
	if (rc == RC_OK)
		rc = archive_reader_new(fd, l->text, &key, ARCHIVE_KEEP, NULL,
		    r, f);
	buf_release(&minisig);
	free(path);
	return rc;
}

static enum rc
open_journal(const struct settings *s, struct restore *r, struct fault *f)
{
	const struct archive_header *h = archive_reader_header(r->archive);
	const struct journal_about about = {
		.account = h->account,
		.target = r->target->ops->info(r->target)->location,
		.archive = h->id,
	};
	char *former = journal_former_path(&about);
	char *path = s->journal != NULL ? xstrdup(s->journal) :
					  journal_default_path(&about);
	enum rc rc;

	rc = journal_open(path, &about, r->dry_run, &r->journal, f);
	if (rc == RC_OK && s->journal == NULL)
		rc = journal_adopt(r->journal, former, &about, f);
	free(path);
	free(former);
	return rc;
}

static void
tell_totals(const struct restore *r)
{
	report_note(r->report, "%llu messages %s, %llu there already",
	    (unsigned long long)r->outcome.done,
	    r->dry_run ? "would be appended" : "appended",
	    (unsigned long long)r->outcome.already);
	if (r->removed > 0)
		report_note(r->report,
		    "%llu messages were restored before "
		    "and removed at the target since: left alone (--again "
		    "brings them back)",
		    (unsigned long long)r->removed);
}

/* Nobody shall take it for a complete backup. */
static void
tell_salvaged(struct restore *r)
{
	const struct archive_header *h = archive_reader_header(r->archive);
	const struct archive_final *final = archive_reader_final(r->archive);
	uint64_t lost;

	if (h->origin[0] == '\0' || final == NULL)
		return;
	lost = archive_final_lost(final);
	r->outcome.refused += lost;
	report_warn(r->report,
	    "salvaged from the damaged archive %s: %llu messages were lost "
	    "(maudit lists them)",
	    h->origin, (unsigned long long)lost);
}

static enum rc
restore(const struct settings *s, struct restore *r, struct fault *f)
{
	size_t unfound;
	enum rc rc;

	rc = open_journal(s, r, f);
	if (rc != RC_OK)
		return rc;
	rc = restore_run(r, f);
	tell_totals(r);
	tell_salvaged(r);
	unfound = rc == RC_OK && r->only != NULL ? only_unfound(r->only) : 0;
	if (unfound > 0) {
		r->outcome.unlisted += unfound;
		report_warn(r->report,
		    "%s: %zu messages of the list are not "
		    "in this archive or not selected",
		    s->only, unfound);
	}
	return rc;
}

static enum rc
open_target(struct settings *s, const struct location *target,
    struct restore *r, struct fault *f)
{
	enum rc rc;

	s->opener = (struct opener){ target, &s->common.access, !r->dry_run };
	r->open = opener_open;
	r->open_arg = &s->opener;
	rc = opener_open(&s->opener, &r->target, f);
	if (rc == RC_OK)
		report_trust(r->report, r->target->ops->info(r->target),
		    s->common.access.allow_plaintext);
	return rc;
}

static enum rc
run(struct settings *s, struct location *archive, struct location *target,
    struct restore *r, struct fault *f)
{
	enum rc rc = RC_OK;

	r->selection = &s->common.selection;
	r->mapping = &s->mapping;
	r->again = s->again || s->only != NULL;
	r->dry_run = s->common.dry_run;
	r->connections = s->common.connections;
	s->common.access.secret = options_secret(&s->common, 0);
	if (s->only != NULL)
		rc = only_load(s->only, &r->only, f);
	if (rc == RC_OK)
		rc = open_archive(s, archive, &r->archive, f);
	if (rc == RC_OK)
		rc = restore_start(r, f);
	if (rc == RC_OK)
		rc = open_target(s, target, r, f);
	if (rc == RC_OK)
		rc = restore(s, r, f);
	restore_release(r);
	journal_free(r->journal);
	store_free(r->target);
	archive_reader_free(r->archive);
	only_free(r->only);
	return rc;
}

static enum rc
parse_and_run(struct settings *s, int operands, char **operand,
    struct restore *r, struct fault *f)
{
	struct location archive = { .text = NULL }, target = { .text = NULL };
	enum rc rc;

	if (operands != 2)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "give an ARCHIVE "
		    "('-': standard input) and a TARGET (mrestore -h tells "
		    "more)");
	rc = location_parse(operand[0], &archive, f);
	if (rc == RC_OK)
		rc = location_parse(operand[1], &target, f);
	if (rc == RC_OK && !location_is_archive(&archive))
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "'%s' is not an archive: the ARCHIVE comes first",
		    archive.text);
	if (rc == RC_OK)
		rc = run(s, &archive, &target, r, f);
	location_release(&archive);
	location_release(&target);
	return rc;
}

int
main(int argc, char **argv)
{
	struct settings s = { .only = NULL };
	struct restore r = { .archive = NULL };
	struct fault f = FAULT_INIT;
	int operand, status;
	enum rc rc;

	status = program_begin(&program, argc, argv, &s.common, &s, &operand,
	    &r.report);
	if (status == -1) {
		rc = parse_and_run(&s, argc - operand, argv + operand, &r, &f);
		status = program_end(r.report, &s.common, &r.outcome, rc, &f);
	}
	mapping_release(&s.mapping);
	return status;
}
