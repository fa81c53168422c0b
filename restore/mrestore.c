/* mrestore: bring the mail of an archive to a server or a Maildir, once. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/opener.h"
#include "bytes/minisign.h"
#include "program/main.h"
#include "program/output.h"
#include "prove.h"
#include "restore.h"
#include "rollback.h"
#include "scope.h"
#include "settings.h"
#include "util/mem.h"
#include "util/text.h"

/* The command line, and what it opens. */
struct job {
	struct settings s;         /* first: options_parse fills it */
	struct location *location; /* the archives, and the target last */
	size_t n;
	struct opener opener;
	bool started; /* reads ahead */
	struct rollback rollback;
	struct seckey *key; /* for what it removes */
};

static enum rc
open_archives(const struct job *j, struct origin **r, struct fault *f)
{
	const struct settings *s = &j->s;
	char *path = options_key_path(s->common.public_key, "public.key");
	struct pubkey key;
	const struct origin_options opt = {
		.key = &key,
		.at = s->at,
		.last = s->expect_generation,
		.final = s->expects_final ? &s->expect_final : NULL,
		.chain = s->rollback,
	};
	enum rc rc;

	rc = pubkey_load(path, &key, f);
	if (rc == RC_OK)
		rc = origin_open(j->location, j->n - 1, &opt, r, f);
	free(path);
	return rc;
}

static enum rc
open_journal(const struct settings *s, struct restore *r, struct fault *f)
{
	const struct archive_header *h = origin_header(r->origin);
	const struct journal_about about = {
		.account = h->account,
		.target = r->target->ops->info(r->target)->location,
		.archive = origin_root(r->origin),
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
	struct buf n = BUF_INIT;

	text_count(&n, r->outcome.done, "message");
	buf_addf(&n, " %s, %llu there already",
	    r->dry_run ? "would be appended" : "appended",
	    (unsigned long long)r->outcome.already);
	if (r->prove != NULL)
		buf_addf(&n, ", %llu proved",
		    (unsigned long long)prove_count(r));
	report_note(r->report, "%s", buf_str(&n));
	buf_clear(&n);
	text_count(&n, r->removed, "message");
	if (r->removed > 0)
		report_note(r->report,
		    "%s restored before and removed at the target since: left "
		    "alone (--again brings that back)",
		    buf_str(&n));
	buf_release(&n);
}

static void
tell_rollback(const struct restore *r)
{
	const struct rollback *b = r->rollback;
	const char *would = r->dry_run ? "would be " : "";

	if (b == NULL)
		return;
	report_note(r->report,
	    "flags of %llu messages %sset back; beyond the archives: %llu "
	    "messages, %llu folders",
	    (unsigned long long)b->flagged, would, (unsigned long long)b->extra,
	    (unsigned long long)b->folders);
	if (b->delete_extra && !r->dry_run)
		report_note(r->report, "%llu messages, %llu folders removed",
		    (unsigned long long)b->removed,
		    (unsigned long long)b->folders_removed);
}

/* Nobody shall take it for a complete backup. */
static void
tell_salvaged(struct restore *r)
{
	const struct archive_header *h = origin_header(r->origin);
	const struct archive_final *final = origin_final(r->origin);
	struct buf text = BUF_INIT;

	if (h->origin[0] == '\0' || final == NULL)
		return;
	r->outcome.refused += archive_final_lost(final);
	archive_lost_text(&text, h, final);
	report_warn(r->report,
	    "salvaged from the damaged archive %s: %s (maudit lists it)",
	    h->origin, buf_str(&text));
	buf_release(&text);
}

static void
tell_unfound(const struct settings *s, struct restore *r)
{
	size_t unfound = r->only != NULL ? only_unfound(r->only) : 0;

	if (unfound == 0)
		return;
	r->outcome.unlisted += unfound;
	report_warn(r->report,
	    "%s: %zu messages of the list are not in this archive or not "
	    "selected",
	    s->only, unfound);
}

/* What a chain holds is held against the journal first; a stream alone is
 * read ahead of that. */
static enum rc
start(struct job *j, struct restore *r, struct fault *f)
{
	if (j->started || (origin_has_chain(r->origin) && r->journal == NULL))
		return RC_OK;
	j->started = true;
	return restore_start(r, f);
}

static enum rc
restore(struct job *j, struct restore *r, struct fault *f)
{
	enum rc rc;

	rc = open_journal(&j->s, r, f);
	if (rc == RC_OK && origin_has_chain(r->origin))
		rc = origin_vouch(r->origin, r->journal, f);
	if (rc == RC_OK)
		rc = origin_check_journal(r->origin, r->journal, f);
	if (rc == RC_OK)
		rc = start(j, r, f);
	if (rc != RC_OK)
		return rc;
	rc = restore_run(r, f);
	if (rc == RC_OK && r->prove != NULL) {
		restore_release(r);
		rc = prove_run(r, f);
	}
	if (rc == RC_OK)
		rc = restore_note(r, f);
	tell_totals(r);
	tell_rollback(r);
	tell_salvaged(r);
	if (rc == RC_OK)
		tell_unfound(&j->s, r);
	return rc;
}

static enum rc
open_target(struct job *j, struct restore *r, struct fault *f)
{
	const struct location *target = &j->location[j->n - 1];
	enum rc rc;

	j->opener = (struct opener){ target, &j->s.common.access, !r->dry_run };
	r->open = opener_open;
	r->open_arg = &j->opener;
	rc = opener_open(&j->opener, &r->target, f);
	if (rc == RC_OK)
		report_trust(r->report, r->target->ops->info(r->target),
		    j->s.common.access.allow_plaintext);
	return rc;
}

static enum rc
prepare_rollback(struct job *j, struct restore *r, struct fault *f)
{
	const struct settings *s = &j->s;
	enum rc rc;

	j->rollback = (struct rollback){ .delete_extra = s->delete_extra,
		.keep = s->keep };
	r->rollback = &j->rollback;
	if (!s->delete_extra || s->common.dry_run)
		return RC_OK;
	rc = output_key(&s->common, &j->key, f);
	j->rollback.key = j->key;
	return rc;
}

static enum rc
run(struct job *j, struct restore *r, struct fault *f)
{
	struct settings *s = &j->s;
	enum rc rc = RC_OK;

	r->selection = &s->common.selection;
	r->mapping = &s->mapping;
	r->again = s->again || s->only != NULL;
	r->dry_run = s->common.dry_run;
	r->connections = s->common.connections;
	s->common.access.secret = options_secret(&s->common, 0);
	if (s->prove)
		r->prove = prove_new();
	if (s->only != NULL)
		rc = only_load(s->only, &r->only, f);
	if (rc == RC_OK && s->rollback)
		rc = prepare_rollback(j, r, f);
	if (rc == RC_OK)
		rc = open_archives(j, &r->origin, f);
	if (rc == RC_OK && s->rollback)
		rc = scope_check(r->origin, f);
	if (rc == RC_OK)
		rc = start(j, r, f);
	if (rc == RC_OK)
		rc = open_target(j, r, f);
	if (rc == RC_OK)
		rc = restore(j, r, f);
	restore_release(r);
	prove_free(r->prove);
	journal_free(r->journal);
	store_free(r->target);
	origin_free(r->origin);
	only_free(r->only);
	seckey_free(j->key);
	return rc;
}

static enum rc
parse(struct job *j, char **operand, struct fault *f)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < j->n; i++)
		rc = location_parse(operand[i], &j->location[i], f);
	for (i = 0; rc == RC_OK && i + 1 < j->n; i++)
		if (!location_is_archive(&j->location[i]))
			rc = fault_set(f, RC_STORE, CAUSE_USAGE,
			    "'%s' is not an archive: the TARGET comes last",
			    j->location[i].text);
	return rc;
}

static enum rc
parse_and_run(struct job *j, int operands, char **operand, struct restore *r,
    struct fault *f)
{
	enum rc rc;
	size_t i;

	if (operands < 2)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "give an ARCHIVE, or a full one and its deltas ('-': "
		    "standard input), and a TARGET (mrestore -h tells more)");
	rc = settings_check(&j->s, f);
	if (rc != RC_OK)
		return rc;
	j->n = (size_t)operands;
	j->location = xcalloc(j->n, sizeof(*j->location));
	rc = parse(j, operand, f);
	if (rc == RC_OK)
		rc = run(j, r, f);
	for (i = 0; i < j->n; i++)
		location_release(&j->location[i]);
	free(j->location);
	return rc;
}

int
main(int argc, char **argv)
{
	struct job j = { .n = 0 };
	struct restore r = { .origin = NULL };
	struct fault f = FAULT_INIT;
	int operand, status;
	enum rc rc;

	status = program_begin(&settings_program, argc, argv, &j.s.common, &j.s,
	    &operand, &r.report);
	if (status == -1) {
		rc = parse_and_run(&j, argc - operand, argv + operand, &r, &f);
		status = program_end(r.report, &j.s.common, &r.outcome, rc, &f);
	}
	settings_release(&j.s);
	return status;
}
