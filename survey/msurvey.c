/* msurvey: what is there, what will not fit, how long it will take. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/secret.h"
#include "check.h"
#include "program/main.h"
#include "publish.h"
#include "run.h"
#include "sources.h"
#include "survey/facts/facts.h"
#include "survey/fit/fit.h"
#include "survey/fit/quirks.h"
#include "survey/tell/page.h"
#include "survey/tell/reports.h"
#include "survey/tell/totals.h"
#include "util/mem.h"

enum {
	OPT_TARGET = 256,
	OPT_TARGET_SECRET,
	OPT_FORMAT,
	OPT_DEEP,
	OPT_REPLACE,
	OPT_TOTALS,
	OPT_QUIRKS,
	OPT_SHOW_QUIRKS,
	OPT_MAP,
	OPT_INTO,
	OPT_KEY_SECRET,
};

static const struct option_spec options_survey[] = {
	{ "target", OPT_TARGET, "LOCATION",
	    "where the mail is to go: tell what will not fit there" },
	{ "target-secret", OPT_TARGET_SECRET, "SPEC",
	    "the target's password (the second --secret)" },
	{ "format", OPT_FORMAT, "FORMAT", "text (default), tsv, json or html" },
	{ "output", 'o', "FILE", "write the report there" },
	{ "replace", OPT_REPLACE, NULL, "in place of an older one" },
	{ "totals", OPT_TOTALS, NULL,
	    "with -o: the totals as TSV on standard output" },
	{ "public-key", 'p', "PUBKEY",
	    "of an archive: public key file (minisign's)" },
	{ "secret-key", 's', "SECKEY", "with -o: sign the report" },
	{ "key-secret", OPT_KEY_SECRET, "SPEC",
	    "where the key's passphrase is" },
	{ "deep", OPT_DEEP, NULL,
	    "read every body: exact counts of what lies in them, and copies by "
	    "content" },
	{ "map", OPT_MAP, "FROM=TO", "as mrestore will be given it" },
	{ "into", OPT_INTO, "PREFIX", "likewise" },
	{ "quirks", OPT_QUIRKS, "FILE",
	    "what is known of servers, before what msurvey knows" },
	{ "show-quirks", OPT_SHOW_QUIRKS, NULL, "print that, and end" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_survey,
	options_selection,
	options_connect,
	options_parallel,
	options_accounts,
	options_general,
	NULL,
};

static const char *const single[] = { "output", "target", "target-secret",
	"totals", "replace", "show-quirks", NULL };

struct settings {
	struct common_options common;
	const char *target;
	const char *target_secret;
	const char *output;
	const char *quirks;
	enum report_format format;
	struct mapping mapping;
	bool deep;
	bool replace;
	bool totals;
	bool show_quirks;
};

static enum rc
take_secret(const char *option, const char *value, const char **to,
    struct fault *f)
{
	enum rc rc = secret_check(value, f);

	if (rc != RC_OK)
		return fault_wrap(f, rc, "--%s", option);
	*to = value;
	return RC_OK;
}

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct settings *s = arg;

	switch (letter) {
	case OPT_TARGET:
		s->target = value;
		break;
	case OPT_TARGET_SECRET:
		return take_secret("target-secret", value, &s->target_secret,
		    f);
	case OPT_FORMAT:
		return report_format_parse(value, &s->format, f);
	case 'o':
		s->output = value;
		break;
	case OPT_REPLACE:
		s->replace = true;
		break;
	case OPT_TOTALS:
		s->totals = true;
		break;
	case 'p':
		s->common.public_key = value;
		break;
	case 's':
		s->common.secret_key = value;
		break;
	case OPT_KEY_SECRET:
		return take_secret("key-secret", value, &s->common.key_secret,
		    f);
	case OPT_DEEP:
		s->deep = true;
		break;
	case OPT_MAP:
		return mapping_add(&s->mapping, value, f);
	case OPT_INTO:
		return mapping_set_into(&s->mapping, value, f);
	case OPT_QUIRKS:
		s->quirks = value;
		break;
	case OPT_SHOW_QUIRKS:
		s->show_quirks = true;
		break;
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
	return RC_OK;
}

static const char *
suffix(const void *arg)
{
	return report_format_suffix(((const struct settings *)arg)->format);
}

/* The page of all accounts: DIR/summary.SUFFIX. */
static enum rc
conclude(void *arg, const struct common_options *o,
    const struct fleet_account *v, size_t n, struct fault *f)
{
	const struct settings *s = arg;
	char *path = xasprintf("%s/summary.%s", o->accounts.directory,
	    report_format_suffix(s->format));
	struct buf text = BUF_INIT;
	struct publish out;
	struct page page;
	enum rc rc;

	page_load(&page, v, n, o->accounts.at_once);
	rc = publish_open(&out, o, path, true, f);
	if (rc == RC_OK) {
		page_report(&page, s->format, &text);
		rc = publish_write(&out, &text, f);
	}
	publish_close(&out);
	page_release(&page);
	buf_release(&text);
	free(path);
	return rc;
}

static const struct program program = {
	.name = "msurvey",
	.synopsis = "[options] [--target LOCATION] SOURCE\n"
		    "[options] [--target LOCATION] [-p PUBKEY] ARCHIVE...\n"
		    "[options] -A LIST -d DIR",
	.summary = "tell what is in a mailbox, what will not fit, and how "
		   "long it will take to move it",
	.tables = tables,
	.own = own_option,
	.work = WORK_SURVEY,
	.single = single,
	.own_check = true,
	.suffix = suffix,
	.conclude = conclude,
};

static enum rc
write_all(const struct buf *text, struct fault *f)
{
	if (fwrite(text->data, 1, text->len, stdout) != text->len ||
	    fflush(stdout) != 0)
		return fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
	return RC_OK;
}

static void
send_event(struct report *r, const struct totals *t)
{
	struct event *e = event_begin(r, "survey");
	size_t i;

	event_number(e, "messages", t->messages);
	event_number(e, "octets", t->bytes);
	event_number(e, "folders", t->folders);
	event_text(e, "verdict", fit_verdict_word(t->verdict));
	event_number(e, "problems", t->problems);
	event_number(e, "warnings", t->warnings);
	event_text(e, "worst", t->worst);
	for (i = 0; i < TASKS; i++)
		event_signed(e, task_name((enum task)i), t->ms[i]);
	event_send(e);
}

static enum rc
tell(const struct settings *s, const struct survey *survey,
    const struct quirks *quirks, struct publish *out, struct report *r,
    struct fault *f)
{
	struct telling t = { .s = survey,
		.source = quirks_find(quirks, &survey->source),
		.target = quirks_find(quirks, &survey->target) };
	struct buf text = BUF_INIT;
	struct totals totals;
	struct fit fit;
	enum rc rc;

	fit_survey(survey, &s->mapping, t.source, t.target, &fit);
	t.fit = &fit;
	totals_of(&t, s->common.connections, &totals);
	send_event(r, &totals);
	report_mailbox(&t, s->format, &text);
	rc = publish_write(out, &text, f);
	if (rc == RC_OK && s->totals) {
		buf_clear(&text);
		totals_write(&totals, &text);
		rc = write_all(&text, f);
	}
	totals_release(&totals);
	fit_release(&fit);
	buf_release(&text);
	return rc;
}

static enum rc
check_settings(const struct settings *s, struct fault *f)
{
	if (s->output == NULL &&
	    (s->replace || s->totals || s->common.secret_key != NULL))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--replace, --totals and -s go with -o FILE");
	if (s->target_secret != NULL && s->target == NULL)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--target-secret goes with --target");
	return RC_OK;
}

static enum rc
survey(struct settings *s, struct order *o, struct fault *f)
{
	struct quirks quirks = QUIRKS_INIT;
	struct fault second = FAULT_INIT;
	struct publish out = { .path = NULL };
	struct survey survey;
	enum rc rc, told;

	survey_init(&survey, &s->common.selection);
	rc = quirks_load(&quirks, s->quirks, f);
	if (rc == RC_OK)
		rc = publish_open(&out, &s->common, s->output, s->replace, f);
	if (rc == RC_OK) {
		rc = survey_run(o, &survey, f);
		progress_clear(o->report);
		/* What is known when it ends early is told, too. */
		if (rc == RC_OK || survey.boxes > 0) {
			told =
			    tell(s, &survey, &quirks, &out, o->report, &second);
			if (told != RC_OK && rc == RC_OK) {
				*f = second;
				rc = told;
			}
		}
	}
	publish_close(&out);
	survey_release(&survey);
	quirks_release(&quirks);
	return rc;
}

static enum rc
run(struct settings *s, int operands, char **operand, struct report *report,
    struct outcome *outcome, struct fault *f)
{
	struct location target = { .text = NULL };
	struct sources source = { .v = NULL };
	struct order o = { .target = s->target == NULL ? NULL : &target,
		.target_secret = s->target_secret,
		.common = &s->common,
		.deep = s->deep,
		.report = report,
		.outcome = outcome };
	struct buf text = BUF_INIT;
	enum rc rc;

	if (s->show_quirks) {
		quirks_known(&text);
		rc = write_all(&text, f);
		buf_release(&text);
		return rc;
	}
	rc = check_settings(s, f);
	if (rc == RC_OK)
		rc = sources_parse(&source, operands, operand, f);
	if (rc == RC_OK && source.archives == 0 && s->common.public_key != NULL)
		rc = fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-p goes with an ARCHIVE");
	o.source = source.v;
	o.archives = source.archives;
	if (rc == RC_OK && s->target != NULL)
		rc = location_parse(s->target, &target, f);
	if (rc == RC_OK)
		rc = s->common.accounts.check ? order_check(&o, f) :
						survey(s, &o, f);
	sources_release(&source);
	location_release(&target);
	return rc;
}

int
main(int argc, char **argv)
{
	struct settings s = { .format = REPORT_TEXT };
	struct fault f = FAULT_INIT;
	struct outcome outcome = { .done = 0 };
	struct report *report;
	int operand, status;
	enum rc rc;

	status = program_begin(&program, argc, argv, &s.common, &s, &operand,
	    &report);
	if (status == -1) {
		rc = run(&s, argc - operand, argv + operand, report, &outcome,
		    &f);
		status = program_end(report, &s.common, &outcome, rc, &f);
	}
	mapping_release(&s.mapping);
	return status;
}
