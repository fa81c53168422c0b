/* Who sends what to whom, by the command line. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow.h"
#include "util/clock.h"
#include "util/mem.h"

void
journey_init(struct journey *j, const struct probe *p)
{
	const struct flow_settings *s = p->own;
	struct access how = p->common.access;
	size_t i;

	memset(j, 0, sizeof(*j));
	/* for accounts whose list names none */
	how.secret = s->list != NULL ? options_secret(&p->common, 0) : NULL;
	j->settings = s;
	j->report = p->report;
	j->dry = p->common.dry_run;
	for (i = 0; i < STATIONS; i++)
		j->station[i].how = how;
	for (i = 0; i < SENDERS; i++)
		j->sender[i].how = how;
	for (i = 0; i < STATIONS + SENDERS; i++)
		j->fd[i] = -1;
}

void
journey_release(struct journey *j)
{
	size_t i;

	for (i = 0; i < j->legs; i++)
		leg_release(&j->leg[i]);
	for (i = 0; i < STATIONS; i++) {
		mailbox_release(&j->station[i].box);
		location_release(&j->station[i].at);
	}
	for (i = 0; i < SENDERS; i++)
		location_release(&j->sender[i].at);
	for (i = 0; i < STATIONS + SENDERS; i++)
		if (j->fd[i] != -1)
			(void)close(j->fd[i]);
	free(j->name);
}

enum rc
flow_address(const char *what, const char *address, struct fault *f)
{
	if (mark_address_is_plain(address))
		return RC_OK;
	return fault_set(f, RC_STORE, CAUSE_USAGE,
	    "%s: '%s' is not an address like anna@example.com", what, address);
}

struct leg *
flow_add_leg(struct journey *j, const char *name, int sender, int station)
{
	struct leg *l = &j->leg[j->legs++];

	l->name = name;
	l->way = j->sender[sender].at.text;
	l->send = flow_send;
	l->send_arg = &j->sender[sender];
	l->box = &j->station[station].box;
	return l;
}

/* Secrets come in the order of SMTP-LOCATION, IMAP-LOCATION, --bounces. */
static enum rc
locate(struct probe *p, struct journey *j, struct fault *f)
{
	const struct flow_settings *s = p->own;
	struct location *bounces = &j->station[AT_REPORTS].at;
	size_t secret = 0;
	enum rc rc = RC_OK;

	if (s->submit != NULL) {
		rc = location_parse(s->submit, &j->sender[BY_SUBMIT].at, f);
		j->sender[BY_SUBMIT].how.secret =
		    options_secret(&p->common, secret++);
	}
	if (rc == RC_OK && s->mx != NULL)
		rc = location_parse_mx(s->mx, &j->sender[BY_MX].at, f);
	if (rc == RC_OK)
		rc =
		    location_parse(p->operand[0], &j->station[AT_TARGET].at, f);
	j->station[AT_TARGET].how.secret = options_secret(&p->common, secret++);
	if (rc == RC_OK && s->bounces != NULL)
		rc = location_parse(s->bounces, bounces, f);
	j->station[AT_REPORTS].how.secret = options_secret(&p->common, secret);
	return rc;
}

static enum rc
check(const struct probe *p, struct fault *f)
{
	const struct flow_settings *s = p->own;
	enum rc rc;

	if (s->old_submit != NULL || s->outside != NULL || s->account.n > 0 ||
	    s->at_once != 0 || s->per_host != 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "--account, --old-submit, --outside, --per-host and -P "
		    "are for -A LIST");
	if (s->from == NULL || s->to == NULL)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "name the sender and the recipient: --from ADDRESS --to "
		    "ADDRESS");
	if (s->submit == NULL && s->mx == NULL)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "name the server to send by: --submit SMTP-LOCATION or "
		    "--mx HOST");
	if (p->operands != 1)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "name the mailbox where it shall arrive: one "
		    "IMAP-LOCATION");
	rc = flow_address("--from", s->from, f);
	return rc == RC_OK ? flow_address("--to", s->to, f) : rc;
}

static void
add_legs(struct journey *j, const struct flow_settings *s)
{
	struct leg *l;
	int by;

	for (by = BY_SUBMIT; by <= BY_MX; by++) {
		if (j->sender[by].at.text == NULL)
			continue;
		l = flow_add_leg(j, by == BY_SUBMIT ? "submit" : "mx", by,
		    AT_TARGET);
		/* Who writes to himself has his bounces there, too. */
		if (j->station[AT_REPORTS].at.text != NULL)
			l->reports = &j->station[AT_REPORTS].box;
		else if (strcmp(s->from, s->to) == 0)
			l->reports = l->box;
		mark_init(&l->mark, s->from, s->to, clock_utc());
	}
}

enum rc
flow_plan(struct probe *p, struct journey **v_r, size_t *n_r, struct fault *f)
{
	const struct flow_settings *s = p->own;
	enum rc rc;

	if (s->list != NULL)
		return flow_plan_list(p, v_r, n_r, f);
	*v_r = xcalloc(1, sizeof(**v_r));
	*n_r = 1;
	journey_init(*v_r, p);
	rc = check(p, f);
	if (rc == RC_OK)
		rc = locate(p, *v_r, f);
	if (rc == RC_OK)
		add_legs(*v_r, s);
	return rc;
}
