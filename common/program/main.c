#include <stdio.h>

#include "program/fleet.h"
#include "program/main.h"
#include "program/startup.h"

static int
conclude(struct report *r, struct outcome *outcome, enum rc rc,
    const struct fault *f)
{
	int status;

	if (rc != RC_OK) {
		report_fault(r, f);
		outcome_fault(outcome, f);
	}
	status = report_finish(r, outcome);
	report_free(r);
	return status;
}

/* -A LIST and --check are the same in all programs: the rest of main is for
 * one account.  False when there is neither. */
static bool
run_accounts(const struct program *p, const struct common_options *o, void *arg,
    int operands, char **operand, struct report *r, int *status_r)
{
	struct outcome outcome = { .done = 0 };
	struct fault f = FAULT_INIT;
	enum rc rc;

	if (o->accounts.list == NULL && (!o->accounts.check || p->own_check))
		return false;
	if (o->accounts.list == NULL)
		rc = fleet_check_login(p, o, operands, operand, r, &f);
	else if (operands > 0)
		rc = fault_set(&f, RC_STORE, CAUSE_USAGE,
		    "-A LIST: no operands, the list has them");
	else
		rc = fleet_run(p, o, arg, r, &outcome, &f);
	*status_r = conclude(r, &outcome, rc, &f);
	return true;
}

int
program_begin(const struct program *p, int argc, char **argv,
    struct common_options *o, void *arg, int *operand_r, struct report **r)
{
	struct fault f = FAULT_INIT;
	int status;
	enum rc rc;

	common_options_init(o);
	switch (options_parse(p, argc, argv, o, arg, operand_r)) {
	case OPTIONS_GO:
		break;
	case OPTIONS_DONE:
		common_options_release(o);
		return STATUS_COMPLETE;
	case OPTIONS_BAD:
		common_options_release(o);
		return STATUS_USAGE;
	}
	rc = startup(&f);
	if (rc == RC_OK)
		rc = report_new(p->name, o, r, &f);
	if (rc == RC_OK) {
		progress_follow(*r, o->access.pace);
		if (!run_accounts(p, o, arg, argc - *operand_r,
			argv + *operand_r, *r, &status))
			return -1;
		common_options_release(o);
		return status;
	}
	fprintf(stderr, "%s: %s\n", p->name, f.text);
	common_options_release(o);
	return status_of_cause(f.cause);
}

int
program_end(struct report *r, struct common_options *o, struct outcome *outcome,
    enum rc rc, const struct fault *f)
{
	int status = conclude(r, outcome, rc, f);

	common_options_release(o);
	return status;
}
