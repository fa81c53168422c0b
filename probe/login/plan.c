#include <stdlib.h>
#include <string.h>

#include "accounts/reach.h"
#include "accounts/secret.h"
#include "login.h"
#include "util/mem.h"
#include "util/pace.h"

static struct login *
add(struct logins *all)
{
	struct login *l;

	all->v = xgrow(all->v, all->n, &all->cap, sizeof(*all->v));
	l = &all->v[all->n++];
	memset(l, 0, sizeof(*l));
	l->side = "";
	l->result.folders = l->result.inbox = -1;
	return l;
}

/* Each location takes the next --secret. */
static enum rc
plan_operands(struct login_plan *plan, const struct probe *p,
    struct logins *all, struct fault *f)
{
	struct location *to;
	struct login *l;
	enum rc rc;
	int i;

	if (p->operands == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "name the locations to log in to, or a list with -A");
	plan->location = xcalloc((size_t)p->operands, sizeof(*to));
	for (i = 0; i < p->operands; i++) {
		to = &plan->location[i];
		rc = location_parse(p->operand[i], to, f);
		if (rc != RC_OK)
			return rc;
		plan->locations++;
		if (to->host == NULL)
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "'%s' needs no login: name servers, imaps://, "
			    "smtps:// and the like",
			    to->text);
		l = add(all);
		l->location = to;
		l->secret = options_secret(&p->common, (size_t)i);
	}
	return RC_OK;
}

/* Each fault on a line of its own, as compilers do. */
static enum rc
tell_faults(struct login_plan *plan, const struct probe *p, const char *name,
    struct fault *f)
{
	struct account_list *list = &plan->list;
	struct outcome worst = { .done = 0 };
	struct fault fault;
	size_t i;

	if (list->faults == 0)
		return RC_OK;
	account_list_sort_faults(list);
	for (i = 0; i < list->faults; i++) {
		(void)fault_set(&fault, RC_STORE, list->fault[i].cause,
		    "%s:%zu: %s", name, list->fault[i].line,
		    list->fault[i].text);
		report_fault(p->report, &fault);
		outcome_fault(&worst, &fault);
	}
	return fault_set(f, RC_STORE, worst.worst,
	    "%s: %zu fault%s: nothing was tried", name, list->faults,
	    list->faults == 1 ? "" : "s");
}

static void
plan_account(const struct account *a, const char *secret, struct logins *all)
{
	static const char *const words[] = { [ACCOUNT_SOURCE] = "source",
		[ACCOUNT_TARGET] = "target",
		[ACCOUNT_SUBMIT] = "submit" };
	struct login *l;
	size_t side;

	for (side = 0; side < ACCOUNT_SIDES; side++) {
		/* a Maildir wants no password */
		if (a->place[side].location.host == NULL)
			continue;
		l = add(all);
		l->name = a->name;
		l->address = a->address;
		l->side = words[side];
		l->location = &a->place[side].location;
		l->place = &a->place[side];
		l->secret = l->place->secret;
		if (l->secret == NULL && l->place->password == NULL)
			l->secret = secret;
	}
}

static enum rc
plan_list(struct login_plan *plan, const struct probe *p, const char *name,
    struct logins *all, struct fault *f)
{
	const struct account_need need = {
		.used = { true, true, true },
		.secret = options_secret(&p->common, 0),
		.auth_user = all->access->auth_user,
	};
	enum rc rc;
	size_t i;

	if (p->operands > 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-A LIST: no operands, the list has them");
	if (p->common.secret.n > 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-A LIST: one --secret at most, for all that have none in "
		    "the list");
	if (need.secret != NULL && secret_is_single(need.secret))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-A LIST: 'fd:' can be read once only: use file:, cmd: or "
		    "env:");
	rc = account_list_load(name, &plan->list, f);
	if (rc != RC_OK)
		return rc;
	account_list_check(&plan->list, &need);
	rc = tell_faults(plan, p, name, f);
	for (i = 0; rc == RC_OK && i < plan->list.n; i++)
		plan_account(&plan->list.v[i], need.secret, all);
	return rc;
}

/* Of a person or a descriptor secrets are had here, one after the other.  Who
 * has none is not tried, and the others are. */
static void
get_secrets(const struct logins *all)
{
	struct access how = *all->access;
	struct fault f = FAULT_INIT;
	struct login *l;
	size_t i;

	for (i = 0; i < all->n; i++) {
		l = &all->v[i];
		how.secret = l->secret;
		if (reach_prepare(l->location, &how, &f) == RC_OK)
			continue;
		l->result.cause = f.cause;
		l->result.why = xstrdup(f.text);
	}
}

enum rc
login_plan(struct login_plan *plan, const struct probe *p, const char *list,
    struct logins *all, struct fault *f)
{
	struct pace *pace = all->access->pace;
	enum rc rc;

	rc = list != NULL ? plan_list(plan, p, list, all, f) :
			    plan_operands(plan, p, all, f);
	/* Those of a list were looked for with its faults. */
	if (rc == RC_OK && list == NULL && !p->common.dry_run)
		get_secrets(all);
	/* Whether one can log in now is the question: a server that asks for
	 * a pause has answered it, unless somebody says how long to wait. */
	if (pace_pause_max(pace) == PACE_PAUSE_MAX_MS)
		pace_limit_pause(pace, 0);
	return rc;
}

void
login_plan_release(struct login_plan *plan, struct logins *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		login_result_release(&all->v[i].result);
	free(all->v);
	for (i = 0; i < plan->locations; i++)
		location_release(&plan->location[i]);
	free(plan->location);
	account_list_release(&plan->list);
}
