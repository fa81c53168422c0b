#include "program/option_accounts.h"

#include <string.h>

#include "accounts/secret.h"
#include "program/option_tables.h"
#include "util/mem.h"
#include "util/num.h"

enum {
	OPT_PER_HOST = 0x200,
	OPT_RETRY,
	OPT_RETRY_WAIT,
	OPT_CHECK,
};

enum {
	AT_ONCE = 8,
	AT_ONCE_MAX = 256,
	PER_HOST = 8,
	PER_HOST_MAX = 1024,
	RETRY_MAX = 100,
	RETRY_WAIT_S = 30,
	RETRY_WAIT_MAX_S = 86400,
};

const struct option_spec options_accounts[] = {
	{ "accounts", 'A', "LIST", "work on the accounts of this list" },
	{ "directory", 'd', "DIR", "their archives, logs and summary" },
	{ "parallel", 'P', "N", "so many accounts at once (8)" },
	{ "per-host", OPT_PER_HOST, "N",
	    "connections to one server, over all accounts (8)" },
	{ "retry", OPT_RETRY, "N",
	    "run an account again that ended for the time being (0)" },
	{ "retry-wait", OPT_RETRY_WAIT, "SECONDS",
	    "before that; twice as long each time (30)" },
	{ "check", OPT_CHECK, NULL, "log in and end" },
	{ NULL, 0, NULL, NULL },
};

/* Is it in this table? */
static bool
is_of(const struct option_spec *table, const struct option_spec *spec)
{
	for (; table->name != NULL; table++)
		if (table == spec)
			return true;
	return false;
}

bool
option_accounts_has(const struct option_spec *spec)
{
	return is_of(options_accounts, spec);
}

/* A number of one option, and what it is to be. */
static enum rc
take_number(const char *option, const char *value, unsigned from, unsigned to,
    unsigned *r, struct fault *f)
{
	uint64_t n;

	if (!num_u64(value, strlen(value), to, &n) || n < from)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--%s: '%s' is not a number from %u to %u", option, value,
		    from, to);
	*r = (unsigned)n;
	return RC_OK;
}

enum rc
option_accounts_take(struct account_options *a, const struct option_spec *spec,
    const char *value, struct fault *f)
{
	switch (spec->letter) {
	case 'A':
		a->list = value;
		return RC_OK;
	case 'd':
		a->directory = value;
		return RC_OK;
	case OPT_CHECK:
		a->check = true;
		return RC_OK;
	default:
		break;
	}
	a->told = spec->name;
	if (spec->letter == 'P')
		return take_number(spec->name, value, 1, AT_ONCE_MAX,
		    &a->at_once, f);
	if (spec->letter == OPT_PER_HOST)
		return take_number(spec->name, value, 1, PER_HOST_MAX,
		    &a->per_host, f);
	if (spec->letter == OPT_RETRY)
		return take_number(spec->name, value, 0, RETRY_MAX, &a->retry,
		    f);
	return take_number(spec->name, value, 0, RETRY_WAIT_MAX_S,
	    &a->retry_wait_s, f);
}

void
account_options_init(struct account_options *a)
{
	memset(a, 0, sizeof(*a));
	a->at_once = AT_ONCE;
	a->per_host = PER_HOST;
	a->retry_wait_s = RETRY_WAIT_S;
}

void
account_options_release(struct account_options *a)
{
	strs_release(&a->passed);
	strs_release(&a->scope);
}

void
option_accounts_note(struct account_options *a, const struct program *p,
    const struct option_spec *spec, bool shared, const char *value)
{
	const char *const *single = p->single;
	char *word;

	if (option_accounts_has(spec) ||
	    (shared && strcmp(spec->name, "secret") == 0) ||
	    (shared && strcmp(spec->name, "json") == 0))
		return;
	for (; !shared && single != NULL && *single != NULL; single++)
		if (strcmp(*single, spec->name) == 0)
			a->single = spec->name;
	word = value == NULL ? xasprintf("--%s", spec->name) :
			       xasprintf("--%s=%s", spec->name, value);
	if (!shared || is_of(options_selection, spec))
		strs_add(&a->scope, word);
	strs_take(&a->passed, word);
}

static enum rc
usage(struct fault *f, const char *text)
{
	return fault_set(f, RC_STORE, CAUSE_USAGE, "%s", text);
}

enum rc
option_accounts_check(const struct common_options *o, struct fault *f)
{
	const struct account_options *a = &o->accounts;

	if (a->list == NULL && a->told != NULL)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--%s: only with -A LIST", a->told);
	if (a->list == NULL && a->directory != NULL)
		return usage(f, "-d DIR: only with -A LIST");
	if (a->list == NULL)
		return RC_OK;
	if (a->directory == NULL)
		return usage(f, "-A LIST: needs -d DIR, for the archives");
	if (a->single != NULL)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--%s is for one account, not for -A LIST", a->single);
	if (o->connections > a->per_host)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-j %u is more than --per-host %u", o->connections,
		    a->per_host);
	/* What stands in the list goes before it. */
	if (o->secret.n > 1)
		return usage(f,
		    "-A LIST: one --secret at most, for all accounts that "
		    "have none in the list");
	if ((o->secret.n == 1 && secret_is_single(o->secret.v[0])) ||
	    (o->key_secret != NULL && secret_is_single(o->key_secret)))
		return usage(f,
		    "'fd:' can be read once only, and accounts run side by "
		    "side: use file:, cmd:, token-cmd: or env:");
	return RC_OK;
}
