#ifndef SURVEY_FACTS_H
#define SURVEY_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/date.h"
#include "mail/folder.h"
#include "mail/glob.h"
#include "side.h"
#include "sums.h"

/*
 * Everything that is known of one mailbox, as plain data: the walk fills it
 * in, the report only reads it.
 *
 * What is bounded: years (YEAR_FIRST to YEAR_LAST, 0 for none), types of
 * attachments (TYPES_MAX, then TYPE_OTHERS), keywords (KEYWORDS_MAX, then
 * counted), largest messages (LARGEST_MAX), examples (EXAMPLES_MAX each).
 * Of a message no more than 40 octets are kept while the walk is on.
 */

/* What was read of the messages. */
enum depth {
	/* Headers and, where the store tells it, BODYSTRUCTURE of all; of the
	 * bodies a sample, chosen by chance: sums.sample tells of how many,
	 * and what is counted of bodies is counted among those. */
	DEPTH_SAMPLE,
	DEPTH_ALL, /* --deep, and what is local: every body */
	/* -n: none; what folders claim stands in box.claimed, and no sums are
	 * there. */
	DEPTH_NONE,
};

/* A folder and what is in it. */
struct box {
	struct folder folder; /* name, wire, special use, attr, sep */
	uint32_t uidvalidity;
	uint64_t claimed; /* messages by STATUS or EXISTS */
	bool selectable;  /* false: \Noselect, all counts are 0 */
	bool failed;      /* it could not be read to its end: why */
	char *why;        /* NULL unless failed */
	struct sums sums;
};

/* One of the largest messages, or an example of an ugly one. */
struct example {
	uint32_t box; /* index into survey.box */
	uint32_t uid; /* 0: the store has none */
	uint64_t size;
	struct mdate date;
	char *subject; /* UTF-8, "" when there is none; at most 300 octets */
};

enum {
	LARGEST_MAX = 100,
	EXAMPLES_MAX = 10,
};

struct examples {
	struct example v[EXAMPLES_MAX]; /* the first in the folders' order */
	size_t n;
};

/* Copies and Message-IDs over all folders: they stand at no folder. */
struct copies {
	/* Two messages are copies: DEPTH_ALL: whose bodies have the same
	 * BLAKE2b; else: whose header has the same fingerprint (XXH3-128) and
	 * whose sizes are equal. */
	bool by_content;
	uint64_t groups;     /* of messages that are copies of each other */
	uint64_t spare;      /* messages beyond the first of each group */
	uint64_t spare_here; /* of them: in the folder of another one */
	uint64_t bytes;      /* of the spare ones */
	uint64_t largest;    /* messages of the largest group */
	/* Message-IDs, compared by bytes, that more than one message has,
	 * though not all of them are copies of each other. */
	uint64_t shared_ids;
	uint64_t shared; /* messages that have one of these */
};

/* How the walk went. */
struct pass {
	unsigned connections;
	uint64_t messages;
	uint64_t bytes; /* RFC822.SIZE of what was read; 0 of a listing */
	int64_t us;
};

enum task { TASK_BACKUP, TASK_RESTORE, TASK_AUDIT };
enum { TASKS = 3, ESTIMATES_MAX = 5, PASSES_MAX = 4 };

/* How long a task will take with so many connections. */
struct estimate {
	unsigned connections;
	int64_t ms;       /* as measured; -1: it cannot be told */
	int64_t usual_ms; /* times the ratio of earlier runs; -1: no run */
};

/* What is told of one task. */
struct outlook {
	enum task task;
	bool guessed;      /* not all that it takes was measured: basis */
	const char *basis; /* one sentence, static; "" */
	struct estimate v[ESTIMATES_MAX]; /* by connections, rising */
	size_t n;
	/* Earlier runs of the program against an earlier estimate for the
	 * same places: what it took by what was foreseen. */
	unsigned runs; /* 0: none is known */
	double ratio;  /* of the last ones, their median; 1: exact */
	double last;   /* of the last one */
};

struct survey {
	int64_t began; /* seconds since the epoch, UTC */
	int64_t us;    /* that the survey took */
	enum depth depth;
	const struct selection *selection; /* borrowed; never NULL */
	struct side source;
	struct side target; /* kind is NULL: none was named */
	struct box *box;    /* INBOX first, then by name */
	size_t boxes;
	struct sums total;
	struct copies copies;
	struct example largest[LARGEST_MAX]; /* by size, falling */
	size_t largests;
	struct examples ugly[UGLY_KINDS]; /* by enum ugly */
	struct pass listed;               /* headers and structure */
	struct pass read[PASSES_MAX];     /* bodies, by connections */
	size_t reads;
	struct outlook outlook[TASKS]; /* by enum task */
};

/* Messages in it: as they were counted, or else as it claims. */
uint64_t box_messages(const struct survey *s, const struct box *b);
void survey_init(struct survey *s, const struct selection *selection);
void survey_release(struct survey *s);

/* "backup", "restore", "audit"; static. */
const char *task_name(enum task t);

#endif
