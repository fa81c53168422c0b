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

enum { ARGS_MAX = 16, OPT_MAP = 256 };

struct own {
	char seen[64]; /* letters in order, '#' for --map */
	const char *map;
};

static const struct option_spec own_options[] = {
	{ "output", 'o', "FILE", "write the archive here" },
	{ "map", OPT_MAP, "FROM=TO", "rename a folder" },
	{ "best", 'b', NULL, "compress better" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = { own_options,
	options_general, options_keys, options_connect, options_selection,
	NULL };

static enum rc
take_own(void *arg, int letter, const char *value, struct fault *f)
{
	struct own *own = arg;
	size_t n = strlen(own->seen);

	own->seen[n] = letter == OPT_MAP ? '#' : (char)letter;
	if (letter != OPT_MAP)
		return RC_OK;
	own->map = value;
	if (strchr(value, '=') == NULL)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--map: '%s' has no '='", value);
	return RC_OK;
}

static const struct program program = {
	.name = "mtest",
	.synopsis = "[-bo] SOURCE\n-G",
	.summary = "test the options",
	.tables = tables,
	.own = take_own,
};

struct run {
	struct common_options o;
	struct own own;
	struct capture c;
	char *argv[ARGS_MAX];
	int argc;
	int operand;
	enum options_outcome outcome;
};

/* words: arguments separated by blanks. */
static void
run_begin(struct run *r, const char *words)
{
	char *line = xasprintf("mtest %s", words), *word, *rest = line;

	memset(r, 0, sizeof(*r));
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			r->argv[r->argc++] = xstrdup(word);
	free(line);
	common_options_init(&r->o);
	capture_begin(&r->c);
	r->outcome = options_parse(&program, r->argc, r->argv, &r->o, &r->own,
	    &r->operand);
	capture_end(&r->c);
}

static void
run_end(struct run *r)
{
	int i;

	common_options_release(&r->o);
	capture_free(&r->c);
	for (i = 0; i < r->argc; i++)
		free(r->argv[i]);
}

static void
options_and_operands_may_be_mixed(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "-q src --folder A -vv dst --folder=B/* -n");
	assert_int_equal(r.outcome, OPTIONS_GO);
	assert_true(r.o.quiet && r.o.dry_run);
	assert_int_equal(r.o.verbose, 2);
	assert_int_equal(r.o.selection.folder.n, 2);
	assert_string_equal(r.o.selection.folder.v[1], "B/*");
	assert_int_equal(r.operand, r.argc - 2);
	assert_string_equal(r.argv[r.operand], "src");
	assert_string_equal(r.argv[r.operand + 1], "dst");
	run_end(&r);
}

static void
a_program_gets_its_own_options_and_no_others(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "-b -ofile --map a=b --timeout 5 -- -q");
	assert_int_equal(r.outcome, OPTIONS_GO);
	assert_string_equal(r.own.seen, "bo#");
	assert_string_equal(r.own.map, "a=b");
	assert_int_equal(r.o.access.timeout_ms, 5000);
	assert_false(r.o.quiet);
	assert_string_equal(r.argv[r.operand], "-q");
	run_end(&r);
}

static void
limits_are_set_for_all_connections(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "--max-rate 500k --max-messages 30/min --max-wait 0");
	assert_int_equal(r.outcome, OPTIONS_GO);
	assert_int_equal(pace_portion(r.o.access.pace, 1 << 20), 125 << 10);
	assert_int_equal(pace_batch(r.o.access.pace, 500), 1);
	assert_int_equal(pace_pause_max(r.o.access.pace), 0);
	run_end(&r);
	run_begin(&r, "");
	assert_int_equal(pace_portion(r.o.access.pace, 1 << 20), 1 << 20);
	assert_int_equal(pace_batch(r.o.access.pace, 500), 500);
	assert_int_equal(pace_pause_max(r.o.access.pace), 600000);
	run_end(&r);
}

static void
secrets_are_told_in_the_order_of_the_command_line(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "--secret fd:3 x --secret env:P");
	assert_string_equal(options_secret(&r.o, 0), "fd:3");
	assert_string_equal(options_secret(&r.o, 1), "env:P");
	assert_null(options_secret(&r.o, 2));
	run_end(&r);
}

static void
connection_options_are_made_canonical(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r,
	    "--auth scram-sha-256 --insecure --allow-plaintext "
	    "--ca f --auth-user adm --pin SHA256:"
	    "AA:bb:CC:dd:EE:ff:00:11:AA:bb:CC:dd:EE:ff:00:11:"
	    "AA:bb:CC:dd:EE:ff:00:11:AA:bb:CC:dd:EE:ff:00:11");
	assert_int_equal(r.outcome, OPTIONS_GO);
	assert_string_equal(r.o.access.mechanism, "SCRAM-SHA-256");
	assert_string_equal(r.o.access.ca_file, "f");
	assert_string_equal(r.o.access.auth_user, "adm");
	assert_true(r.o.access.insecure && r.o.access.allow_plaintext);
	assert_int_equal(r.o.access.pins.n, 1);
	assert_string_equal(r.o.access.pins.v[0],
	    "aabbccddeeff0011aabbccddeeff0011"
	    "aabbccddeeff0011aabbccddeeff0011");
	run_end(&r);
}

static void
dates_become_instants(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r,
	    "--since 2026-01-02T03:04:05Z "
	    "--before 2026-01-02T03:04:06Z");
	assert_int_equal(r.outcome, OPTIONS_GO);
	assert_int_equal(r.o.selection.since, 1767323045);
	assert_int_equal(r.o.selection.before, 1767323046);
	run_end(&r);
}

static void
what_is_wrong_is_named_with_the_usage(void **state)
{
	static const struct {
		const char *words;
		const char *message;
	} rows[] = {
		{ "-x", "unknown option '-x'" },
		{ "--nix", "unknown option '--nix'" },
		{ "--se x", "ambiguous option '--se'" },
		{ "--quiet=5", "option '--quiet' takes no value" },
		{ "a -o", "option '--output' needs a value: FILE" },
		{ "--json", "option '--json' needs a value: FILE" },
		{ "--json=", "--json: needs a FILE that is not empty" },
		{ "--map x", "--map: 'x' has no '='" },
		{ "--secret hunter2", "--secret: a secret is given as " },
		{ "--key-secret cmd:", "--key-secret: nothing stands " },
		{ "--auth NTLM", "--auth: unknown mechanism 'NTLM'" },
		{ "--pin 12", "--pin: '12' is not a SHA-256 digest" },
		{ "--timeout 0", "--timeout: '0' is not a number" },
		{ "--timeout 1h", "--timeout: '1h' is not a number" },
		{ "--max-rate 0", "--max-rate: '0' is not a number of oct" },
		{ "--max-rate -1", "--max-rate: '-1' is not a number" },
		{ "--max-rate abc", "--max-rate: 'abc' is not a number" },
		{ "--max-rate 10q", "--max-rate: '10q' is not a number" },
		{ "--max-rate 1023", "--max-rate: '1023' is not a number" },
		{ "--max-rate 2T", "--max-rate: '2T' is not a number" },
		{ "--max-rate 99999999999999999999", "--max-rate: '9999999" },
		{ "--max-messages 0", "--max-messages: '0' is not a number" },
		{ "--max-messages -4", "--max-messages: '-4' is not a numbe" },
		{ "--max-messages 0.016", "--max-messages: '0.016' is not" },
		{ "--max-messages 4/day", "--max-messages: '4/day' is not" },
		{ "--max-messages 1000000", "--max-messages: '1000000' is" },
		{ "--max-wait -1", "--max-wait: '-1' is not a number" },
		{ "--max-wait 86401", "--max-wait: '86401' is not a number" },
		{ "--since now", "--since: 'now' is not a date" },
		{ "--nix\033[2J", "unknown option '--nix\\x1b[2J'" },
	};
	struct run r;
	char *wanted;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_begin(&r, rows[i].words);
		wanted = xasprintf("mtest: %s", rows[i].message);
		assert_int_equal(r.outcome, OPTIONS_BAD);
		assert_memory_equal(r.c.err, wanted, strlen(wanted));
		assert_non_null(strstr(r.c.err, "\nusage: mtest [-bo]"));
		assert_string_equal(r.c.out, "");
		free(wanted);
		run_end(&r);
	}
}

static void
a_secret_given_as_a_value_is_not_repeated(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "--secret hunter2");
	assert_null(strstr(r.c.err, "hunter2"));
	run_end(&r);
}

static void
help_is_made_from_the_tables(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "-h");
	assert_int_equal(r.outcome, OPTIONS_DONE);
	assert_string_equal(r.c.err, "");
	assert_ptr_equal(r.c.out,
	    strstr(r.c.out,
		"usage: mtest [-bo] SOURCE\n"
		"       mtest -G\n\ntest the options\n\n"));
	assert_non_null(strstr(r.c.out,
	    "\n  -o, --output FILE     write the archive here\n"));
	assert_non_null(
	    strstr(r.c.out, "\n      --map FROM=TO     rename a folder\n"));
	assert_non_null(strstr(r.c.out, "\n  -p, --public-key PUBKEY\n"));
	run_end(&r);
}

static void
the_version_names_the_program_and_the_toolkit(void **state)
{
	struct run r;

	(void)state;
	run_begin(&r, "-q --version --nix");
	assert_int_equal(r.outcome, OPTIONS_DONE);
	assert_string_equal(r.c.out,
	    "mtest (mailproof) " MAILPROOF_VERSION "\n");
	run_end(&r);
}

static void
keys_are_looked_for_where_xdg_says(void **state)
{
	static const struct {
		const char *given, *xdg, *home, *path;
	} rows[] = {
		{ "k", "/x", "/h", "k" },
		{ NULL, "/x", "/h", "/x/mailproof/secret.key" },
		{ NULL, "rel", "/h", "/h/.config/mailproof/secret.key" },
		{ NULL, NULL, "/h", "/h/.config/mailproof/secret.key" },
	};
	char *path;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv("HOME", rows[i].home, 1);
		if (rows[i].xdg == NULL)
			unsetenv("XDG_CONFIG_HOME");
		else
			setenv("XDG_CONFIG_HOME", rows[i].xdg, 1);
		path = options_key_path(rows[i].given, "secret.key");
		assert_string_equal(path, rows[i].path);
		free(path);
	}
}

static void
a_passphrase_comes_from_its_specification(void **state)
{
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;
	char good[] = "env:PASS_TEST", bad[] = "env:NO_SUCH_TEST";

	(void)state;
	setenv("PASS_TEST", "open sesame", 1);
	assert_int_equal(options_key_pass(good, "key", &b, &f), RC_OK);
	assert_string_equal(buf_str(&b), "open sesame");
	assert_int_equal(options_key_pass(bad, "key", &b, &f), RC_STORE);
	assert_int_equal(f.cause, CAUSE_CONFIG);
	buf_wipe(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_set_for_all_connections),
		cmocka_unit_test(options_and_operands_may_be_mixed),
		cmocka_unit_test(a_program_gets_its_own_options_and_no_others),
		cmocka_unit_test(
		    secrets_are_told_in_the_order_of_the_command_line),
		cmocka_unit_test(connection_options_are_made_canonical),
		cmocka_unit_test(dates_become_instants),
		cmocka_unit_test(what_is_wrong_is_named_with_the_usage),
		cmocka_unit_test(a_secret_given_as_a_value_is_not_repeated),
		cmocka_unit_test(help_is_made_from_the_tables),
		cmocka_unit_test(the_version_names_the_program_and_the_toolkit),
		cmocka_unit_test(keys_are_looked_for_where_xdg_says),
		cmocka_unit_test(a_passphrase_comes_from_its_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
