#ifndef RESTORE_STOCK_H
#define RESTORE_STOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "destination.h"
#include "lane.h"
#include "parcel.h"

/*
 * What was read and is not delivered: parcels, in the order of the archive,
 * waiting at their folders.  A folder's parcels go to one lane at a time;
 * the oldest that is free comes first, for the room that it takes.
 */
struct stock;

/* loads: how many segments at hand; bound: octets in memory of each. */
struct stock *stock_new(unsigned loads, size_t bound);
void stock_free(struct stock *s); /* takes NULL */

/* For who fills it.  Room for the next segment, waited for; NULL: it is not
 * wanted any more. */
struct load *stock_room(struct stock *s);
/* Finds or adds the folder of that name. */
struct destination *stock_destination(struct stock *s, const char *name);
/* Puts a run of the load's messages; the load is nobody's afterwards, when
 * all of its parcels are put and stock_put_end was called. */
void stock_put(struct stock *s, struct parcel *p);
void stock_put_end(struct stock *s, struct load *l);
/* There will be no more. */
void stock_end(struct stock *s);

/* For lanes.  The next parcel, now l's, at the end of l->under_way.  wait:
 * until there is one; then NULL means that all is done, or stopped. */
struct parcel *stock_take(struct stock *s, struct lane *l, bool wait);
/* Waits for something that a further lane could take; false: never. */
bool stock_await(struct stock *s);
/* A folder whose turn comes soon and about which may_ask says that it can be
 * asked; it is l's.  NULL: none, or somebody else has nothing to do. */
struct destination *stock_ahead(struct stock *s, struct lane *l);
/* Frees what of l->under_way has no open message. */
void stock_reap(struct stock *s, struct lane *l);
/* The line is lost: all of l->under_way waits again.  The folders stay l's
 * unless leave is set. */
void stock_give_back(struct stock *s, struct lane *l, bool leave);
/* Nothing is taken or put any more. */
void stock_stop(struct stock *s);
/* True when nothing was left behind. */
bool stock_is_done(const struct stock *s);

/* All folders, when no thread is at work. */
size_t stock_destinations(const struct stock *s);
struct destination *stock_at(const struct stock *s, size_t i);

#endif
