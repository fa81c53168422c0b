#ifndef IMAP_BACKOFF_H
#define IMAP_BACKOFF_H

#include <stdint.h>

#include "util/fault.h"

struct session;

/* What the words of a NO, BAD or BYE say about waiting. */
enum backoff {
	BACKOFF_NONE,  /* nothing */
	BACKOFF_ALL,   /* the account is asked too much: all connections wait */
	BACKOFF_LINE,  /* this connection, or what it wants, has to wait */
	BACKOFF_NEVER, /* sounds like it, and asking again is no use */
	BACKOFF_RENEW, /* backoff_heard's alone: not to wait, but to log in
			* again, since what we logged in with has run out */
};

enum { BACKOFF_WORDS_MAX = 160 };

/* What a server asked for last, until the next command is sent. */
struct plea {
	enum backoff kind;
	int64_t ms; /* how long; 0: it did not say */
	char words[BACKOFF_WORDS_MAX];
};

enum {
	BACKOFF_TRIES = 8,            /* pauses without progress between */
	BACKOFF_TRIES_SPARE = 3,      /* for one connection of several */
	BACKOFF_TOLD_MAX_MS = 1 << 30 /* what is told above is this much */
};

/* text: behind NO, BAD or BYE, response code included, a line of a server.
 * *ms_r: the time that it names, in milliseconds, 0 when none. */
enum backoff backoff_parse(const char *text, int64_t *ms_r);

/*
 * The nth pause (1: the first) without progress, in ms, max at most: what
 * was told, else BACKOFF_START_MS, and twice as long each time that it was
 * not enough.  -1: enough of it, or max is 0.
 */
int64_t backoff_ms(unsigned nth, unsigned most, int64_t told_ms,
    int64_t max_ms);
enum { BACKOFF_START_MS = 5000 };

/* Before a command is sent: waits while all connections are to wait, and
 * forgets what was asked for before.  RC_STORE: interrupted. */
enum rc backoff_gate(struct session *s, struct fault *f) CHECKED;
/* Parses, and notes in the session what is asked for: BACKOFF_ALL, _LINE, and
 * _RENEW once logged in; anything else is BACKOFF_NONE, and what was asked
 * before holds. */
enum backoff backoff_heard(struct session *s, const char *text);
/*
 * Grants what was asked for, as the nth pause without progress.  RC_STORE:
 * interrupted, or enough of it: *f, which holds what the server said, then
 * tells that too, and s->spent keeps whoever comes next from starting anew.
 */
enum rc backoff_wait(struct session *s, unsigned nth, struct fault *f) CHECKED;

#endif
