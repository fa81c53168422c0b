/* msurvey: what is there, what will not fit, how long it will take. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "program/main.h"
#include "reports.h"
#include "run.h"

enum {
	OPT_TARGET = 256,
	OPT_FORMAT,
	OPT_DEEP,
};

static const struct option_spec options_survey[] = {
	{ "target", OPT_TARGET, "LOCATION",
	    "where the mail is to go: tell what will not fit there" },
	{ "deep", OPT_DEEP, NULL,
	    "read every body: exact counts of what lies in them, and copies by "
	    "content" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_survey,
	options_selection,
	options_connect,
	options_parallel,
	options_general,
	NULL,
};

struct settings {
	struct common_options common;
	const char *target;
	bool deep;
};

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct settings *s = arg;

	switch (letter) {
	case OPT_TARGET:
		s->target = value;
		break;
	case OPT_DEEP:
		s->deep = true;
		break;
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
	return RC_OK;
}

static const struct program program = {
	.name = "msurvey",
	.synopsis = "[options] [--target LOCATION] SOURCE",
	.summary = "tell what is in a mailbox, what will not fit, and how "
		   "long it will take to move it",
	.tables = tables,
	.own = own_option,
	.work = WORK_NO_ACCOUNTS,
};

static enum rc
run(struct settings *s, int operands, char **operand, struct report *report,
    struct outcome *outcome, struct fault *f)
{
	struct order o = { .common = &s->common,
		.deep = s->deep,
		.report = report,
		.outcome = outcome };
	struct location source = { .text = NULL }, target = { .text = NULL };
	struct survey survey;
	enum rc rc;

	survey_init(&survey, &s->common.selection);
	if (operands != 1)
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "give one SOURCE: msurvey [options] SOURCE");
	else
		rc = location_parse(operand[0], &source, f);
	if (rc == RC_OK && s->target != NULL)
		rc = location_parse(s->target, &target, f);
	o.source = &source;
	o.target = s->target == NULL ? NULL : &target;
	if (rc == RC_OK)
		rc = survey_run(&o, &survey, f);
	{
		struct fit fit;
		struct buf b = BUF_INIT;
		struct telling t = { &survey, &fit, NULL, NULL };
		(void)t;
		memset(&fit, 0, sizeof(fit));
		report_rows(&t, false, &b);
		fwrite(b.data, 1, b.len, stdout);
	}
	survey_release(&survey);
	location_release(&source);
	location_release(&target);
	return rc;
}

int
main(int argc, char **argv)
{
	struct settings s = { .deep = false };
	struct fault f = FAULT_INIT;
	struct outcome outcome = { .done = 0 };
	struct report *report;
	int operand, status;
	enum rc rc;

	status = program_begin(&program, argc, argv, &s.common, &s, &operand,
	    &report);
	if (status != -1)
		return status;
	rc = run(&s, argc - operand, argv + operand, report, &outcome, &f);
	return program_end(report, &s.common, &outcome, rc, &f);
}
