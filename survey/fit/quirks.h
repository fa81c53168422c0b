#ifndef SURVEY_QUIRKS_H
#define SURVEY_QUIRKS_H

#include <stddef.h>
#include <stdint.h>

#include "survey/facts/side.h"
#include "util/buf.h"
#include "util/fault.h"
#include "util/strs.h"

/*
 * What servers of a kind are known to do beside what they tell.  A text of
 * stanzas, one line a thing, "#" starts a comment line:
 *
 *   [NAME]
 *   match software|host|capability|kind GLOB   (any of them; case blind)
 *   message-max SIZE      line-max SIZE        (octets: 35M, 9900)
 *   name-max N            path-max N           (octets on the wire)
 *   depth-max N           keywords-max N       (each folder)
 *   listed-max N          connections-max N    (messages a folder shows)
 *   day-in SIZE           day-out SIZE         (octets a day)
 *   hour-in N                                  (messages an hour)
 *   refuses WORD...       changes WORD...      (quirk_words)
 *   folders WORD...       forbids CHARACTERS
 *   reserved NAME         no-flag GLOB
 *   level LEVEL           note TEXT
 *
 * The first stanza that matches counts; a user's come before ours.
 */

/* What messages have that a server refuses or changes: bits. */
enum {
	QUIRK_NUL = 1 << 0,
	QUIRK_BARE_LF = 1 << 1,
	QUIRK_BARE_CR = 1 << 2,
	QUIRK_EMPTY = 1 << 3,
	QUIRK_BAD_HEADER = 1 << 4, /* a line without a colon */
	QUIRK_NO_HEADER = 1 << 5,
	QUIRK_8BIT_HEADER = 1 << 6,
	QUIRK_NO_END = 1 << 7, /* the last line has no end */
	QUIRK_ANY = 1 << 8,    /* all of them, whatever they hold */
	QUIRK_COPY = 1 << 9,   /* that is there already */
	QUIRK_NO_DATE = 1 << 10,
};

/* What folders cannot be: bits. */
enum {
	QUIRK_CASE = 1 << 0,     /* two names that differ in case only */
	QUIRK_INBOX = 1 << 1,    /* below INBOX */
	QUIRK_EDGES = 1 << 2,    /* blanks at either end */
	QUIRK_BLANKS = 1 << 3,   /* two blanks running */
	QUIRK_SLASH = 1 << 4,    /* a "/" inside of a component */
	QUIRK_NORMAL = 1 << 5,   /* two names that Unicode calls equal */
	QUIRK_NOT_UTF7 = 1 << 6, /* wire names that are not modified UTF-7 */
};

struct quirk {
	char *name;
	struct strs software; /* globs */
	struct strs host;
	struct strs capability;
	struct strs kind;
	uint64_t message_max; /* 0 everywhere: not known */
	uint64_t line_max;
	uint64_t name_max;
	uint64_t path_max;
	uint64_t depth_max;
	uint64_t keywords_max;
	uint64_t listed_max;
	uint64_t connections_max;
	uint64_t day_in;
	uint64_t day_out;
	uint64_t hour_in;
	unsigned refuses;
	unsigned changes;
	unsigned folders;
	struct buf forbids;   /* ASCII that no name may have */
	struct strs reserved; /* names of folders, any case */
	struct strs no_flag;  /* globs of flags and keywords refused */
	char *level;          /* of audit that can be reached; NULL: full */
	struct strs note;     /* a sentence each */
};

enum { QUIRKS_MAX = 1000, QUIRKS_OCTETS_MAX = 1 << 20 };

struct quirks {
	struct quirk *v;
	size_t n;
	size_t cap;
};

#define QUIRKS_INIT        \
	{                  \
		NULL, 0, 0 \
	}

/*
 * Appends the stanzas of a text.  CAUSE_CONFIG: "name:LINE: what is wrong",
 * and l is as it was.
 */
enum rc quirks_parse(struct quirks *l, const char *name, const struct buf *text,
    struct fault *f) CHECKED;
/* The user's file, unless NULL, and what is known behind it. */
enum rc quirks_load(struct quirks *l, const char *file, struct fault *f)
    CHECKED;
/* The text of what is known, with the evidence in comments. */
void quirks_known(struct buf *text);
/* The one for this side; NULL: none, or there is no such side. */
const struct quirk *quirks_find(const struct quirks *l, const struct side *s);
/* Its limits and notes, a sentence each; the caller releases. */
void quirk_tell(const struct quirk *q, struct strs *r);
void quirks_release(struct quirks *l);

#endif
