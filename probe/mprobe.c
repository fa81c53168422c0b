/* mprobe: find out whether everybody can log in, and whether mail flows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/main.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/text.h"
#include "util/version.h"
#include "verb.h"

enum { WORD_MAX = 60 }; /* octets of a bad word that are shown */

static const struct verb *const verbs[] = {
	&verb_login,
	&verb_flow,
	&verb_mx,
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static void
usage(FILE *to)
{
	size_t i;

	for (i = 0; i < VERBS; i++)
		fprintf(to, "%-6s mprobe %s ...\n", i == 0 ? "usage:" : "",
		    verbs[i]->word);
}

static int
help(void)
{
	size_t i;

	usage(stdout);
	printf("\nfind out whether everybody can log in, and whether mail "
	       "flows\n\n");
	for (i = 0; i < VERBS; i++)
		printf("  %-8s%s\n", verbs[i]->word, verbs[i]->summary);
	printf("\nmprobe VERB -h lists the options of a verb\n");
	return STATUS_COMPLETE;
}

static int
bad(const char *word)
{
	struct buf b = BUF_INIT;

	if (word == NULL) {
		buf_adds(&b, "what is to be probed?");
	} else {
		buf_adds(&b, "no such verb: '");
		text_visible(&b, word, strlen(word), WORD_MAX);
		buf_addc(&b, '\'');
	}
	fprintf(stderr, "mprobe: %s\n", buf_str(&b));
	usage(stderr);
	fprintf(stderr, "mprobe -h tells what they do\n");
	buf_release(&b);
	return STATUS_USAGE;
}

/* argv[0] is the verb. */
static int
run(const struct verb *v, int argc, char **argv)
{
	struct probe p = { .own = xcalloc(1, v->settings + 1) };
	struct fault f = FAULT_INIT;
	int operand, status;
	enum rc rc;

	status = program_begin(&v->program, argc, argv, &p.common, p.own,
	    &operand, &p.report);
	if (status == -1) {
		p.operands = argc - operand;
		p.operand = argv + operand;
		rc = v->run(&p, &f);
		status = program_end(p.report, &p.common, &p.outcome, rc, &f);
	}
	if (v->release != NULL)
		v->release(p.own);
	free(p.own);
	return status;
}

int
main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	size_t i;

	if (word == NULL)
		return bad(NULL);
	if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)
		return help();
	if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0) {
		printf("mprobe (mailproof) %s\n", MAILPROOF_VERSION);
		return STATUS_COMPLETE;
	}
	for (i = 0; i < VERBS; i++)
		if (strcmp(word, verbs[i]->word) == 0)
			return run(verbs[i], argc - 1, argv + 1);
	return bad(word);
}
