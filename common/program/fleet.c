#include "program/fleet.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/open.h"
#include "program/fleet_priv.h"
#include "program/voice.h"
#include "util/clock.h"
#include "util/mem.h"

/* Each fault of the list on a line of its own, as compilers do. */
static enum rc
tell_faults(struct fleet *t, struct fault *f)
{
	const char *list = t->options->accounts.list;
	struct outcome worst = { .done = 0 };
	struct account_fault *one;
	struct fault fault;
	size_t i;

	if (t->list.faults == 0)
		return RC_OK;
	account_list_sort_faults(&t->list);
	for (i = 0; i < t->list.faults; i++) {
		one = &t->list.fault[i];
		if (one->line > 0)
			(void)fault_set(&fault, RC_STORE, one->cause,
			    "%s:%zu: %s", list, one->line, one->text);
		else
			(void)fault_set(&fault, RC_STORE, one->cause, "%s: %s",
			    list, one->text);
		report_fault(t->report, &fault);
		outcome_fault(&worst, &fault);
	}
	return fault_set(f, RC_STORE, worst.worst,
	    "%s: %zu fault%s: nothing was started", list, t->list.faults,
	    t->list.faults == 1 ? "" : "s");
}

/* An audit without targets is one of the archives alone. */
static void
set_need(const struct fleet *t, struct account_need *n)
{
	memset(n, 0, sizeof(*n));
	n->used[t->side] = true;
	n->used[ACCOUNT_TARGET] = n->used[ACCOUNT_TARGET] || fleet_surveys(t);
	n->required[t->side] =
	    t->program->work != WORK_AUDIT || t->list.has[t->side];
	/* Two runs into one mailbox would not see each other. */
	n->single[t->side] = t->program->work != WORK_AUDIT;
	n->secret = options_secret(t->options, 0);
	n->auth_user = t->options->access.auth_user;
}

static void
make_jobs(struct fleet *t)
{
	const struct account *a;
	struct job *j;

	t->job = xcalloc(t->list.n + 1, sizeof(*t->job));
	for (t->n = 0; t->n < t->list.n; t->n++) {
		a = &t->list.v[t->n];
		j = &t->job[t->n];
		j->account = a;
		if (fleet_surveys(t))
			j->archive =
			    fleet_path(t, j, t->program->suffix(t->arg));
		else
			j->archive =
			    xasprintf("%s/%s.tar.zst", t->directory, a->name);
		j->where = fleet_where(t, a);
		j->host = a->place[t->side].location.host;
		if (fleet_surveys(t))
			j->other_host = a->place[ACCOUNT_TARGET].location.host;
		j->events = -1;
	}
}

static enum rc
prepare(struct fleet *t, struct fault *f)
{
	const struct account_options *o = &t->options->accounts;
	struct account_need need;
	enum rc rc;

	rc = account_list_load(o->list, &t->list, f);
	if (rc != RC_OK)
		return rc;
	set_need(t, &need);
	account_list_check(&t->list, &need);
	rc = tell_faults(t, f);
	if (rc == RC_OK)
		rc = fleet_check_key(t, f);
	if (rc == RC_OK)
		rc = fleet_lock(t, f);
	if (rc != RC_OK)
		return rc;
	make_jobs(t);
	if (!fleet_is_idle(t))
		rc = fleet_recall(t, f);
	if (rc == RC_OK)
		fleet_check_jobs(t);
	return rc == RC_OK ? tell_faults(t, f) : rc;
}

static void
tell_skipped(struct fleet *t)
{
	if (t->ended == t->n)
		report_note(t->report, "all %zu accounts were complete already",
		    t->n);
	else if (t->ended > 0)
		report_note(t->report,
		    "%zu of %zu accounts were complete already: %zu are left",
		    t->ended, t->n, t->n - t->ended);
}

/* What the program makes of all that its processes wrote. */
static enum rc
conclude(const struct fleet *t, struct fault *f)
{
	struct strs outputs = STRS_INIT;
	struct fleet_account *v;
	const struct job *j;
	enum rc rc;
	size_t i;

	if (t->program->conclude == NULL || t->options->accounts.check)
		return RC_OK;
	v = xcalloc(t->n + 1, sizeof(*v));
	for (i = 0; i < t->n; i++) {
		j = &t->job[i];
		strs_take(&outputs, fleet_path(t, j, "report"));
		v[i] = (struct fleet_account){ .name = j->account->name,
			.status =
			    j->result.words == NULL ? -1 : j->result.status,
			.words = j->result.words,
			.reason = j->result.reason,
			.output = outputs.v[i],
			.made = j->archive };
	}
	rc = t->program->conclude(t->arg, t->options, v, t->n, f);
	strs_release(&outputs);
	free(v);
	return rc;
}

static enum rc
run(struct fleet *t, struct outcome *outcome, struct fault *f)
{
	enum rc rc, later = RC_OK;
	struct fault second = FAULT_INIT;
	size_t i;

	tell_skipped(t);
	t->octets_before = t->octets;
	t->meter.want_messages = t->n - t->ended;
	rc = fleet_loop(t, f);
	progress_clear(t->report);
	t->report->meter.octets = t->octets;
	for (i = 0; i < t->n; i++)
		outcome_merge(outcome, &t->job[i].result.outcome);
	if (!t->options->quiet)
		later = fleet_table(t, &second);
	if (later == RC_OK)
		later = fleet_summarize(t, outcome, &second);
	if (rc == RC_OK && later == RC_OK)
		later = conclude(t, &second);
	if (rc != RC_OK || later == RC_OK)
		return rc;
	*f = second;
	return later;
}

static void
init(struct fleet *t, const struct program *p, const struct common_options *o,
    void *arg, struct report *r)
{
	const char *dir = o->accounts.directory;

	memset(t, 0, sizeof(*t));
	t->program = p;
	t->options = o;
	t->arg = arg;
	t->report = r;
	t->side = p->work == WORK_BACKUP || p->work == WORK_SURVEY ?
	    ACCOUNT_SOURCE :
	    ACCOUNT_TARGET;
	/* A relative path with a colon shall not read as a location. */
	t->directory = dir[0] == '/' || dir[0] == '.' ? xstrdup(dir) :
							xasprintf("./%s", dir);
	t->stem = xasprintf("%s%s", p->name,
	    o->accounts.check ? ".check" :
		o->dry_run    ? ".dry-run" :
				"");
	t->lock = t->journal = -1;
	t->screen = fleet_has_screen();
	t->began_ms = t->shown_ms = clock_ms();
}

static void
release(struct fleet *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		job_result_release(&t->job[i].result);
		free(t->job[i].archive);
		free(t->job[i].where);
	}
	free(t->job);
	strs_release(&t->others);
	account_list_release(&t->list);
	free(t->directory);
	free(t->stem);
	if (t->journal != -1)
		(void)close(t->journal);
	if (t->lock != -1)
		(void)close(t->lock);
}

enum rc
fleet_run(const struct program *p, const struct common_options *o, void *arg,
    struct report *r, struct outcome *outcome, struct fault *f)
{
	struct fleet t;
	enum rc rc;

	init(&t, p, o, arg, r);
	rc = prepare(&t, f);
	if (rc == RC_OK)
		rc = run(&t, outcome, f);
	release(&t);
	return rc;
}

enum rc
fleet_check_login(const struct program *p, const struct common_options *o,
    int operands, char **operand, struct report *r, struct fault *f)
{
	struct access how = o->access;
	struct store *store = NULL;
	struct location l;
	enum rc rc;

	if (operands < 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--check: name the location to log in to");
	/* The live one is the last. */
	rc = location_parse(operand[operands - 1], &l, f);
	if (rc != RC_OK)
		return rc;
	how.secret = options_secret(o, 0);
	/* A Maildir that is to be made is none yet. */
	if (location_is_archive(&l) && p->work == WORK_AUDIT)
		report_note(r, "%s: an archive needs no login", l.text);
	else if (l.kind == LOCATION_MAILDIR && p->work == WORK_RESTORE &&
	    access(l.path, F_OK) == -1)
		report_note(r, "%s: will be made", l.text);
	else
		rc = store_open(&l, &how, false, &store, f);
	if (rc == RC_OK && store != NULL) {
		report_trust(r, store->ops->info(store),
		    o->access.allow_plaintext);
		report_note(r, "%s: logged in", l.text);
	}
	store_free(store);
	location_release(&l);
	return rc;
}
