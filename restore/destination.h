#ifndef RESTORE_DESTINATION_H
#define RESTORE_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "held.h"
#include "lane.h"
#include "mail/folder.h"
#include "mail/store.h"
#include "restore.h"
#include "stood.h"
#include "util/fault.h"

struct proof;

/*
 * A folder at the target, and what we know of it.  It belongs to one lane at
 * a time: its messages arrive in the archive's order, and nobody else puts
 * any there while the lane asks what it holds.
 */
struct destination {
	char *name;           /* canonical */
	struct folder folder; /* as the target names it */
	struct folder_state state;
	struct held held;
	bool made;   /* folder is filled: it exists */
	bool known;  /* held and state are filled */
	bool stale;  /* a line was lost with messages under way to it */
	bool broken; /* takes nothing: why */
	char *why;
	uint64_t appended;
	uint64_t already;
	uint64_t refused;
	struct stoods stood;               /* for a rollback */
	struct destination_source *source; /* what goes there */
	size_t sources;
	size_t sources_cap;
	struct store_question question;
	bool asked;          /* question is under way, or not looked at yet */
	struct proof *proof; /* prove.c's; NULL: nothing is promised */

	/* the stock's, under its lock */
	const struct lane *owner; /* NULL: nobody's */
	struct parcel *first;     /* waiting, in the archive's order */
	size_t out;               /* parcels that were taken */
	bool offered;             /* to be asked about ahead */
};

/* A folder of the archive, and its UIDVALIDITY when it was last seen. */
struct destination_source {
	const char *folder; /* the origin's */
	uint32_t uidvalidity;
};

struct destination *destination_new(char *name); /* takes */
void destination_free(struct destination *d);

/* Takes it as it was listed, if it was there before we came. */
void destination_adopt(const struct restore *r, struct destination *d);
/* True when asking ahead saves a wait: nothing is known, and it is not known
 * to hold anything. */
bool destination_may_ask(const struct restore *r, const struct destination *d);
/* Asks ahead of the use. */
enum rc destination_ask(struct lane *l, struct destination *d, unsigned what,
    struct fault *f) CHECKED;
/*
 * A message of this folder comes next.  Where a folder of this name had
 * another UIDVALIDITY before (this run or the journal know it so), what was
 * put there for that stands for nothing any more, and content alone decides.
 */
enum rc destination_expect(struct lane *l, struct destination *d,
    const char *folder, uint32_t uidvalidity, struct fault *f) CHECKED;
/* Makes it and learns what it holds.  RC_FOLDER: it cannot be used, d->why
 * says so. */
enum rc destination_open(struct lane *l, struct destination *d, struct fault *f)
    CHECKED;
/* Selects it; after destination_open. */
enum rc destination_select(struct lane *l, struct destination *d,
    struct fault *f) CHECKED;
/* Makes it, and subscribes if wanted: for folders without messages, and for
 * what destination_ask did not get. */
enum rc destination_make(struct lane *l, struct destination *d, bool subscribe,
    struct fault *f) CHECKED;
/* Takes what destination_ask asked; all is answered. */
void destination_answered(struct restore *r, struct destination *d);
/* The line that it belongs to is lost: new mail at its end is not known. */
void destination_lost(struct destination *d);

#endif
