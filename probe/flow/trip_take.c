/* What comes: whether it is ours, and what it tells. */
#include <stdlib.h>
#include <string.h>

#include "mail/header.h"
#include "trip.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/mem.h"

/* Somewhere in the message, as a bounce has it: in the part that is our
 * header, or in plain text. */
static bool
has_token(const struct mark *m, const unsigned char *raw, size_t n)
{
	return n >= MARK_CHARS && memmem(raw, n, m->token, MARK_CHARS) != NULL;
}

static void
told(struct trip *t, const struct leg *l)
{
	if (t->tell != NULL)
		t->tell(t->arg, l);
}

static void
take_message(struct trip *t, struct leg *l, const struct arrival *a)
{
	if (l->place != NULL || !leg_is_open(l))
		return; /* one more copy */
	l->place = a->place;
	l->late = t->last;
	l->found_ms = clock_ms();
	/* the answer that it was accepted may have been lost */
	if (l->state != LEG_SENT)
		l->accepted_ms = l->found_ms;
	l->state = LEG_ARRIVED;
	mark_compare(&l->mark, l->handing.eight, a->raw, a->n, &l->fate);
	trace_of(a->raw, a->n, &l->trace);
	told(t, l);
}

static void
take_bounce(struct trip *t, struct leg *l, struct bounce *b)
{
	if (l->reported && l->bounce.action == BOUNCE_FAILED) {
		bounce_release(b);
		return;
	}
	bounce_release(&l->bounce);
	l->bounce = *b;
	l->reported = true;
	if (b->action != BOUNCE_FAILED || !leg_is_open(l))
		return;
	l->state = LEG_BOUNCED;
	l->found_ms = clock_ms();
	told(t, l);
}

/* The message itself counts where it shall arrive, but for copies of what is
 * submitted; elsewhere it is only removed. */
static void
take_for(struct trip *t, struct leg *l, const struct arrival *a,
    struct find *found)
{
	struct bounce b;
	unsigned signs;

	if (l->state == LEG_TODO)
		return;
	signs = mark_signs(&l->mark, a->raw, a->n);
	if (signs != 0) {
		(void)leg_add_find(l, found);
		if (a->place->kind == PLACE_SENT)
			return;
		if (l->place == NULL && found->box == l->box)
			l->signs = signs;
		if (found->box == l->box) {
			take_message(t, l, a);
		} else {
			l->astray = a->place;
			l->astray_at = found->box->label;
		}
	} else if (has_token(&l->mark, a->raw, a->n) &&
	    bounce_of(a->raw, a->n, &b)) {
		found->report = true;
		if (leg_add_find(l, found))
			take_bounce(t, l, &b);
		else
			bounce_release(&b);
	}
}

void
trip_take(struct trip *t, struct mailbox *box, const struct arrival *a)
{
	struct find found = { box, a->place, a->uidvalidity, a->uid, false };
	size_t i;

	for (i = 0; i < t->n; i++)
		take_for(t, &t->leg[i], a, &found);
}

struct cleaning {
	const struct leg *leg;
	const struct find *find;
};

static bool
is_ours(void *arg, const unsigned char *raw, size_t n)
{
	const struct cleaning *c = arg;
	struct bounce b;

	if (!c->find->report)
		return mark_signs(&c->leg->mark, raw, n) != 0;
	if (!has_token(&c->leg->mark, raw, n) || !bounce_of(raw, n, &b))
		return false;
	bounce_release(&b);
	return true;
}

static void
clean(struct leg *l, const struct find *found)
{
	struct cleaning c = { l, found };
	const struct mailbox_removal r = { found->place, found->uidvalidity,
		found->uid, is_ours, &c };
	struct fault why = FAULT_INIT;
	char *left = NULL;

	if (found->box->read_only) {
		left = xstrdup("nothing is removed at the source");
	} else if (found->box->dead) {
		left = xstrdup("the connection is lost");
	} else if (interrupt_signal() != 0) {
		left = xstrdup("interrupted");
	} else if (mailbox_remove(found->box, &r, &left, &why) != RC_OK) {
		free(left);
		left = xstrdup(why.text);
	}
	if (left == NULL) {
		l->removed++;
		return;
	}
	free(l->left);
	l->left = xasprintf("%s: UID %u: %s", found->place->folder.name,
	    found->uid, left);
	free(left);
}

void
trip_clean(struct trip *t)
{
	size_t i, k;

	for (i = 0; i < t->n; i++)
		for (k = 0; k < t->leg[i].finds; k++)
			clean(&t->leg[i], &t->leg[i].find[k]);
}
