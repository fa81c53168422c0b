#ifndef SURVEY_FIT_H
#define SURVEY_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/mapping.h"
#include "quirks.h"
#include "survey/facts/facts.h"

/*
 * What of the source will not fit at the target, and why, from facts alone.
 */

/* How bad it is; the worst one is the verdict. */
enum fit_level {
	FIT_NOTE,    /* good to know: the mail arrives, if changed */
	FIT_WARNING, /* it may fail, or something small is lost */
	FIT_PROBLEM, /* as it stands mail or a folder will not arrive */
};

enum fit_kind {
	FIT_UNSEEN,  /* the source does not show all of its mail */
	FIT_FOLDER,  /* cannot exist there under its name */
	FIT_CLASH,   /* two folders that the target may take for one */
	FIT_QUOTA,   /* will not have room */
	FIT_TOO_BIG, /* larger than the target takes */
	FIT_REFUSED, /* messages that will be refused */
	FIT_CHANGED, /* messages that will not be stored as they are */
	FIT_FLAG,    /* flags and keywords that will be lost */
	FIT_PACE,    /* limits of how fast mail may come or go */
	FIT_KINDS,
};

struct finding {
	enum fit_kind kind;
	enum fit_level level;
	char *name;        /* canonical folder, flag, resource; "" */
	uint64_t messages; /* that it touches; 0: none, or not known */
	uint64_t bytes;
	/* 0: messages were counted.  Else so many were found among those
	 * that were read, and messages is what that makes of all. */
	uint64_t sampled;
	char *why; /* a sentence for people, without its stop */
	char *way; /* the way out: an option of mrestore, or words; "" */
};

enum fit_verdict {
	FIT_UNKNOWN, /* no target, or it could not be looked at */
	FIT_WELL,
	FIT_CHANGES, /* all arrives, with warnings */
	FIT_NOT,
};

struct fit {
	struct finding *v; /* by kind, worst first in each */
	size_t n;
	size_t cap;
	size_t count[FIT_PROBLEM + 1]; /* findings of each level */
	enum fit_verdict verdict;
	struct strs rules;    /* FROM=TO that make all folders fit */
	uint64_t message_max; /* what the target takes; 0: not known */
	bool max_told;        /* by the server, and not by quirks */
};

/*
 * Fills *r (released by the caller).  map: what mrestore is to be given;
 * source and target: NULL where nothing is known of them.
 */
void fit_survey(const struct survey *s, const struct mapping *map,
    const struct quirk *source, const struct quirk *target, struct fit *r);
void fit_release(struct fit *f);

/* Static words: "too-big"; "messages that are too big"; "problem"; "does
 * not fit". */
const char *fit_kind_word(enum fit_kind k);
const char *fit_kind_title(enum fit_kind k);
const char *fit_level_word(enum fit_level l);
const char *fit_verdict_word(enum fit_verdict v);

#endif
