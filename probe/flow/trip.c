/* Messages on their way: handing them over, again where a server says later,
 * and waiting for them. */
#include <stdlib.h>
#include <string.h>

#include "trip.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"
#include "util/wait.h"

enum {
	AGAIN_FIRST_MS = 1000, /* after "later", doubled each time, */
	AGAIN_MAX_MS = 30 * 1000,
	/* A look at all folders; that of INBOX is told at once where the
	 * server idles. */
	LOOK_FIRST_MS = 500,
	LOOK_MAX_MS = 5000,
	/* With more, new ones are looked for at the end only. */
	FOLDERS_MAX = 200,
};

static void
tell(const struct trip *t, const struct leg *l)
{
	if (t->tell != NULL)
		t->tell(t->arg, l);
}

static int64_t
pause_after(const struct trip *t, unsigned tries)
{
	int64_t ms = t->again_ms > 0 ? t->again_ms : AGAIN_FIRST_MS;

	for (; tries > 1 && ms < AGAIN_MAX_MS; tries--)
		ms *= 2;
	return ms < AGAIN_MAX_MS ? ms : AGAIN_MAX_MS;
}

/* A try that is not the last one, and why. */
static void
put_off(const struct trip *t, struct leg *l, char *why)
{
	l->state = LEG_LATER;
	l->due_ms = clock_ms() + pause_after(t, l->tries);
	if (l->first_reply == NULL)
		l->first_reply = xstrdup(why);
	free(l->reason);
	l->reason = why;
}

static void
take_handing(const struct trip *t, struct leg *l, struct handing *h)
{
	free(l->handing.reply);
	free(l->handing.tls);
	l->handing = *h;
	switch (h->what) {
	case HANDED_OVER:
		l->state = LEG_SENT;
		l->accepted_ms = clock_ms();
		free(l->reason);
		l->reason = NULL;
		break;
	case HANDED_LATER:
		put_off(t, l, xstrdup(h->reply != NULL ? h->reply : ""));
		break;
	case HANDED_BACK:
		l->state = LEG_REFUSED;
		free(l->reason);
		l->reason = xstrdup(h->reply != NULL ? h->reply : "");
		break;
	}
}

static void
hand_over(const struct trip *t, struct leg *l)
{
	struct handing h = { .what = HANDED_BACK };
	struct fault why = FAULT_INIT;
	enum rc rc;

	if (l->tries++ == 0)
		l->began_ms = clock_ms();
	rc = l->send(l->send_arg, &l->mark, &h, &why);
	if (rc == RC_OK)
		take_handing(t, l, &h);
	else if (why.cause == CAUSE_TEMPORARY && interrupt_signal() == 0)
		put_off(t, l, xstrdup(why.text));
	else
		leg_fail(l, &why);
	tell(t, l);
}

/* The end of the time that a leg has. */
static int64_t
end_of(const struct trip *t, const struct leg *l)
{
	return (l->state == LEG_SENT ? l->accepted_ms : l->began_ms) +
	    t->wait_ms;
}

static bool
is_due(const struct leg *l, int64_t now)
{
	return l->state == LEG_TODO ||
	    (l->state == LEG_LATER && l->due_ms <= now);
}

static void
send_due(struct trip *t)
{
	size_t i;

	for (i = 0; i < t->n && interrupt_signal() == 0; i++)
		if (is_due(&t->leg[i], clock_ms()))
			hand_over(t, &t->leg[i]);
}

struct looking {
	struct trip *trip;
	struct mailbox *box;
};

static enum rc
on_arrival(void *arg, const struct arrival *a, struct fault *f)
{
	struct looking *l = arg;

	(void)f;
	trip_take(l->trip, l->box, a);
	return RC_OK;
}

static bool
is_needed(const struct trip *t, const struct mailbox *box)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (leg_is_open(&t->leg[i]) &&
		    (t->leg[i].box == box || t->leg[i].reports == box))
			return true;
	return false;
}

/* A mailbox that cannot be looked at ends the legs that it is for. */
static void
fail_box(struct trip *t, struct mailbox *box, const struct fault *why)
{
	size_t i;

	box->dead = true;
	for (i = 0; i < t->n; i++) {
		if (!leg_is_open(&t->leg[i]))
			continue;
		if (t->leg[i].box == box) {
			leg_fail(&t->leg[i], why);
			tell(t, &t->leg[i]);
		} else if (t->leg[i].reports == box) {
			t->leg[i].reports = NULL;
		}
	}
}

static void
look(struct trip *t, struct mailbox *box, unsigned kinds)
{
	struct looking l = { t, box };
	struct fault why = FAULT_INIT;
	enum rc rc = RC_OK;

	/* The first junk may make its folder. */
	if (t->last || box->folders <= FOLDERS_MAX)
		rc = mailbox_relist(box, &why);
	if (rc == RC_OK)
		rc = mailbox_look(box, kinds, on_arrival, &l, &why);
	if (rc != RC_OK && interrupt_signal() == 0)
		fail_box(t, box, &why);
}

static void
look_everywhere(struct trip *t)
{
	size_t i;

	for (i = 0; i < t->boxes; i++)
		if (is_needed(t, t->box[i]))
			look(t, t->box[i], LOOK_INBOX | LOOK_JUNK);
}

/* Not in INBOX, but where a rule has put it; and what else is to be removed:
 * copies of what was submitted, reports of what arrived all the same. */
static void
look_last(struct trip *t)
{
	struct mailbox *box;
	unsigned kinds;
	size_t i;

	for (i = 0; i < t->boxes; i++) {
		box = t->box[i];
		kinds = t->leave ? 0 : LOOK_INBOX | LOOK_JUNK | LOOK_SENT;
		if (is_needed(t, box))
			kinds |= LOOK_INBOX | LOOK_JUNK | LOOK_OTHER;
		if (box->read_only)
			kinds &= ~(unsigned)LOOK_SENT;
		if (box->dead || kinds == 0)
			continue;
		look(t, box, kinds);
	}
}

/* What has no time left. */
static void
expire(struct trip *t, bool all)
{
	const int64_t now = clock_ms();
	struct leg *l;
	size_t i;

	for (i = 0; i < t->n; i++) {
		l = &t->leg[i];
		if (!leg_is_open(l) || (!all && now < end_of(t, l)))
			continue;
		l->state = l->state == LEG_SENT ? LEG_MISSING : LEG_DEFERRED;
		tell(t, l);
	}
}

/* Does any leg have time left? */
static bool
goes_on(const struct trip *t)
{
	const int64_t now = clock_ms();
	size_t i;

	for (i = 0; i < t->n; i++)
		if (leg_is_open(&t->leg[i]) && now < end_of(t, &t->leg[i]))
			return true;
	return false;
}

/* Until something is due, at most most. */
static int
time_left(const struct trip *t, int64_t most)
{
	const int64_t now = clock_ms();
	const struct leg *l;
	int64_t ms = most, at;
	size_t i;

	for (i = 0; i < t->n; i++) {
		l = &t->leg[i];
		if (!leg_is_open(l))
			continue;
		at = end_of(t, l);
		if (l->state == LEG_LATER && l->due_ms < at)
			at = l->due_ms;
		if (at - now < ms)
			ms = at - now;
	}
	return ms > 0 ? (int)ms : 0;
}

/* At one mailbox until there is news; at several, a bit at each in turn. */
static enum rc
pass_time(struct trip *t, int64_t most, struct fault *f)
{
	struct fault why = FAULT_INIT;
	size_t i, waiting = 0;
	enum rc rc;
	int ms;

	for (i = 0; i < t->boxes; i++)
		waiting += is_needed(t, t->box[i]);
	ms = time_left(t, waiting > 1 ? LOOK_FIRST_MS : most);
	if (waiting == 0)
		return wait_ms(ms, f);
	ms = ms / (int)waiting + 1;
	for (i = 0; i < t->boxes; i++) {
		if (!is_needed(t, t->box[i]))
			continue;
		rc = mailbox_wait(t->box[i], ms, &why);
		if (interrupt_signal() != 0)
			return interrupt_check(f);
		if (rc != RC_OK)
			fail_box(t, t->box[i], &why);
	}
	return interrupt_check(f);
}

/* After a signal: what has come since. */
static void
look_hastily(struct trip *t)
{
	if (t->spare == NULL)
		return;
	t->spare(t->arg);
	look_everywhere(t);
}

enum rc
trip_run(struct trip *t, struct fault *f)
{
	int64_t most = LOOK_FIRST_MS;
	enum rc rc = interrupt_check(f);

	send_due(t);
	while (rc == RC_OK) {
		look_everywhere(t);
		if (!goes_on(t))
			break;
		rc = pass_time(t, most, f);
		if (most < LOOK_MAX_MS)
			most += most / 4;
		send_due(t);
	}
	t->last = true;
	if (rc == RC_OK)
		look_last(t);
	else if (!t->leave)
		look_hastily(t);
	expire(t, true);
	if (!t->leave)
		trip_clean(t);
	return rc;
}
