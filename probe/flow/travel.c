/* One journey with its connections, in a process of its own: it tells what
 * becomes of it through its line, and nothing else. */
#include <string.h>

#include "accounts/submit.h"
#include "flow.h"
#include "trip.h"
#include "util/interrupt.h"

enum {
	WAIT_MS = 120 * 1000,
	SPARE_MS = 5000, /* to clean up, and no more than one --timeout */
};

struct traveller {
	struct journey *j;
	struct pool_line *line;
};

int
flow_spare_ms(const struct journey *j)
{
	const int ms = j->station[AT_TARGET].how.timeout_ms;

	return ms > 0 && ms < SPARE_MS ? ms : SPARE_MS;
}

static void
begin(struct wire *w, enum flow_news news)
{
	(void)wire_choice(w, news, NEWS_PAUSE);
}

static void
say(const struct traveller *t, struct buf *b)
{
	pool_say(t->line, b->data, b->len);
	buf_release(b);
}

static void
say_leg(void *arg, const struct leg *l)
{
	const struct traveller *t = arg;
	struct leg *own = &t->j->leg[l - t->j->leg];
	struct buf b = BUF_INIT;
	struct wire w = { .out = &b };

	begin(&w, NEWS_LEG);
	(void)wire_number(&w, l - t->j->leg);
	wire_leg(&w, t->j, own);
	say(t, &b);
}

static void
say_fault(const struct traveller *t, struct fault *f)
{
	struct buf b = BUF_INIT;
	struct wire w = { .out = &b };
	char *text = f->text;

	begin(&w, NEWS_FAULT);
	(void)wire_choice(&w, f->cause, CAUSE_CONFIG);
	wire_text(&w, &text);
	say(t, &b);
}

static void
say_text(struct wire *w, const char *text)
{
	(void)wire_number(w, text != NULL ? (int64_t)strlen(text) : -1);
	buf_adds(w->out, text != NULL ? text : "");
}

static void
say_trust(const struct traveller *t, const struct store_info *i, bool allowed)
{
	struct buf b = BUF_INIT;
	struct wire w = { .out = &b };

	begin(&w, NEWS_TRUST);
	say_text(&w, i->location);
	say_text(&w, i->tls);
	say_text(&w, i->line);
	(void)wire_choice(&w, i->plaintext, 1);
	(void)wire_choice(&w, allowed, 1);
	say(t, &b);
}

/* A pace_tell_fn. */
static void
say_pause(void *arg, enum pace_news news, int64_t ms, const char *why)
{
	struct buf b = BUF_INIT;
	struct wire w = { .out = &b };

	if (news == PACE_WAIT)
		return;
	begin(&w, NEWS_PAUSE);
	(void)wire_choice(&w, news, PACE_RESUME);
	(void)wire_number(&w, ms);
	say_text(&w, why);
	say(arg, &b);
}

static void
fail_legs(struct traveller *t, const struct mailbox *box,
    const struct fault *why)
{
	struct journey *j = t->j;
	size_t i;

	for (i = 0; i < j->legs; i++) {
		if (j->leg[i].box == box && leg_is_open(&j->leg[i])) {
			leg_fail(&j->leg[i], why);
			say_leg(t, &j->leg[i]);
		} else if (j->leg[i].reports == box) {
			j->leg[i].reports = NULL;
		}
	}
}

static void
open_station(struct traveller *t, struct station *s)
{
	struct journey *j = t->j;
	struct store *store = NULL;
	struct fault why = FAULT_INIT;
	enum rc rc;

	rc = store_open(&s->at, &s->how, false, &store, &why);
	if (rc == RC_OK) {
		say_trust(t, store->ops->info(store), s->how.allow_plaintext);
		rc = mailbox_init(&s->box, store, &why);
	}
	s->box.label = s->at.text;
	s->box.read_only = s == &j->station[AT_SOURCE];
	s->box.dead = rc != RC_OK;
	if (rc == RC_OK)
		return;
	if (s != &j->station[AT_TARGET] && s != &j->station[AT_OUTSIDE])
		say_fault(t, &why);
	fail_legs(t, &s->box, &why);
}

/* A dry run logs in wherever the run would. */
static void
try_sender(struct traveller *t, struct leg *l)
{
	const struct sender *by = l->send_arg;
	struct fault why = FAULT_INIT;
	struct smtp *s = NULL;

	if (submit_open(&by->at, &by->how, &s, &why) != RC_OK)
		leg_fail(l, &why);
	else
		l->state = LEG_IDLE;
	smtp_close(s);
	say_leg(t, l);
}

/* What was sent is looked for once more, and removed. */
static void
spare(void *arg)
{
	const struct traveller *t = arg;

	pool_spare(t->line, flow_spare_ms(t->j));
}

static void
travel(struct traveller *t, struct mailbox **box, size_t boxes)
{
	const struct flow_settings *s = t->j->settings;
	struct fault f = FAULT_INIT; /* of a signal: its sender knows */
	struct trip trip = { .leg = t->j->leg,
		.n = t->j->legs,
		.box = box,
		.boxes = boxes,
		.wait_ms = s->wait_ms > 0 ? s->wait_ms : WAIT_MS,
		.leave = s->leave,
		.tell = say_leg,
		.spare = spare,
		.arg = t };

	(void)!trip_run(&trip, &f);
}

void
flow_travel(void *arg, size_t job, struct pool_line *line, struct buf *result)
{
	struct journey *j = (struct journey *)arg + job;
	struct traveller t = { j, line };
	struct wire w = { .out = result };
	struct mailbox *box[STATIONS];
	size_t i, boxes = 0;

	pace_listen(j->station[AT_TARGET].how.pace, say_pause, &t);
	for (i = 0; i < STATIONS && interrupt_signal() == 0; i++) {
		if (j->station[i].at.text == NULL)
			continue;
		open_station(&t, &j->station[i]);
		if (!j->station[i].box.dead)
			box[boxes++] = &j->station[i].box;
	}
	for (i = 0; j->dry && i < j->legs; i++)
		if (leg_is_open(&j->leg[i]))
			try_sender(&t, &j->leg[i]);
	if (!j->dry)
		travel(&t, box, boxes);
	for (i = 0; i < STATIONS; i++)
		mailbox_close(&j->station[i].box);
	for (i = 0; i < j->legs; i++)
		wire_leg(&w, j, &j->leg[i]);
}
