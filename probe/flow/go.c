/* Journeys, each with its connections, some at once. */
#include <pthread.h>
#include <stdlib.h>

#include "accounts/submit.h"
#include "flow.h"
#include "trip.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum { WAIT_MS = 120 * 1000 };

static void
fail_legs(struct journey *j, const struct mailbox *box, const struct fault *why)
{
	size_t i;

	for (i = 0; i < j->legs; i++) {
		if (j->leg[i].box == box && leg_is_open(&j->leg[i])) {
			leg_fail(&j->leg[i], why);
			flow_tell(j, &j->leg[i]);
		} else if (j->leg[i].reports == box) {
			j->leg[i].reports = NULL;
		}
	}
}

static void
open_station(struct journey *j, struct station *s)
{
	struct store *store = NULL;
	struct fault why = FAULT_INIT;
	enum rc rc;

	rc = store_open(&s->at, &s->how, false, &store, &why);
	if (rc == RC_OK) {
		report_trust(j->report, store->ops->info(store),
		    s->how.allow_plaintext);
		rc = mailbox_init(&s->box, store, &why);
	}
	s->box.label = s->at.text;
	s->box.read_only = s == &j->station[AT_SOURCE];
	s->box.dead = rc != RC_OK;
	if (rc == RC_OK)
		return;
	if (s != &j->station[AT_TARGET] && s != &j->station[AT_OUTSIDE])
		report_fault(j->report, &why);
	fail_legs(j, &s->box, &why);
}

/* A dry run logs in wherever the run would. */
static void
try_sender(struct journey *j, struct leg *l)
{
	const struct sender *by = l->send_arg;
	struct fault why = FAULT_INIT;
	struct smtp *s = NULL;

	if (submit_open(&by->at, &by->how, &s, &why) != RC_OK)
		leg_fail(l, &why);
	else
		l->state = LEG_IDLE;
	smtp_close(s);
	flow_tell(j, l);
}

static enum rc
travel(struct journey *j, struct mailbox **box, size_t boxes, struct fault *f)
{
	const struct flow_settings *s = j->settings;
	struct trip t = { .leg = j->leg,
		.n = j->legs,
		.box = box,
		.boxes = boxes,
		.wait_ms = s->wait_ms > 0 ? s->wait_ms : WAIT_MS,
		.leave = s->leave,
		.tell = flow_tell,
		.arg = j };

	return trip_run(&t, f);
}

static enum rc
go(struct journey *j, struct fault *f)
{
	struct mailbox *box[STATIONS];
	size_t i, boxes = 0;
	enum rc rc = RC_OK;

	for (i = 0; i < STATIONS && interrupt_signal() == 0; i++) {
		if (j->station[i].at.text == NULL)
			continue;
		open_station(j, &j->station[i]);
		if (!j->station[i].box.dead)
			box[boxes++] = &j->station[i].box;
	}
	for (i = 0; j->dry && i < j->legs; i++)
		if (leg_is_open(&j->leg[i]))
			try_sender(j, &j->leg[i]);
	if (!j->dry)
		rc = travel(j, box, boxes, f);
	for (i = 0; i < STATIONS; i++)
		mailbox_close(&j->station[i].box);
	return rc;
}

/* What the threads share. */
struct pool {
	pthread_mutex_t lock;
	struct journey *v;
	size_t n;
	size_t next;
	enum rc rc; /* of the first fault */
	struct fault fault;
};

static void *
work(void *arg)
{
	struct pool *p = arg;
	struct fault f = FAULT_INIT;
	enum rc rc;
	size_t i;

	for (;;) {
		pthread_mutex_lock(&p->lock);
		i = p->rc == RC_OK && p->next < p->n ? p->next++ : p->n;
		pthread_mutex_unlock(&p->lock);
		if (i == p->n)
			return NULL;
		rc = go(&p->v[i], &f);
		pthread_mutex_lock(&p->lock);
		if (rc != RC_OK && p->rc == RC_OK) {
			p->rc = rc;
			p->fault = f;
		}
		pthread_mutex_unlock(&p->lock);
	}
}

enum rc
flow_go(struct journey *v, size_t n, unsigned at_once, struct fault *f)
{
	struct pool p = { .lock = PTHREAD_MUTEX_INITIALIZER, .v = v, .n = n };
	pthread_t *thread = xcalloc(at_once + 1, sizeof(*thread));
	size_t i, threads = 0;

	while (threads + 1 < at_once && threads + 1 < n &&
	    pthread_create(&thread[threads], NULL, work, &p) == 0)
		threads++;
	(void)work(&p);
	for (i = 0; i < threads; i++)
		(void)pthread_join(thread[i], NULL);
	free(thread);
	pthread_mutex_destroy(&p.lock);
	if (p.rc != RC_OK)
		*f = p.fault;
	return p.rc;
}
