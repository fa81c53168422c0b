#ifndef BACKUP_FOLLOWED_H
#define BACKUP_FOLLOWED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/flags.h"
#include "mail/folder.h"
#include "mail/msg.h"
#include "past.h"
#include "steps.h"
#include "stores/imap/uidset.h"

/* A message that was listed and has no fate yet. */
struct followed_open {
	struct msg msg;
	char *reason; /* what the source said; NULL: it was not asked */
};

/*
 * A folder that is followed: which of its messages have their fates, so that
 * however often it is looked into, over however many connections, each UID
 * ends in one.
 */
struct followed {
	struct copy copy; /* first: a harvest_folder's owner */
	struct folder folder;
	bool listed;    /* it is there still */
	bool announced; /* with this UIDVALIDITY */
	bool resumed;   /* by a run before this one, and not listed since */
	uint32_t uidvalidity;
	struct uidset settled;
	struct uidset unselected; /* by date, or stored before: see past */
	struct followed_open *open;
	size_t opens, open_cap;
	struct uidset there; /* while all of it is listed */
	struct uidset gone;  /* stored, and in past since then */
	struct past *past;   /* NULL: nothing went from it, as far as seen */
	uint32_t *former;    /* the archive's numbers of it before */
	size_t formers, former_cap;
	const struct harvest_folder *current; /* being read */

	/* what the list told when it was looked into */
	bool known;
	struct folder seen; /* its facts alone */
	struct folder all;  /* likewise, when all of it was listed last */
	bool due;           /* to be looked into whatever the list tells */
	bool whole;         /* from UID 1 on */
	bool left;          /* some went, which is not known, since all */
	bool unclear;       /* whether what is open has come or come back */
	bool again;         /* what failed may work another time */
	unsigned tries;     /* that failed, one after another */
	int64_t not_before; /* clock_ms of the next one */
	struct fault *why;  /* NULL, or why it cannot be opened */
	struct followed *next;
};

struct followeds {
	struct followed *first;
	size_t n;
	struct followed *next; /* probably the next to be asked for */
	struct atoms *atoms;   /* keywords of open messages */
};

/* What a list tells of a folder without its name. */
struct folder folder_facts(const struct folder *folder);

void followeds_init(struct followeds *l);
void followeds_release(struct followeds *l);
/* By canonical name; NULL: none. */
struct followed *followeds_find(struct followeds *l, const char *name);
struct followed *followeds_add(struct followeds *l, const char *name);

/*
 * --resume: what the archive has of each folder has its fate.  All of the
 * folder is listed, since with several connections later messages may have
 * been stored before earlier ones.  RC_STORE: the archive is spoiled.
 */
enum rc followeds_take_earlier(struct followeds *l, struct backup *b,
    struct fault *f) CHECKED;

/*
 * Of a delta: what its parent knows.
 *
 * Folders that are, by the list, as the parent has them stand in the archive
 * without a look.  RC_STORE: the archive is spoiled.
 */
enum rc followeds_inherit(struct followeds *l, struct backup *b,
    struct fault *f) CHECKED;
/* What is known goes out of h->listed; flags that changed, and what is gone
 * where all is listed, are noted. */
void followed_compare(struct backup *b, struct followed *p,
    struct harvest_folder *h);
/* The last UID that is known; 0: none. */
uint32_t followed_known_last(const struct followed *p);
uint64_t followed_known_there(const struct followed *p);
/* The one that it probably has, where it could not be opened. */
uint32_t followed_uidvalidity(const struct backup *b, const struct followed *p);
/* The folder is gone, or another one: nothing of it is there. */
void followed_lose_known(struct backup *b, struct followed *p);
/* The end has come: all of each folder that is not, for certain, as it was
 * when all of it was listed is due, so that the delta tells what went. */
void followeds_close(struct followeds *l);

/* The UID from which on something may be without a fate. */
uint32_t followed_from(const struct followed *p);
/* Listed and without a fate.  reason: NULL, or a source's; copied. */
void followed_leave_open(struct followeds *l, struct followed *p,
    const struct msg *m, const char *reason);
void followed_close(struct followed *p); /* none is open */
/* Those that are open are refused: for reason, where the source told none. */
void followed_refuse_open(struct backup *b, struct followed *p,
    struct harvest_folder *h, const char *reason);
/* What the archive has of it under other UIDVALIDITYs is not to be stored
 * again.  RC_STORE: the archive is spoiled. */
enum rc followed_recall(struct backup *b, struct followed *p, struct fault *f)
    CHECKED;
/* Another UIDVALIDITY: what has happened so far is told to the archive, and
 * the folder begins anew. */
void followed_renew(struct backup *b, struct followed *p);
/* What the final says of it.  reason: of messages without a fate. */
void followed_finish(struct backup *b, struct followed *p, const char *reason);

#endif
