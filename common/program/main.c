#include <stdio.h>

#include "program/main.h"
#include "program/startup.h"

int
program_begin(const struct program *p, int argc, char **argv,
    struct common_options *o, void *arg, int *operand_r, struct report **r)
{
	struct fault f = FAULT_INIT;
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
		return -1;
	}
	fprintf(stderr, "%s: %s\n", p->name, f.text);
	common_options_release(o);
	return status_of_cause(f.cause);
}

int
program_end(struct report *r, struct common_options *o, struct outcome *outcome,
    enum rc rc, const struct fault *f)
{
	int status;

	if (rc != RC_OK) {
		report_fault(r, f);
		outcome_fault(outcome, f);
	}
	status = report_finish(r, outcome);
	report_free(r);
	common_options_release(o);
	return status;
}
