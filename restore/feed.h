#ifndef RESTORE_FEED_H
#define RESTORE_FEED_H

#include "restore.h"
#include "util/fault.h"

/*
 * The archive from front to back, in a thread of its own: what it has
 * verified and unpacked goes to the stock, as far as that has room.
 */
struct feed;

enum rc feed_start(struct restore *r, struct feed **feed_r, struct fault *f)
    CHECKED;
/* Waits for its end.  RC_OK: the archive was complete. */
enum rc feed_join(struct feed *feed, struct fault *f) CHECKED;
/* Ends it early; takes NULL. */
void feed_free(struct feed *feed);

#endif
