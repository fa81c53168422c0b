/* Journeys, each in a process of its own, as the one that began them sees
 * them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "accounts/reach.h"
#include "flow.h"
#include "util/mem.h"

enum {
	AT_ONCE = 8,
	PER_HOST = 8,
	WAIT_MS = 120 * 1000,
	TIMEOUT_MS = 60 * 1000, /* where --timeout tells none */
	STEPS = 16,     /* so many timeouts beside the waiting, in all */
	TELL_MS = 1000, /* from the end of cleaning up to its result */
};

/* Sends one after the other: one connection to each server that takes mail,
 * and one to each mailbox. */
static const char *
host_of(void *arg, size_t job, size_t i)
{
	const struct journey *j = (const struct journey *)arg + job;
	const char *host;
	size_t s, k;

	for (s = 0; s < STATIONS; s++)
		if (j->station[s].at.host != NULL && i-- == 0)
			return j->station[s].at.host;
	for (s = 0; s < SENDERS; s++) {
		host = j->sender[s].at.host;
		for (k = 0; host != NULL && k < s; k++)
			if (j->sender[k].at.host != NULL &&
			    strcasecmp(j->sender[k].at.host, host) == 0)
				host = NULL;
		if (host != NULL && i-- == 0)
			return host;
	}
	return NULL;
}

static void
said_leg(struct journey *j, struct wire *w)
{
	const int64_t i = wire_number(w, 0);

	if (w->bad || i < 0 || i >= (int64_t)j->legs)
		return;
	wire_leg(w, j, &j->leg[i]);
	flow_tell(j, &j->leg[i]);
}

static void
said_fault(const struct journey *j, struct wire *w)
{
	const enum cause cause = (enum cause)wire_choice(w, 0, CAUSE_CONFIG);
	struct fault f = FAULT_INIT;
	char *text = NULL;

	wire_text(w, &text);
	(void)fault_set(&f, RC_STORE, cause, "%s", text != NULL ? text : "");
	report_fault(j->report, &f);
	free(text);
}

static void
said_trust(const struct journey *j, struct wire *w)
{
	struct store_info info = { .connections = 1 };
	char *location = NULL, *tls = NULL, *line = NULL;
	bool allowed;

	wire_text(w, &location);
	wire_text(w, &tls);
	wire_text(w, &line);
	info.plaintext = wire_choice(w, 0, 1) != 0;
	allowed = wire_choice(w, 0, 1) != 0;
	info.location = location;
	info.tls = tls;
	info.line = line;
	if (!w->bad && location != NULL && tls != NULL)
		report_trust(j->report, &info, allowed);
	free(location);
	free(tls);
	free(line);
}

static void
said_pause(const struct journey *j, struct wire *w)
{
	const enum pace_news news =
	    (enum pace_news)wire_choice(w, 0, PACE_RESUME);
	const int64_t ms = wire_number(w, 0);
	char *why = NULL;

	wire_text(w, &why);
	progress_pause(j->report, news, ms, why != NULL ? why : "");
	free(why);
}

static void
said(void *arg, size_t job, const struct buf *news)
{
	struct journey *j = (struct journey *)arg + job;
	struct wire w = { .p = news->data, .n = news->len };

	switch ((enum flow_news)wire_choice(&w, 0, NEWS_PAUSE)) {
	case NEWS_LEG:
		said_leg(j, &w);
		break;
	case NEWS_FAULT:
		said_fault(j, &w);
		break;
	case NEWS_TRUST:
		said_trust(j, &w);
		break;
	case NEWS_PAUSE:
		said_pause(j, &w);
		break;
	}
}

static void
set_why(enum pool_fate fate, struct fault *f)
{
	switch (fate) {
	case POOL_DONE:
	case POOL_CRASHED:
		(void)fault_set(f, RC_STORE, CAUSE_BUG, "its process crashed");
		break;
	case POOL_LATE:
		(void)fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "its process came to no end, and was killed");
		break;
	case POOL_STOPPED:
		(void)fault_set(f, RC_STORE, CAUSE_TEMPORARY,
		    "its process did not obey the signal, and was killed");
		break;
	}
}

/* What is known of its legs is what it has said until then. */
static void
give_up(struct journey *j, enum pool_fate fate)
{
	struct fault why = FAULT_INIT;
	struct leg *l;
	size_t i;

	set_why(fate, &why);
	j->broken = why.cause;
	for (i = 0; i < j->legs; i++) {
		l = &j->leg[i];
		if (!j->dry && !j->settings->leave && l->state != LEG_IDLE &&
		    (l->accepted_ms > 0 || leg_is_open(l)) && l->removed == 0 &&
		    l->left == NULL)
			l->left = xasprintf("perhaps: %s", why.text);
		if (!leg_is_open(l))
			continue;
		leg_fail(l, &why);
		flow_tell(j, l);
	}
	if (j->name != NULL)
		(void)fault_name(&why, RC_STORE, j->name);
	report_fault(j->report, &why);
}

static void
ended(void *arg, size_t job, enum pool_fate fate, const struct buf *result)
{
	struct journey *j = (struct journey *)arg + job;
	struct wire w = { .p = result->data, .n = result->len };
	size_t i;

	for (i = 0; fate == POOL_DONE && i < j->legs; i++)
		wire_leg(&w, j, &j->leg[i]);
	if (fate != POOL_DONE || w.bad)
		give_up(j, fate);
}

/* Of a person or a descriptor secrets are had here, one after the other.
 * Who has none finds that out, and says so, by himself. */
static void
get_secrets(struct journey *j)
{
	struct fault f = FAULT_INIT;
	size_t i;

	for (i = 0; i < STATIONS; i++)
		if (j->station[i].at.host != NULL)
			(void)!reach_prepare(&j->station[i].at,
			    &j->station[i].how, &f);
	for (i = 0; i < SENDERS; i++)
		if (j->sender[i].at.host != NULL && i != BY_MX)
			(void)!reach_prepare(&j->sender[i].at,
			    &j->sender[i].how, &f);
}

enum rc
flow_go(struct journey *v, size_t n, struct fault *f)
{
	const struct flow_settings *s = v->settings;
	const int timeout = v->station[AT_TARGET].how.timeout_ms;
	const int64_t wait = s->wait_ms > 0 ? s->wait_ms : WAIT_MS;
	struct pool pool = { .jobs = n,
		.at_once = s->at_once > 0 ? s->at_once : AT_ONCE,
		.per_host = s->per_host > 0 ? s->per_host : PER_HOST,
		.limit_ms = 2 * wait +
		    (int64_t)STEPS * (timeout > 0 ? timeout : TIMEOUT_MS),
		.grace_ms = flow_spare_ms(v) + TELL_MS,
		.host = host_of,
		.work = flow_travel,
		.said = said,
		.ended = ended,
		.arg = v };
	size_t i;

	for (i = 0; i < n; i++)
		get_secrets(&v[i]);
	return pool_run(&pool, f);
}
