#ifndef UTIL_PACE_H
#define UTIL_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/fault.h"

/*
 * How fast a run may be, over all of its connections together: octets a
 * second, messages a second, and the pauses that a server asks for.  Threads
 * share one.  Everything here takes NULL: then there is no limit, and no
 * pause is long enough.
 */
struct pace;

/* A clock and a way to let time pass; sleep ends early, with the fault of
 * interrupt_check, when a signal came. */
struct pace_clock {
	int64_t (*now_us)(void *arg);
	enum rc (*sleep_us)(void *arg, int64_t us, struct fault *f);
	void *arg;
};

/* clock: NULL for the real one, copied. */
struct pace *pace_new(const struct pace_clock *clock);
void pace_free(struct pace *p);

/* Limits, before threads start; 0: none. */
void pace_limit_octets(struct pace *p, uint64_t each_second);
void pace_limit_messages(struct pace *p, double each_second);
/* The longest pause that is waited for; 0: none is.  PACE_PAUSE_MAX_MS
 * unless told. */
void pace_limit_pause(struct pace *p, int64_t ms);
int64_t pace_pause_max(const struct pace *p);

enum { PACE_PAUSE_MAX_MS = 600 * 1000 };

/* How much to read or write at one time, of max octets, so that waits are
 * short: then a server sees a slow client and not a silent one. */
size_t pace_portion(const struct pace *p, size_t max);
/* A receive buffer in octets that keeps a server from running far ahead of
 * us; 0: as the system has it. */
int pace_room(const struct pace *p);
/* So many octets crossed the line: waits until that is paid for, unless a
 * signal comes. */
void pace_octets(struct pace *p, size_t n);

/* How many messages to ask for in one command, of max. */
size_t pace_batch(const struct pace *p, size_t max);
/* Waits for the turn of n messages.  RC_STORE: interrupted. */
enum rc pace_messages(struct pace *p, size_t n, struct fault *f) CHECKED;

/* Connections that are open; what is refused to a further one is no reason
 * for the others to wait. */
void pace_join(struct pace *p);
void pace_leave(struct pace *p);
unsigned pace_joined(struct pace *p);

/* What is told about pauses, from the thread that waits. */
enum pace_news {
	PACE_PAUSE,  /* one begins: ms of it, and why */
	PACE_WAIT,   /* the run waits: ms left, several times a second,
		      * then 0; not where other connections work */
	PACE_RESUME, /* it has ended, after ms */
};
typedef void pace_tell_fn(void *arg, enum pace_news news, int64_t ms,
    const char *why);
void pace_listen(struct pace *p, pace_tell_fn *fn, void *arg);

/*
 * A server asks for a pause of ms, and is given it.  shared: by all
 * connections, each before its next command (pace_gate); otherwise by this
 * one alone.  RC_STORE: interrupted.
 */
enum rc pace_pause(struct pace *p, bool shared, int64_t ms, const char *why,
    struct fault *f) CHECKED;
/* Waits while a pause of all is on.  RC_STORE: interrupted. */
enum rc pace_gate(struct pace *p, struct fault *f) CHECKED;
/* True while it would wait. */
bool pace_is_paused(struct pace *p);

#endif
