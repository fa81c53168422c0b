/* mprobe login: log in everywhere, and tell who cannot. */
#include <stdio.h>

#include "probe/verb.h"

static const struct option_spec *const tables[] = {
	options_connect,
	options_general,
	NULL,
};

/* One location; what is wrong with it ends nothing but itself. */
static void
try_one(struct probe *p, int n)
{
	struct access how = p->common.access;
	struct store *store = NULL;
	struct fault f = FAULT_INIT;
	struct location l;
	enum rc rc;

	rc = location_parse(p->operand[n], &l, &f);
	if (rc == RC_OK) {
		how.secret = options_secret(&p->common, (size_t)n);
		rc = p->common.dry_run ?
		    RC_OK :
		    store_open(&l, &how, false, &store, &f);
	}
	if (rc == RC_OK) {
		printf("%s: %s\n", l.text,
		    p->common.dry_run ? "not tried" : "logged in");
		p->outcome.done++;
	} else {
		report_fault(p->report, &f);
		outcome_fault(&p->outcome, &f);
	}
	store_free(store);
	location_release(&l);
}

static enum rc
run(struct probe *p, struct fault *f)
{
	int i;

	if (p->operands == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "name the locations to log in to");
	for (i = 0; i < p->operands; i++)
		try_one(p, i);
	if (fflush(stdout) != 0 || ferror(stdout))
		return fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
	return RC_OK;
}

const struct verb verb_login = {
	.word = "login",
	.summary = "log in everywhere, and tell who cannot and why",
	.program = {
		.name = "mprobe login",
		.synopsis = "[options] LOCATION...",
		.summary = "log in everywhere, and tell who cannot and why",
		.tables = tables,
		.work = WORK_NO_ACCOUNTS,
	},
	.run = run,
};
