#include "lane.h"

#include <stdlib.h>

#include "destination.h"
#include "settle.h"
#include "stock.h"
#include "util/interrupt.h"
#include "util/mem.h"

enum rc
lane_await(struct lane *l, struct fault *f)
{
	if (l->store->ops->await == NULL)
		return RC_OK;
	return l->store->ops->await(l->store, f);
}

static enum rc
ask_ahead(struct lane *l, struct fault *f)
{
	struct destination *d;
	enum rc rc = RC_OK;

	while (rc == RC_OK && (d = stock_ahead(l->restore->stock, l)) != NULL)
		rc = destination_ask(l, d, ASK_CREATE | ASK_SELECT, f);
	return rc;
}

/* Nothing more is at hand: what was sent is waited for, and noted. */
static enum rc
rest(struct lane *l, struct fault *f)
{
	enum rc rc = lane_await(l, f);

	return rc == RC_OK ? settle_sync(l->restore, f) : rc;
}

/* RC_END: nothing is left to do. */
static enum rc
step(struct lane *l, struct fault *f)
{
	struct stock *stock = l->restore->stock;
	const bool idle = l->under_way == NULL;
	struct parcel *p;
	enum rc rc;

	rc = ask_ahead(l, f);
	if (rc != RC_OK)
		return rc;
	p = stock_take(stock, l, idle);
	if (p != NULL)
		rc = deliver(l, p, f);
	else
		rc = idle ? RC_END : rest(l, f);
	stock_reap(stock, l);
	return rc;
}

/* A new connection in place of the lost one; RC_STORE: that cannot be. */
static enum rc
mend(struct lane *l, unsigned tries, struct fault *f)
{
	char *text;

	l->selected = NULL;
	if (f->cause != CAUSE_TEMPORARY || interrupt_signal() != 0 ||
	    l->store->ops->reopen == NULL)
		return RC_STORE;
	text = xasprintf("%s; connecting again", f->text);
	settle_note(l->restore, text);
	free(text);
	return l->store->ops->reopen(l->store, tries, f);
}

enum rc
lane_work(struct lane *l, struct fault *f)
{
	struct stock *stock = l->restore->stock;
	uint64_t before = 0;
	unsigned tries = 0;
	enum rc rc;

	for (;;) {
		rc = step(l, f);
		if (rc == RC_OK)
			continue;
		if (rc == RC_END)
			return RC_OK;
		stock_give_back(stock, l, false);
		tries = l->through > before ? 1 : tries + 1;
		before = l->through;
		rc = mend(l, tries, f);
		if (rc != RC_OK) {
			stock_give_back(stock, l, true);
			return rc;
		}
	}
}
