#include <stdlib.h>
#include <string.h>

#include "leg.h"
#include "util/mem.h"

void
leg_release(struct leg *l)
{
	mark_release(&l->mark);
	free(l->handing.reply);
	free(l->handing.tls);
	free(l->first_reply);
	free(l->reason);
	free(l->find);
	free(l->left);
	strs_release(&l->fate.changed);
	trace_release(&l->trace);
	bounce_release(&l->bounce);
}

bool
leg_is_open(const struct leg *l)
{
	return l->state == LEG_TODO || l->state == LEG_LATER ||
	    l->state == LEG_SENT;
}

const char *
leg_word(enum leg_state s)
{
	static const char *const words[] = {
		[LEG_TODO] = "not sent",
		[LEG_LATER] = "not accepted yet",
		[LEG_SENT] = "sent",
		[LEG_ARRIVED] = "arrived",
		[LEG_REFUSED] = "refused",
		[LEG_BOUNCED] = "bounced",
		[LEG_MISSING] = "missing",
		[LEG_DEFERRED] = "deferred",
		[LEG_FAILED] = "failed",
		[LEG_IDLE] = "not sent",
	};

	return words[s];
}

static bool
is_same(const struct find *a, const struct find *b)
{
	return a->place == b->place && a->uidvalidity == b->uidvalidity &&
	    a->uid == b->uid;
}

bool
leg_add_find(struct leg *l, const struct find *found)
{
	size_t i;

	for (i = 0; i < l->finds; i++)
		if (is_same(&l->find[i], found))
			return false;
	l->find = xreallocarray(l->find, l->finds + 1, sizeof(*l->find));
	l->find[l->finds++] = *found;
	return true;
}

void
leg_fail(struct leg *l, const struct fault *f)
{
	l->state = LEG_FAILED;
	l->cause = f->cause;
	free(l->reason);
	l->reason = xstrdup(f->text);
}
