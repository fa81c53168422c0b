/* mbackup --follow --until-mx: the end is when nobody sends here any more. */
#include "until_mx.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dns/mx.h"
#include "mail/date.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum {
	LEAST_S = 2, /* between two looks, however short the TTLs */
	MOST_S = 300,
};

struct until_mx {
	const struct until_mx_wish *wish;
	char *domain;
	struct report *report;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake; /* when stop is set */
	atomic_bool stop, over;

	/* the thread's own */
	struct dns_limits limits;
	int64_t moved_at; /* seen at all authoritative servers; 0: not yet */
	uint32_t before;  /* the longest TTL of what was there before */
	char *told;       /* last; not said twice */
};

/* A thing is said when it changes. */
static bool
is_new(struct until_mx *u, const char *text)
{
	if (u->told != NULL && strcmp(u->told, text) == 0)
		return false;
	free(u->told);
	u->told = xstrdup(text);
	return true;
}

static void
send_event(const struct until_mx *u, const struct mx_verdict *v)
{
	struct event *e = event_begin(u->report, "mx");

	event_text(e, "domain", u->domain);
	event_number(e, "authoritative_new", v->authoritative[MX_NEW]);
	event_number(e, "resolvers_new", v->resolvers[MX_NEW]);
	event_number(e, "unanswered",
	    v->authoritative[MX_UNKNOWN] + v->resolvers[MX_UNKNOWN]);
	event_flag(e, "moved", v->moved);
	event_flag(e, "everywhere", v->everywhere);
	event_signed(e, "asked_forget", v->asked_at);
	event_signed(e, "others_forget", v->unasked_at);
	event_send(e);
}

static void
add_end(struct buf *b, const struct mx_verdict *v)
{
	buf_adds(b, "; old answers run out at ");
	date_format_utc(b,
	    v->asked_at > v->unasked_at ? v->asked_at : v->unasked_at);
}

static void
tell(struct until_mx *u, const struct dns_parties *p,
    const struct mx_verdict *v)
{
	const size_t all = dns_parties_authoritative(p);
	const size_t mute =
	    v->authoritative[MX_UNKNOWN] + v->resolvers[MX_UNKNOWN];
	struct buf b = BUF_INIT;

	buf_addf(&b,
	    "%s: %zu of %zu authoritative servers and %zu of %zu resolvers "
	    "name %s",
	    u->domain, v->authoritative[MX_NEW], all, v->resolvers[MX_NEW],
	    p->n - all, u->wish->hosts.v[0]);
	if (mute > 0)
		buf_addf(&b, ", %zu do not answer", mute);
	send_event(u, v);
	/* the time may be a second another at each look */
	if (is_new(u, buf_str(&b))) {
		if (v->moved)
			add_end(&b, v);
		if (all == 0 || mute > 0)
			report_warn(u->report, "%s", buf_str(&b));
		else
			report_note(u->report, "%s", buf_str(&b));
	}
	buf_release(&b);
}

/* What was there before may be kept for as long as it was told. */
static void
remember(struct until_mx *u, const struct mx_sight *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i].authoritative && s[i].state != MX_NEW &&
		    s[i].ttl > u->before)
			u->before = s[i].ttl;
}

/* Seconds until it is worth while to look again. */
static int64_t
patience(const struct mx_sight *s, size_t n, const struct mx_verdict *v,
    int64_t now)
{
	int64_t wait = MOST_S;
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i].state != MX_UNKNOWN && s[i].ttl < wait)
			wait = s[i].ttl;
	if (v->everywhere && v->unasked_at - now < wait)
		wait = v->unasked_at - now;
	return wait < LEAST_S ? LEAST_S : wait;
}

static void
judge(struct until_mx *u, const struct dns_parties *p,
    const struct dns_query *q, int64_t *wait_r)
{
	struct mx_sight *s = xcalloc(p->n + 1, sizeof(*s));
	const int64_t now = clock_utc();
	struct mx_verdict v;
	size_t i;

	for (i = 0; i < p->n; i++)
		mx_sight_take(&q[i].answer, u->domain, p->v[i].authoritative,
		    &u->wish->hosts, &s[i]);
	remember(u, s, p->n);
	mx_judge(s, p->n, now, u->moved_at, u->before, &v);
	if (!v.moved)
		u->moved_at = 0;
	else if (u->moved_at == 0)
		u->moved_at = now;
	tell(u, p, &v);
	*wait_r = patience(s, p->n, &v, now);
	if (v.everywhere && now >= v.unasked_at)
		atomic_store(&u->over, true);
	free(s);
}

static int64_t
look(struct until_mx *u)
{
	struct dns_parties p;
	struct dns_query *q = NULL;
	struct fault f = FAULT_INIT;
	int64_t wait = MOST_S;
	enum rc rc;

	/* who is asked may change as well */
	rc = dns_parties_find(u->domain, &u->wish->chosen, &u->limits, &p, &f);
	if (rc == RC_OK) {
		rc = dns_parties_ask(&p, u->domain, DNS_MX, &u->limits, &q, &f);
		if (rc == RC_OK)
			judge(u, &p, q, &wait);
		dns_queries_release(q, p.n);
		free(q);
	}
	if (rc != RC_OK && !atomic_load(&u->stop) && interrupt_signal() == 0 &&
	    is_new(u, f.text))
		report_warn(u->report, "--until-mx: %s", f.text);
	dns_parties_release(&p);
	return wait;
}

static void
pause_for(struct until_mx *u, int64_t seconds)
{
	struct timespec end;
	int error = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	pthread_mutex_lock(&u->lock);
	while (!atomic_load(&u->stop) && error != ETIMEDOUT)
		error = pthread_cond_timedwait(&u->wake, &u->lock, &end);
	pthread_mutex_unlock(&u->lock);
}

static void *
watch(void *arg)
{
	struct until_mx *u = arg;
	int64_t wait;

	while (!atomic_load(&u->stop)) {
		wait = look(u);
		if (atomic_load(&u->over)) {
			report_note(u->report,
			    "%s: the mail has moved, and no old answer is "
			    "left: following ends",
			    u->domain);
			break;
		}
		pause_for(u, wait);
	}
	return NULL;
}

static void
until_mx_free(struct until_mx *u)
{
	pthread_mutex_destroy(&u->lock);
	pthread_cond_destroy(&u->wake);
	free(u->domain);
	free(u->told);
	free(u);
}

enum rc
until_mx_start(const struct until_mx_wish *w, const struct location *source,
    struct report *report, struct until_mx **r, struct fault *f)
{
	struct until_mx *u;
	pthread_condattr_t monotonic;
	sigset_t all, before;
	char *domain;
	int error;
	enum rc rc;

	*r = NULL;
	if (w->hosts.n == 0)
		return RC_OK;
	rc = until_mx_domain(w, source, &domain, f);
	if (rc != RC_OK)
		return rc;
	u = xcalloc(1, sizeof(*u));
	u->wish = w;
	u->domain = domain;
	u->report = report;
	u->limits = (struct dns_limits){ DNS_TIMEOUT_MS, &u->stop };
	pthread_mutex_init(&u->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&u->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	/* signals are for those who wait with the source */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&u->thread, NULL, watch, u);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0) {
		*r = u;
		return RC_OK;
	}
	until_mx_free(u);
	errno = error;
	return fault_errno(f, RC_STORE, CAUSE_TEMPORARY,
	    "--until-mx: cannot start a thread");
}

bool
until_mx_is_over(struct until_mx *u)
{
	return u != NULL && atomic_load(&u->over);
}

void
until_mx_stop(struct until_mx *u)
{
	if (u == NULL)
		return;
	pthread_mutex_lock(&u->lock);
	atomic_store(&u->stop, true);
	pthread_cond_signal(&u->wake);
	pthread_mutex_unlock(&u->lock);
	(void)pthread_join(u->thread, NULL);
	until_mx_free(u);
}
