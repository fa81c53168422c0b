#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/secret.h"
#include "program/option_accounts.h"
#include "program/option_tables.h"
#include "program/options.h"
#include "util/buf.h"
#include "util/mem.h"
#include "util/text.h"

enum {
	LONG_BASE = 0x10000, /* getopt's value of the first long option */
	USAGE_COLUMN = 24,   /* where the help of an option starts */
	WORD_MAX = 200,      /* octets of a bad argument shown */
};

/* What getopt_long wants, made of a program's tables. */
struct parser {
	const struct program *program;
	const struct option_spec **spec; /* all options, in order */
	bool *shared;                    /* does its table belong to us? */
	struct option *longs;            /* val is LONG_BASE + index */
	size_t n;
	struct buf shorts;
};

void
common_options_init(struct common_options *o)
{
	memset(o, 0, sizeof(*o));
	access_init(&o->access);
	selection_init(&o->selection);
	account_options_init(&o->accounts);
}

void
common_options_release(struct common_options *o)
{
	strs_release(&o->secret);
	strs_release(&o->access.pins);
	access_release(&o->access);
	selection_release(&o->selection);
	account_options_release(&o->accounts);
}

static void
parser_add(struct parser *p, const struct option_spec *spec, bool shared)
{
	size_t i = p->n++;

	p->spec = xreallocarray(p->spec, p->n, sizeof(*p->spec));
	p->shared = xreallocarray(p->shared, p->n, sizeof(*p->shared));
	p->longs = xreallocarray(p->longs, p->n + 1, sizeof(*p->longs));
	p->spec[i] = spec;
	p->shared[i] = shared;
	p->longs[i].name = spec->name;
	p->longs[i].has_arg =
	    spec->argument == NULL ? no_argument : required_argument;
	p->longs[i].flag = NULL;
	p->longs[i].val = LONG_BASE + (int)i;
	memset(&p->longs[p->n], 0, sizeof(*p->longs));
	if (spec->letter < 256) {
		buf_addc(&p->shorts, spec->letter);
		if (spec->argument != NULL)
			buf_addc(&p->shorts, ':');
	}
}

static void
parser_init(struct parser *p, const struct program *program)
{
	const struct option_spec *const *table, *spec;

	memset(p, 0, sizeof(*p));
	p->program = program;
	buf_addc(&p->shorts, ':');
	for (table = program->tables; *table != NULL; table++)
		for (spec = *table; spec->name != NULL; spec++)
			parser_add(p, spec, option_table_is_shared(*table));
}

static void
parser_release(struct parser *p)
{
	free(p->spec);
	free(p->shared);
	free(p->longs);
	buf_release(&p->shorts);
}

/* The index of the option that getopt's value means; n for none. */
static size_t
parser_find(const struct parser *p, int val)
{
	size_t i;

	if (val >= LONG_BASE)
		return (size_t)(val - LONG_BASE);
	for (i = 0; i < p->n; i++)
		if (p->spec[i]->letter == val)
			break;
	return i;
}

static void
print_synopsis(const struct program *p, FILE *to)
{
	const char *line = p->synopsis, *end;
	const char *lead = "usage:";

	while (*line != '\0') {
		end = strchrnul(line, '\n');
		fprintf(to, "%-6s %s %.*s\n", lead, p->name, (int)(end - line),
		    line);
		lead = "";
		line = *end == '\0' ? end : end + 1;
	}
}

static void
print_option(const struct option_spec *spec, FILE *to)
{
	struct buf b = BUF_INIT;

	if (spec->letter < 256)
		buf_addf(&b, "  -%c, --%s", spec->letter, spec->name);
	else
		buf_addf(&b, "      --%s", spec->name);
	if (spec->argument != NULL)
		buf_addf(&b, " %s", spec->argument);
	if (b.len + 2 > USAGE_COLUMN)
		fprintf(to, "%s\n%*s%s\n", buf_str(&b), USAGE_COLUMN, "",
		    spec->help);
	else
		fprintf(to, "%-*s%s\n", USAGE_COLUMN, buf_str(&b), spec->help);
	buf_release(&b);
}

static enum options_outcome
print_help(const struct parser *p)
{
	size_t i;

	print_synopsis(p->program, stdout);
	printf("\n%s\n\n", p->program->summary);
	for (i = 0; i < p->n; i++)
		print_option(p->spec[i], stdout);
	return OPTIONS_DONE;
}

static enum options_outcome
bad(const struct parser *p, const char *text)
{
	struct buf b = BUF_INIT;

	text_visible(&b, text, strlen(text), FAULT_MAX);
	fprintf(stderr, "%s: %s\n", p->program->name, buf_str(&b));
	print_synopsis(p->program, stderr);
	fprintf(stderr, "%s -h lists the options\n", p->program->name);
	buf_release(&b);
	return OPTIONS_BAD;
}

/* How many long options start with the word given (cut at "="). */
static size_t
count_prefixes(const struct parser *p, const char *word)
{
	size_t len = strcspn(word, "="), i, n = 0;

	for (i = 0; i < p->n; i++)
		n += strncmp(p->longs[i].name, word, len) == 0;
	return n;
}

/* getopt said '?' or ':'. */
static enum options_outcome
bad_option(const struct parser *p, char **argv, bool lacks_value)
{
	size_t i = parser_find(p, optopt);
	const char *word = argv[optind - 1];
	struct buf b = BUF_INIT;
	enum options_outcome r;

	if (optopt != 0 && lacks_value && i < p->n) {
		buf_addf(&b, "option '--%s' needs a value: %s",
		    p->spec[i]->name, p->spec[i]->argument);
	} else if (optopt >= LONG_BASE) {
		buf_addf(&b, "option '--%s' takes no value", p->spec[i]->name);
	} else if (optopt != 0) {
		buf_addf(&b, "unknown option '-%c'", optopt);
	} else {
		buf_addf(&b, "%s option '%.*s'",
		    count_prefixes(p, word + 2) > 1 ? "ambiguous" : "unknown",
		    WORD_MAX, word);
	}
	r = bad(p, buf_str(&b));
	buf_release(&b);
	return r;
}

/* One option that getopt knows. */
static enum options_outcome
take(const struct parser *p, int val, struct common_options *o, void *arg)
{
	size_t i = parser_find(p, val);
	const struct option_spec *spec = p->spec[i];
	struct fault f = FAULT_INIT;
	enum rc rc;

	if (p->shared[i] && spec->letter == 'h')
		return print_help(p);
	if (p->shared[i] && spec->letter == 'V') {
		printf("%s (mailproof) %s\n", p->program->name,
		    MAILPROOF_VERSION);
		return OPTIONS_DONE;
	}
	if (p->shared[i])
		rc = option_take(o, spec, optarg, &f);
	else
		rc = p->program->own(arg, spec->letter, optarg, &f);
	if (rc != RC_OK)
		return bad(p, f.text);
	option_accounts_note(&o->accounts, p->program, spec, p->shared[i],
	    optarg);
	return OPTIONS_GO;
}

enum options_outcome
options_parse(const struct program *program, int argc, char **argv,
    struct common_options *o, void *arg, int *operand_r)
{
	enum options_outcome r = OPTIONS_GO;
	struct fault f = FAULT_INIT;
	struct parser p;
	int val;

	parser_init(&p, program);
	opterr = 0;
	optind = 0; /* GNU: starts anew */
	while (r == OPTIONS_GO) {
		val =
		    getopt_long(argc, argv, buf_str(&p.shorts), p.longs, NULL);
		if (val == -1)
			break;
		if (val == '?' || val == ':')
			r = bad_option(&p, argv, val == ':');
		else
			r = take(&p, val, o, arg);
	}
	*operand_r = optind;
	if (r == OPTIONS_GO && option_accounts_check(o, &f) != RC_OK)
		r = bad(&p, f.text);
	parser_release(&p);
	return r;
}

const char *
options_secret(const struct common_options *o, size_t n)
{
	return n < o->secret.n ? o->secret.v[n] : NULL;
}

char *
options_key_path(const char *given, const char *name)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home;
	const struct passwd *pw;

	if (given != NULL)
		return xstrdup(given);
	/* The XDG specification: a path that is not absolute is ignored. */
	if (base != NULL && base[0] == '/')
		return xasprintf("%s/mailproof/%s", base, name);
	home = getenv("HOME");
	if (home == NULL || home[0] == '\0') {
		pw = getpwuid(getuid());
		home = pw == NULL ? "" : pw->pw_dir;
	}
	return xasprintf("%s/.config/mailproof/%s", home, name);
}

enum rc
options_key_pass(void *arg, const char *what, struct buf *pass, struct fault *f)
{
	const char *spec = arg;
	char *prompt;
	enum rc rc;

	if (spec != NULL) {
		rc = secret_fetch(spec, pass, f);
		return rc == RC_OK ? rc : fault_wrap(f, rc, "--key-secret");
	}
	prompt = xasprintf("passphrase of %s: ", what);
	rc = secret_prompt(prompt, pass, f);
	free(prompt);
	if (rc == RC_END)
		return fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "%s: no terminal to ask for the passphrase on, use "
		    "--key-secret",
		    what);
	return rc;
}
