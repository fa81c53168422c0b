#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/fleet_priv.h"

static void
check_archives(struct fleet *t, const struct job *j)
{
	const struct strs *passed = &t->options->accounts.passed;
	char *word, *path;
	size_t i;

	for (i = 0; i < passed->n; i++) {
		word = fleet_option(t, j, passed->v[i]);
		path = strchr(word, '=');
		if (strcmp(word, passed->v[i]) != 0 && path != NULL &&
		    access(path + 1, F_OK) != 0)
			account_list_fault(&t->list, j->account->line,
			    CAUSE_NOINPUT, "no archive '%s'", path + 1);
		free(word);
	}
}

static bool
waits_for(const struct job *j, const char *host)
{
	return j->state == JOB_WAITING && j->host != NULL &&
	    strcmp(j->host, host) == 0;
}

/* True when no job before this one is of its host. */
static bool
is_first(const struct fleet *t, const struct job *j)
{
	const struct job *k;

	for (k = t->job; k < j; k++)
		if (waits_for(k, j->host))
			return false;
	return true;
}

/* Each keeps its connections to the end, so that those that had to wait for
 * their host would wait for days. */
static void
check_host(struct fleet *t, const struct job *j)
{
	const struct account_options *o = &t->options->accounts;
	size_t i, n = 0;

	for (i = 0; i < t->n; i++)
		n += waits_for(&t->job[i], j->host);
	if (t->options->connections > 1)
		n *= t->options->connections;
	if (n > o->per_host)
		account_list_fault(&t->list, 0, CAUSE_USAGE,
		    "all accounts go on side by side, and %s would have to "
		    "bear %zu connections: give --per-host %zu if it does, or "
		    "several lists",
		    j->host, n, n);
}

void
fleet_check_jobs(struct fleet *t)
{
	const struct job *j;
	size_t i;

	for (i = 0; i < t->n; i++) {
		j = &t->job[i];
		if (j->state != JOB_WAITING)
			continue;
		check_archives(t, j);
		if (t->options->accounts.stays && j->host != NULL &&
		    is_first(t, j))
			check_host(t, j);
	}
}
