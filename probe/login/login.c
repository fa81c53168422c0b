/* mprobe login: log in everywhere, and tell who cannot. */
#include "login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/reach.h"
#include "accounts/secret.h"
#include "probe/pool/pool.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/num.h"

enum { OPT_FORMAT = 256, OPT_PER_HOST };

enum {
	AT_ONCE = 16,
	AT_ONCE_MAX = 256,
	PER_HOST = 8,
	PER_HOST_MAX = 1024,
	TIMEOUT_MS = 60 * 1000, /* where --timeout tells none */
	STEPS = 3,              /* a login may take so many timeouts in all */
	GRACE_MS = 2000,        /* to tell that it was interrupted */
};

enum format { FORMAT_TEXT, FORMAT_TSV, FORMAT_JSON };

struct settings {
	const char *list;
	unsigned at_once;  /* 0: not told */
	unsigned per_host; /* likewise */
	enum format format;
};

static const struct option_spec options_login[] = {
	{ "accounts", 'A', "LIST", "the accounts of this list, all sides" },
	{ "format", OPT_FORMAT, "FORMAT", "text (default), tsv or json" },
	{ "parallel", 'P', "N", "so many logins at once (16)" },
	{ "per-host", OPT_PER_HOST, "N", "of them, at one server (8)" },
	{ NULL, 0, NULL, NULL },
};

static const struct option_spec *const tables[] = {
	options_login,
	options_connect,
	options_general,
	NULL,
};

static enum rc
take_number(const char *option, const char *value, unsigned most, unsigned *r,
    struct fault *f)
{
	uint64_t n;

	if (!num_u64(value, strlen(value), most, &n) || n == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--%s: '%s' is not a number from 1 to %u", option, value,
		    most);
	*r = (unsigned)n;
	return RC_OK;
}

static enum rc
take_format(struct settings *s, const char *value, struct fault *f)
{
	static const char *const words[] = { [FORMAT_TEXT] = "text",
		[FORMAT_TSV] = "tsv",
		[FORMAT_JSON] = "json" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(value, words[i]) == 0) {
			s->format = (enum format)i;
			return RC_OK;
		}
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "--format %s: give text, tsv or json", value);
}

static enum rc
own_option(void *arg, int letter, const char *value, struct fault *f)
{
	struct settings *s = arg;

	switch (letter) {
	case 'A':
		s->list = value;
		return RC_OK;
	case 'P':
		return take_number("parallel", value, AT_ONCE_MAX, &s->at_once,
		    f);
	case OPT_PER_HOST:
		return take_number("per-host", value, PER_HOST_MAX,
		    &s->per_host, f);
	case OPT_FORMAT:
		return take_format(s, value, f);
	default:
		return fault_set(f, RC_STORE, CAUSE_BUG, "option %d", letter);
	}
}

/* The pool's view of a login. */
static const char *
host_of(void *arg, size_t job, size_t i)
{
	const struct logins *all = arg;

	return i == 0 ? all->v[job].location->host : NULL;
}

static void
work(void *arg, size_t job, struct pool_line *line, struct buf *b)
{
	const struct logins *all = arg;
	struct login_result r;

	(void)line;
	if (all->v[job].result.cause != CAUSE_NONE) {
		login_result_write(b, &all->v[job].result);
		return;
	}
	login_try(all, &all->v[job], &r);
	login_result_write(b, &r);
	login_result_release(&r);
}

/* There is no result. */
static void
give_up(const struct logins *all, enum pool_fate fate, struct login_result *r)
{
	r->folders = r->inbox = -1;
	r->cause = CAUSE_TEMPORARY;
	r->ms = 0;
	switch (fate) {
	case POOL_LATE:
		r->ms = all->limit_ms;
		r->why = xasprintf("not done within %d s: given up",
		    (int)(all->limit_ms / 1000));
		break;
	case POOL_STOPPED:
		r->why = xstrdup("interrupted");
		break;
	case POOL_DONE:
	case POOL_CRASHED:
		r->cause = CAUSE_BUG;
		r->why = xstrdup("the process that was to log in has crashed");
		break;
	}
}

static void
ended(void *arg, size_t job, enum pool_fate fate, const struct buf *b)
{
	struct logins *all = arg;
	struct login *l = &all->v[job];
	struct login_result *r = &l->result;

	l->tried = true;
	login_result_release(r);
	if (fate != POOL_DONE || !login_result_read(b, r))
		give_up(all, fate, r);
	all->failed += r->cause != CAUSE_NONE;
	login_event(all, l);
	report_detail(all->report, "%s%s%s: %s%s%s",
	    l->name == NULL ? "" : l->name, l->name == NULL ? "" : ", ",
	    l->location->text, login_word(l), r->why == NULL ? "" : ": ",
	    r->why == NULL ? "" : r->why);
}

static enum rc
print(const struct settings *s, const struct logins *all, struct fault *f)
{
	struct buf b = BUF_INIT;
	enum rc rc = RC_OK;

	switch (s->format) {
	case FORMAT_TEXT:
		login_text(all, &b);
		break;
	case FORMAT_TSV:
		login_tsv(all, &b);
		break;
	case FORMAT_JSON:
		login_json(all, &b);
		break;
	}
	if (fwrite(b.data, 1, b.len, stdout) != b.len || fflush(stdout) != 0)
		rc = fault_errno(f, RC_STORE, CAUSE_IO, "standard output");
	buf_release(&b);
	return rc;
}

static void
count(struct probe *p, const struct logins *all)
{
	struct fault f = FAULT_INIT;
	size_t i;

	for (i = 0; i < all->n; i++) {
		f.cause = all->v[i].result.cause;
		if (f.cause != CAUSE_NONE)
			outcome_fault(&p->outcome, &f);
		else if (all->v[i].tried)
			p->outcome.done++;
	}
}

static enum rc
run(struct probe *p, struct fault *f)
{
	const struct settings *s = p->own;
	struct logins all = { .access = &p->common.access,
		.report = p->report,
		.now = clock_utc() };
	struct login_plan plan = { .list = ACCOUNT_LIST_INIT };
	struct pool pool = { .at_once = AT_ONCE,
		.per_host = PER_HOST,
		.grace_ms = GRACE_MS,
		.host = host_of,
		.work = work,
		.ended = ended,
		.arg = &all };
	enum rc rc;

	all.limit_ms = (int64_t)STEPS *
	    (all.access->timeout_ms > 0 ? all.access->timeout_ms : TIMEOUT_MS);
	if (s->at_once > 0)
		pool.at_once = s->at_once;
	if (s->per_host > 0)
		pool.per_host = s->per_host;
	rc = login_plan(&plan, p, s->list, &all, f);
	pool.jobs = all.n;
	pool.limit_ms = all.limit_ms;
	if (rc == RC_OK && !p->common.dry_run)
		rc = pool_run(&pool, f);
	if (rc == RC_OK)
		rc = print(s, &all, f);
	count(p, &all);
	login_plan_release(&plan, &all);
	return rc;
}

const struct verb verb_login = {
	.word = "login",
	.summary = "log in everywhere, and tell who cannot and why",
	.program = {
		.name = "mprobe login",
		.synopsis = "[options] LOCATION...\n[options] -A LIST",
		.summary = "log in everywhere, and tell who cannot and why",
		.tables = tables,
		.own = own_option,
		.work = WORK_NO_ACCOUNTS,
	},
	.settings = sizeof(struct settings),
	.run = run,
};
