#include "run.h"

#include "accounts/opener.h"
#include "program/history.h"
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

static enum rc
look_at_source(const struct order *o, struct opener *opener, struct store *st,
    struct survey *s, struct fault *f)
{
	struct walk w = { .survey = s,
		.report = o->report,
		.outcome = o->outcome,
		.source = st,
		.open = opener_open,
		.open_arg = opener,
		.connections = o->common->connections,
		.deep = o->deep,
		.dry = o->common->dry_run,
		.limit = s->target.append_limit };
	enum rc rc;

	trust(o, st);
	rc = walk_run(&w, f);
	store_free(w.source);
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
		if (at->kind == NULL || at->failed != NULL)
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
	struct opener opener = { o->source, &o->common->access, false };
	const int64_t began = clock_us();
	struct store *st;
	enum rc rc;

	s->began = clock_utc();
	o->common->access.secret =
	    o->source->host != NULL ? options_secret(o->common, 0) : NULL;
	/* a wrong password is found before an hour of reading */
	if (o->target != NULL)
		learn_target(o, s);
	rc = side_learn(&s->source, &opener, false, &st, f);
	if (rc == RC_OK)
		rc = look_at_source(o, &opener, st, s, f);
	else
		store_free(st);
	s->us = clock_us() - began;
	if (o->common->dry_run)
		s->depth = DEPTH_NONE;
	else
		estimate(s);
	if (rc == RC_OK && !o->common->dry_run)
		remember(o, s);
	return rc;
}
