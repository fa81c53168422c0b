/* Who sends what to whom, for the accounts of a list. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/secret.h"
#include "flow.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/mem.h"

/* Each fault on a line of its own, as compilers do. */
static enum rc
tell_faults(const struct probe *p, const char *path, struct account_list *l,
    struct fault *f)
{
	struct outcome worst = { .done = 0 };
	const struct account_fault *one;
	struct fault fault;
	size_t i;

	if (l->faults == 0)
		return RC_OK;
	account_list_sort_faults(l);
	for (i = 0; i < l->faults; i++) {
		one = &l->fault[i];
		if (one->line > 0)
			(void)fault_set(&fault, RC_STORE, one->cause,
			    "%s:%zu: %s", path, one->line, one->text);
		else
			(void)fault_set(&fault, RC_STORE, one->cause, "%s: %s",
			    path, one->text);
		report_fault(p->report, &fault);
		outcome_fault(&worst, &fault);
	}
	return fault_set(f, RC_STORE, worst.worst,
	    "%s: %zu fault%s: nothing was sent", path, l->faults,
	    l->faults == 1 ? "" : "s");
}

/* The user of the mailbox may be its address. */
static const char *
address_of(const struct account *a)
{
	const char *user = a->place[ACCOUNT_TARGET].location.user;

	if (a->address != NULL)
		return a->address;
	return user != NULL && mark_address_is_plain(user) ? user : NULL;
}

/* Before anything is sent. */
static void
check_accounts(struct account_list *l)
{
	const struct account *a;
	size_t i;

	for (i = 0; i < l->n; i++) {
		a = &l->v[i];
		if (a->place[ACCOUNT_TARGET].location.text != NULL &&
		    a->place[ACCOUNT_TARGET].location.host == NULL)
			account_list_fault(l, a->line, CAUSE_CONFIG,
			    "target: is no IMAP-LOCATION");
		if (a->address != NULL && !mark_address_is_plain(a->address))
			account_list_fault(l, a->line, CAUSE_CONFIG,
			    "address: cannot be written without quotes");
		else if (address_of(a) == NULL)
			account_list_fault(l, a->line, CAUSE_CONFIG,
			    "no address, and target's user is none");
	}
}

/* Mail is submitted with the password that it is read with, unless there is
 * another. */
static void
share_secrets(struct account_list *l)
{
	struct account_place *to;
	const char *secret;
	size_t i;

	for (i = 0; i < l->n; i++) {
		to = &l->v[i].place[ACCOUNT_SUBMIT];
		secret = l->v[i].place[ACCOUNT_TARGET].secret;
		if (to->secret == NULL && !to->unread_secret && secret != NULL)
			to->secret = xstrdup(secret);
	}
}

static enum rc
load(const struct probe *p, const char *path, bool source,
    struct account_list *l, struct fault *f)
{
	struct account_need need = { .secret = options_secret(&p->common, 0),
		.auth_user = p->common.access.auth_user };
	enum rc rc;

	need.required[ACCOUNT_TARGET] = need.used[ACCOUNT_TARGET] = true;
	need.used[ACCOUNT_SUBMIT] = true;
	need.used[ACCOUNT_SOURCE] = source;
	rc = account_list_load(path, l, f);
	if (rc != RC_OK)
		return rc;
	share_secrets(l);
	account_list_check(l, &need);
	check_accounts(l);
	return tell_faults(p, path, l, f);
}

/* A password that stands in the list goes through a pipe, which holds more
 * than one has octets. */
static enum rc
pass_on(struct journey *j, size_t slot, const struct account_place *from,
    const char **spec_r, struct fault *f)
{
	int fd[2];
	enum rc rc;

	if (from->secret != NULL)
		*spec_r = from->secret;
	if (from->password == NULL)
		return RC_OK;
	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) == -1)
		return fault_errno(f, RC_STORE, CAUSE_IO, "pipe");
	rc = file_write(fd[1], "pipe", from->password, from->password_len, f);
	if (rc == RC_OK)
		rc = file_write(fd[1], "pipe", "\n", 1, f);
	(void)close(fd[1]);
	j->fd[slot] = fd[0];
	(void)snprintf(j->spec[slot], sizeof(j->spec[slot]), "fd:%d", fd[0]);
	*spec_r = j->spec[slot];
	return rc;
}

static enum rc
set_station(struct journey *j, size_t which, const struct account_place *from,
    struct fault *f)
{
	struct station *s = &j->station[which];
	enum rc rc = location_parse(from->location.text, &s->at, f);

	return rc == RC_OK ? pass_on(j, which, from, &s->how.secret, f) : rc;
}

/* text: the server, for those whose list names none; then user is who. */
static enum rc
set_sender(struct journey *j, size_t which, const char *text,
    const struct account_place *who, struct fault *f)
{
	struct sender *s = &j->sender[which];
	enum rc rc = location_parse(text, &s->at, f);

	if (rc == RC_OK && s->at.user == NULL && who->location.user != NULL)
		s->at.user = xstrdup(who->location.user);
	return rc == RC_OK ?
	    pass_on(j, STATIONS + which, who, &s->how.secret, f) :
	    rc;
}

static void
add(struct journey *j, const char *name, int by, int to, const char *from,
    const char *address)
{
	struct leg *l = flow_add_leg(j, name, by, to);
	const bool outside = by == BY_OUTSIDE;

	/* Where the sender's mail arrives. */
	if (by != BY_MX)
		l->reports = &j->station[outside ? AT_OUTSIDE : AT_TARGET].box;
	mark_init(&l->mark, from, address, clock_utc());
}

static enum rc
locate(struct journey *j, const struct account *a, const struct account *other,
    struct fault *f)
{
	const struct flow_settings *s = j->settings;
	const struct account_place *submit = &a->place[ACCOUNT_SUBMIT];
	const struct account_place *source = &a->place[ACCOUNT_SOURCE];
	enum rc rc = set_station(j, AT_TARGET, &a->place[ACCOUNT_TARGET], f);

	if (rc == RC_OK && submit->location.text != NULL)
		rc = set_sender(j, BY_SUBMIT, submit->location.text, submit, f);
	else if (rc == RC_OK && s->submit != NULL)
		rc = set_sender(j, BY_SUBMIT, s->submit,
		    &a->place[ACCOUNT_TARGET], f);
	if (rc == RC_OK && s->mx != NULL)
		rc = location_parse_mx(s->mx, &j->sender[BY_MX].at, f);
	if (rc == RC_OK && s->old_submit != NULL &&
	    source->location.host != NULL) {
		rc = set_sender(j, BY_OLD, s->old_submit, source, f);
		if (rc == RC_OK)
			rc = set_station(j, AT_SOURCE, source, f);
	}
	if (rc != RC_OK || other == NULL)
		return rc;
	rc = set_station(j, AT_OUTSIDE, &other->place[ACCOUNT_TARGET], f);
	submit = &other->place[ACCOUNT_SUBMIT];
	if (rc == RC_OK && submit->location.text != NULL)
		rc =
		    set_sender(j, BY_OUTSIDE, submit->location.text, submit, f);
	return rc;
}

static enum rc
plan(struct journey *j, const struct account *a, const struct account *other,
    struct fault *f)
{
	const char *own = address_of(a);
	enum rc rc = locate(j, a, other, f);

	j->name = xstrdup(a->name);
	if (rc != RC_OK)
		return rc;
	if (j->sender[BY_SUBMIT].at.text != NULL)
		add(j, "new-new", BY_SUBMIT, AT_TARGET, own, own);
	if (j->sender[BY_OLD].at.text != NULL)
		add(j, "old-new", BY_OLD, AT_TARGET, own, own);
	if (j->sender[BY_MX].at.text != NULL)
		add(j, "mx-new", BY_MX, AT_TARGET, j->settings->from, own);
	if (other == NULL)
		return RC_OK;
	if (j->sender[BY_SUBMIT].at.text != NULL)
		add(j, "new-outside", BY_SUBMIT, AT_OUTSIDE, own,
		    address_of(other));
	if (j->sender[BY_OUTSIDE].at.text != NULL)
		add(j, "outside-new", BY_OUTSIDE, AT_TARGET, address_of(other),
		    own);
	return RC_OK;
}

static enum rc
check(const struct probe *p, struct fault *f)
{
	const struct flow_settings *s = p->own;
	const char *secret = options_secret(&p->common, 0);

	if (p->operands > 0 || s->to != NULL || s->bounces != NULL)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-A LIST: no --to, --bounces and operands, the list has "
		    "them");
	if ((s->mx == NULL) != (s->from == NULL))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-A LIST: --mx HOST and --from ADDRESS, the sender from "
		    "elsewhere, go together");
	if (secret != NULL && secret_is_single(secret))
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "-A LIST: 'fd:' can be read once only: use file:, cmd: or "
		    "env:");
	return s->from != NULL ? flow_address("--from", s->from, f) : RC_OK;
}

/* --account names that are in the list, and nothing else. */
static enum rc
check_names(const struct flow_settings *s, struct fault *f)
{
	size_t i, k;

	for (i = 0; i < s->account.n; i++) {
		for (k = 0; k < s->accounts.n; k++)
			if (strcmp(s->accounts.v[k].name, s->account.v[i]) == 0)
				break;
		if (k == s->accounts.n)
			return fault_set(f, RC_STORE, CAUSE_USAGE,
			    "--account: '%s' is not in %s", s->account.v[i],
			    s->list);
	}
	return RC_OK;
}

static enum rc
load_all(struct probe *p, struct flow_settings *s, struct fault *f)
{
	enum rc rc = check(p, f);

	if (rc == RC_OK)
		rc = load(p, s->list, s->old_submit != NULL, &s->accounts, f);
	if (rc == RC_OK && s->outside != NULL)
		rc = load(p, s->outside, false, &s->others, f);
	if (rc == RC_OK && s->outside != NULL && s->others.n != 1)
		rc = fault_set(f, RC_STORE, CAUSE_CONFIG,
		    "--outside %s: holds %zu accounts, and one is meant",
		    s->outside, s->others.n);
	return rc == RC_OK ? check_names(s, f) : rc;
}

enum rc
flow_plan_list(struct probe *p, struct journey **v_r, size_t *n_r,
    struct fault *f)
{
	struct flow_settings *s = p->own;
	const struct account *a, *other;
	size_t i, legs = 0;
	enum rc rc = load_all(p, s, f);

	if (rc != RC_OK)
		return rc;
	other = s->others.n > 0 ? &s->others.v[0] : NULL;
	*v_r = xcalloc(s->accounts.n + 1, sizeof(**v_r));
	for (i = 0; rc == RC_OK && i < s->accounts.n; i++) {
		a = &s->accounts.v[i];
		if (s->account.n > 0 && !strs_has(&s->account, a->name))
			continue;
		journey_init(&(*v_r)[*n_r], p);
		rc = plan(&(*v_r)[(*n_r)++], a, other, f);
		if (rc != RC_OK)
			return fault_wrap(f, rc, "%s:%zu", s->list, a->line);
		legs += (*v_r)[*n_r - 1].legs;
	}
	if (legs == 0)
		return fault_set(f, RC_STORE, CAUSE_USAGE,
		    "%s: there is nothing to send by: a column submit, "
		    "--submit, --old-submit or --mx",
		    s->list);
	return RC_OK;
}
