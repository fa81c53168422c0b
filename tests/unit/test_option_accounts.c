#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "program/options.h"
#include "tests/unit/capture.h"
#include "util/mem.h"

enum { ARGS_MAX = 32, OPT_MAP = 256 };

static const struct option_spec own_options[] = {
	{ "output", 'o', "FILE", "write the archive here" },
	{ "map", OPT_MAP, "FROM=TO", "rename a folder" },
	{ "best", 'b', NULL, "compress better" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = { own_options,
	options_general, options_keys, options_connect, options_selection,
	options_accounts, NULL };

static const char *const single[] = { "output", NULL };

static enum rc
take_own(void *arg, int letter, const char *value, struct fault *f)
{
	(void)arg;
	(void)letter;
	(void)value;
	(void)f;
	return RC_OK;
}

static const struct program program = {
	.name = "mtest",
	.synopsis = "SOURCE",
	.summary = "test the options",
	.tables = tables,
	.own = take_own,
	.work = WORK_BACKUP,
	.single = single,
};

struct run {
	struct common_options o;
	enum options_outcome outcome;
	char *line; /* the words of argv lie in it */
	char *err;
};

/* words: arguments separated by blanks. */
static void
run_begin(struct run *r, const char *words)
{
	char *argv[ARGS_MAX + 1], *word, *rest;
	struct capture c;
	int argc = 0, operand;

	r->line = xasprintf("mtest %s", words);
	rest = r->line;
	while ((word = strsep(&rest, " ")) != NULL && argc < ARGS_MAX)
		argv[argc++] = word;
	argv[argc] = NULL;
	common_options_init(&r->o);
	capture_begin(&c);
	r->outcome = options_parse(&program, argc, argv, &r->o, NULL, &operand);
	capture_end(&c);
	r->err = xstrdup(c.err);
	capture_free(&c);
}

static void
run_end(struct run *r)
{
	common_options_release(&r->o);
	free(r->line);
	free(r->err);
}

/* Written out, so that they can be put together again. */
static void
options_go_on_to_the_process_of_each_account(void **state)
{
	struct run r;
	char *passed, *scope;

	(void)state;
	run_begin(&r,
	    "-qvA list -P3 --retry=2 -d dir --map a=b --json x --secret env:E "
	    "--fold=A -b --timeout 5");
	assert_int_equal(r.outcome, OPTIONS_GO);
	passed = strs_join(&r.o.accounts.passed, " ");
	scope = strs_join(&r.o.accounts.scope, " ");
	assert_string_equal(passed,
	    "--quiet --verbose --map=a=b --folder=A --best --timeout=5");
	assert_string_equal(scope, "--map=a=b --folder=A --best");
	assert_string_equal(r.o.accounts.list, "list");
	assert_string_equal(r.o.accounts.directory, "dir");
	assert_int_equal(r.o.accounts.at_once, 3);
	assert_int_equal(r.o.accounts.retry, 2);
	free(passed);
	free(scope);
	run_end(&r);
}

static void
options_of_a_list_need_each_other(void **state)
{
	static const struct {
		const char *words;
		const char *wanted;
	} rows[] = {
		{ "-A list", "mtest: -A LIST: needs -d DIR" },
		{ "-d dir", "mtest: -d DIR: only with -A LIST" },
		{ "-P 2 src", "mtest: --parallel: only with -A LIST" },
		{ "--retry-wait 2", "mtest: --retry-wait: only with -A LIST" },
		{ "-A l -d d -o x", "mtest: --output is for one account" },
		{ "-A l -d d -P 0", "mtest: --parallel: '0' is not a number" },
		{ "-A l -d d --per-host 1025", "mtest: --per-host: '1025' is" },
		{ "-A l -d d --secret fd:0", "mtest: 'fd:' can be read" },
		{ "-A l -d d --key-secret fd:0", "mtest: 'fd:' can" },
		{ "-A l -d d --secret env:A --secret env:B",
		    "mtest: -A LIST: one --secret at most" },
	};
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_begin(&r, rows[i].words);
		assert_int_equal(r.outcome, OPTIONS_BAD);
		if (strncmp(r.err, rows[i].wanted, strlen(rows[i].wanted)) != 0)
			fail_msg("%s: %s", rows[i].words, r.err);
		run_end(&r);
	}
	run_begin(&r, "--check src");
	assert_int_equal(r.outcome, OPTIONS_GO);
	assert_true(r.o.accounts.check);
	run_end(&r);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_go_on_to_the_process_of_each_account),
		cmocka_unit_test(options_of_a_list_need_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
