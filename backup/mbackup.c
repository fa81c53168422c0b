/* mbackup: copy mail from a server or a Maildir into a signed archive. */
#include <stdlib.h>

#include "accounts/opener.h"
#include "backup.h"
#include "bytes/minisign.h"
#include "keygen.h"
#include "parent.h"
#include "plan.h"
#include "program/main.h"
#include "program/output.h"
#include "reach.h"
#include "settings.h"
#include "util/clock.h"
#include "util/file.h"
#include "write.h"

/* The command line, and what it opens. */
struct job {
	struct settings s;      /* first: options_parse fills it */
	struct lineage *parent; /* NULL: a full backup */
	struct pubkey key;      /* that signed it */
	struct opener source;
};

static enum rc
load_parent(struct job *j, struct backup *b, const struct pubkey *key,
    bool glance, struct fault *f)
{
	enum rc rc;

	lineage_free(j->parent);
	j->parent = NULL;
	known_free(b->known);
	b->known = known_new();
	rc = parent_open(&j->s.base, key, glance, &j->parent, f);
	if (rc == RC_END)
		rc = parent_open(&j->s.base, key, false, &j->parent, f);
	return rc == RC_OK ? known_take(b->known, j->parent, f) : rc;
}

/* The parent was signed with the key that is to sign; a dry run has no need
 * of its secret. */
static enum rc
open_parent(struct job *j, struct backup *b, const struct seckey *secret,
    const struct location *l, struct fault *f)
{
	const struct settings *s = &j->s;
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
		rc =
		    load_parent(j, b, &key, !s->resume && s->follow.ms == 0, f);
	if (rc == RC_OK)
		rc = parent_check(j->parent, l->text, b->selection, f);
	j->key = key;
	return rc;
}

/* A glance is enough where nothing is new. */
static enum rc
look_closer(struct job *j, struct backup *b, struct folders *folders,
    struct fault *f)
{
	enum rc rc;

	if (j->parent == NULL)
		return RC_OK;
	rc = plan_count(b, folders, f);
	if (rc != RC_OK || !lineage_is_glance(j->parent) ||
	    plan_is_same(b, folders))
		return rc;
	return load_parent(j, b, &j->key, false, f);
}

/* What is to be copied, as it is listed first. */
struct beginning {
	struct job *job;
	struct backup *backup;
	struct folders *folders;
};

/* A reach_try_fn. */
static enum rc
open_source(void *arg, struct fault *f)
{
	struct beginning *x = arg;
	struct backup *b = x->backup;
	enum rc rc;

	store_free(b->source);
	b->source = NULL;
	folders_release(x->folders);
	*x->folders = (struct folders)FOLDERS_INIT;
	rc = opener_open(&x->job->source, &b->source, f);
	if (rc == RC_OK)
		report_trust(b->report, b->source->ops->info(b->source),
		    x->job->s.common.access.allow_plaintext);
	if (rc == RC_OK)
		rc = b->source->ops->folders(b->source, x->folders, f);
	return rc == RC_OK ? look_closer(x->job, b, x->folders, f) : rc;
}

/* Who follows for two days does not mind a server that is down for now. */
static enum rc
begin_source(struct beginning *x, struct fault *f)
{
	struct settings *s = &x->job->s;
	struct pulse pulse;

	s->follow.end = clock_ms() + s->follow.ms;
	if (s->follow.ms == 0 || s->common.dry_run)
		return open_source(x, f);
	pulse_init(&pulse, x->backup, s->follow.end);
	return reach_first(&pulse, open_source, x, f);
}

static enum rc
read_source(struct job *j, struct backup *b, const struct location *l,
    struct fault *f)
{
	struct settings *s = &j->s;
	struct folders folders = FOLDERS_INIT;
	struct seckey *key = NULL;
	struct outfile out = { .fd = -1 };
	enum rc rc = RC_OK;

	j->source = (struct opener){ l, &s->common.access, false };
	b->open = opener_open;
	b->open_arg = &j->source;
	b->connections = s->common.connections;
	if (!s->common.dry_run)
		rc = output_key(&s->common, &key, f);
	if (rc == RC_OK && s->resume)
		rc = output_reopen(s->output, &out, f);
	if (rc == RC_OK)
		rc = open_parent(j, b, key, l, f);
	if (rc == RC_OK)
		rc = begin_source(&(struct beginning){ j, b, &folders }, f);
	if (rc == RC_OK && s->common.dry_run)
		rc = backup_list(b, &folders, f);
	else if (rc == RC_OK)
		rc = write_archive(s, b, &folders, j->parent, key, &out, f);
	outfile_abandon(&out, true);
	folders_release(&folders);
	store_free(b->source);
	known_free(b->known);
	lineage_free(j->parent);
	seckey_free(key);
	return rc;
}

static enum rc
run(struct job *j, int argc, char **argv, int operand, struct backup *b,
    struct fault *f)
{
	struct settings *s = &j->s;
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
	rc = settings_check(s, f);
	if (rc != RC_OK)
		return rc;
	rc = location_parse(argv[operand], &l, f);
	if (rc != RC_OK)
		return rc;
	s->common.access.secret = options_secret(&s->common, 0);
	b->selection = &s->common.selection;
	if (!s->common.dry_run)
		rc = until_mx_start(&s->until_mx, &l, b->report,
		    &s->follow.until, f);
	if (rc == RC_OK)
		rc = read_source(j, b, &l, f);
	until_mx_stop(s->follow.until);
	location_release(&l);
	return rc;
}

int
main(int argc, char **argv)
{
	struct job j = { .parent = NULL };
	struct backup b = { .source = NULL };
	struct fault f = FAULT_INIT;
	int operand, status;

	status = program_begin(&settings_program, argc, argv, &j.s.common, &j.s,
	    &operand, &b.report);
	if (status == -1)
		status = program_end(b.report, &j.s.common, &b.outcome,
		    run(&j, argc, argv, operand, &b, &f), &f);
	settings_release(&j.s);
	return status;
}
