#include "run.h"

#include <inttypes.h>

#include "accounts/opener.h"
#include "program/history.h"
#include "survey/walk/archive.h"
#include "survey/walk/estimate.h"
#include "survey/walk/walk.h"
#include "util/clock.h"

static void
trust(const struct order *o, const struct store *st)
{
	report_trust(o->report, st->ops->info(st),
	    o->common->access.allow_plaintext);
}

/* Its secret is the one after the source's, where that needs one. */
static void
learn_target(const struct order *o, struct survey *s)
{
	struct access access = o->common->access;
	struct opener opener = { o->target, &access, false };
	struct fault f = FAULT_INIT;
	struct store *st;
	enum rc rc;

	access.secret = o->target_secret != NULL ?
	    o->target_secret :
	    options_secret(o->common, o->source->host != NULL ? 1 : 0);
	rc = side_learn(&s->target, &opener, true, &st, &f);
	if (st != NULL)
		trust(o, st);
	store_free(st);
	if (rc == RC_OK)
		return;
	report_fault(o->report, &f);
	outcome_fault(o->outcome, &f);
}

static struct walk
walk_of(const struct order *o, struct survey *s)
{
	return (struct walk){ .survey = s,
		.report = o->report,
		.outcome = o->outcome,
		.connections = o->common->connections,
		.deep = o->deep,
		.dry = o->common->dry_run,
		.limit = s->target.append_limit };
}

static enum rc
look_at_store(const struct order *o, struct survey *s, struct fault *f)
{
	struct opener opener = { o->source, &o->common->access, false };
	struct walk w = walk_of(o, s);
	enum rc rc;

	rc = side_learn(&s->source, &opener, false, &w.source, f);
	if (rc == RC_OK) {
		trust(o, w.source);
		w.open = opener_open;
		w.open_arg = &opener;
		rc = walk_run(&w, f);
	}
	store_free(w.source);
	return rc;
}

/* The messages that the source kept back then are in no archive. */
static void
tell_refused(const struct order *o, const struct lineage *l)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < lineage_folders(l); i++)
		n += lineage_folder(l, i)->claim.refused;
	if (n > 0)
		report_warn(o->report,
		    "%s: %" PRIu64 " messages are not in it: the source did "
		    "not give them to mbackup",
		    lineage_name(l, lineage_at(l)), n);
}

static enum rc
look_at_archive(const struct order *o, struct survey *s, struct fault *f)
{
	const struct archive_set set = { o->source, o->archives,
		o->common->public_key };
	struct walk w = walk_of(o, s);
	enum rc rc;

	rc = archive_learn(&s->source, &set, &w.chain, f);
	if (rc == RC_OK) {
		tell_refused(o, w.chain);
		rc = walk_run(&w, f);
	}
	lineage_free(w.chain);
	return rc;
}

/* What earlier runs at the same place took. */
static enum rc
correct(const struct history_run *run, struct outlook *l, struct fault *f)
{
	struct history h;
	enum rc rc;
	size_t i;

	rc = history_read(run->program, run->location, &h, f);
	if (rc != RC_OK || h.runs == 0)
		return rc;
	l->runs = h.runs;
	l->ratio = h.ratio;
	l->last = h.last;
	for (i = 0; i < l->n; i++)
		if (l->v[i].ms >= 0)
			l->v[i].usual_ms =
			    (int64_t)((double)l->v[i].ms * h.ratio);
	return RC_OK;
}

/* What is foreseen now is held against what comes. */
static void
remember(const struct order *o, struct survey *s)
{
	static const char *const program[TASKS] = {
		[TASK_BACKUP] = "mbackup",
		[TASK_RESTORE] = "mrestore",
		[TASK_AUDIT] = "maudit",
	};
	struct history_run run = { NULL, NULL, s->total.messages,
		s->total.bytes };
	int64_t ms[HISTORY_MS];
	struct fault f = FAULT_INIT;
	const struct side *at;
	size_t t, i;
	enum rc rc;

	for (t = 0; t < TASKS; t++) {
		at = t == TASK_BACKUP ? &s->source : &s->target;
		if (at->kind == NULL || at->failed != NULL ||
		    s->outlook[t].n == 0)
			continue;
		run.program = program[t];
		run.location = at->location;
		for (i = 0; i < HISTORY_MS; i++)
			ms[i] = s->outlook[t].v[i].ms;
		rc = correct(&run, &s->outlook[t], &f);
		if (rc == RC_OK)
			rc = history_foresee(&run, ms, &f);
		if (rc != RC_OK)
			report_detail(o->report, "%s", f.text);
	}
}

enum rc
survey_run(const struct order *o, struct survey *s, struct fault *f)
{
	const int64_t began = clock_us();
	enum rc rc;

	s->began = clock_utc();
	o->common->access.secret =
	    o->source->host != NULL ? options_secret(o->common, 0) : NULL;
	/* a wrong password is found before an hour of reading */
	if (o->target != NULL)
		learn_target(o, s);
	rc =
	    o->archives > 0 ? look_at_archive(o, s, f) : look_at_store(o, s, f);
	s->us = clock_us() - began;
	if (o->common->dry_run)
		s->depth = DEPTH_NONE;
	else
		estimate(s);
	if (rc == RC_OK && !o->common->dry_run)
		remember(o, s);
	return rc;
}
