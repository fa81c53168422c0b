#ifndef PROGRAM_REPORT_H
#define PROGRAM_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "mail/store.h"
#include "program/options.h"
#include "program/status.h"
#include "util/fault.h"
#include "util/pace.h"

/*
 * A program's voice: messages and progress on standard error, events as
 * JSON lines.  The only place in common/ that writes to stdio.  Text from
 * mail and servers is made visible before it reaches a terminal.  Threads
 * may share one.
 */
struct report;

/* Opens --json FILE (created or truncated, mode 0600), or takes fd:N. */
enum rc report_new(const char *program, const struct common_options *o,
    struct report **r, struct fault *f) CHECKED;
void report_free(struct report *r);

/* "mbackup: text", unless quiet (note) / always (warn, fault). */
void report_note(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
void report_detail(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
void report_warn(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Says what another process has sent as an event: "mbackup: account: text". */
void report_relay(struct report *r, const char *account, const char *text);
/* Prints the fault and sends an "error" event. */
void report_fault(struct report *r, const struct fault *f);

/*
 * Says how far the line to a store can be trusted: warns of a certificate
 * that --insecure accepted, and of --allow-plaintext; otherwise a detail.
 */
void report_trust(struct report *r, const struct store_info *i,
    bool allow_plaintext);

/* One JSON object a line: {"event":"folder","time":...,key:value...}. */
struct event;
struct event *event_begin(struct report *r, const char *name);
void event_text(struct event *e, const char *key, const char *value);
void event_number(struct event *e, const char *key, uint64_t value);
void event_signed(struct event *e, const char *key, int64_t value);
void event_flag(struct event *e, const char *key, bool value);
void event_send(struct event *e);
/* Sends a line that another process wrote as its own event, with "account"
 * before its keys; it starts with "{" and has no line end. */
void event_relay(struct report *r, const char *account, const char *line);

/*
 * Progress: one line with counts, rate and time left, redrawn on a
 * terminal (at most 5 a second), once a minute otherwise, never when
 * quiet.  While a server is waited for the line says so.
 */
/* So many more messages are there to be done, by a count. */
void progress_expect(struct report *r, uint64_t messages);
/* Of those, expected (0: none were) have been listed, and are as many as
 * that, with so many octets. */
void progress_listed(struct report *r, uint64_t expected, uint64_t messages,
    uint64_t octets);
/* All listed by now stands in the first octets of a stream of so many, of
 * which more is to be read; equal: no more (meter_share). */
void progress_share(struct report *r, uint64_t read, uint64_t size);
void progress_where(struct report *r, const char *folder);
void progress_add(struct report *r, uint64_t messages, uint64_t octets);
void progress_clear(struct report *r);

/* Tells of the pauses that servers ask for: a note and a "pause" event when
 * one begins, a "resume" event when it ends, the progress line meanwhile. */
void progress_follow(struct report *r, struct pace *p);
/* As a pace_tell_fn: one that another process has told of. */
void progress_pause(struct report *r, enum pace_news news, int64_t ms,
    const char *why);

/* The "summary" event (the last one) and the exit status. */
int report_finish(struct report *r, const struct outcome *o);

#endif
