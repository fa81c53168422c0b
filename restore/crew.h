#ifndef RESTORE_CREW_H
#define RESTORE_CREW_H

#include "restore.h"
#include "util/fault.h"

/*
 * Delivers all that comes to the stock, over up to r->connections.  One that
 * is lost, or not to be had, leaves its work to the others; RC_STORE: none
 * is left, or there is no sense in going on (a full quota, a journal that
 * cannot be written).
 */
enum rc crew_run(struct restore *r, struct fault *f) CHECKED;

#endif
