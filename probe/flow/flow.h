#ifndef PROBE_FLOW_H
#define PROBE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accounts/list.h"
#include "accounts/location.h"
#include "accounts/open.h"
#include "leg.h"
#include "probe/pool/pool.h"
#include "probe/verb.h"
#include "program/report.h"
#include "program/status.h"
#include "util/buf.h"
#include "util/strs.h"

/* `mprobe flow`: shared by flow*.c. */

enum flow_format { FLOW_TEXT, FLOW_TSV, FLOW_JSON };

/* What the options say; strings are borrowed from argv. */
struct flow_settings {
	const char *from;
	const char *to;
	const char *submit;
	const char *mx;
	const char *bounces;
	const char *list;       /* -A */
	struct strs account;    /* --account */
	const char *old_submit; /* these with a list */
	const char *outside;
	unsigned at_once;  /* 0: not told */
	unsigned per_host; /* connections; 0: not told */
	int64_t wait_ms;   /* 0: not told */
	bool leave;
	bool strict;
	enum flow_format format;
	struct account_list accounts; /* of list, and of outside */
	struct account_list others;
};

/* Mailboxes that mail may come to. */
enum { AT_TARGET, AT_REPORTS, AT_OUTSIDE, AT_SOURCE, STATIONS };

struct station {
	struct location at; /* text NULL: there is none */
	struct access how;  /* shares cache and pace */
	struct mailbox box;
};

/* Servers that take mail. */
enum { BY_SUBMIT, BY_MX, BY_OLD, BY_OUTSIDE, SENDERS };

struct sender {
	struct location at; /* text NULL: there is none */
	struct access how;
};

enum { LEGS_MAX = 5 };

/* All legs of one account, or of the command line. */
struct journey {
	char *name; /* of the account; NULL: none */
	struct station station[STATIONS];
	struct sender sender[SENDERS];
	struct leg leg[LEGS_MAX];
	size_t legs;
	int fd[STATIONS + SENDERS]; /* passwords of the list; -1 */
	char spec[STATIONS + SENDERS][16];
	const struct flow_settings *settings;
	struct report *report;
	bool dry;          /* logs in, and sends nothing */
	enum cause broken; /* its process did not come to its end: why */
};

/* flow_send.c: a leg_send_fn; arg is a sender. */
enum rc flow_send(void *arg, const struct mark *m, struct handing *r,
    struct fault *f) CHECKED;

/* flow_plan.c: who sends what to whom. */
void journey_init(struct journey *j, const struct probe *p);
void journey_release(struct journey *j);
/* By the command line: one journey, or one for each account.  The caller
 * releases and frees *v_r, also after a fault. */
enum rc flow_plan(struct probe *p, struct journey **v_r, size_t *n_r,
    struct fault *f) CHECKED;
/* Names the sender and the mailboxes of one more leg. */
struct leg *flow_add_leg(struct journey *j, const char *name, int sender,
    int station);
enum rc flow_address(const char *what, const char *address, struct fault *f)
    CHECKED;

/* flow_list.c: a journey for each account of the list that is wanted.
 * Faults of the list are told. */
enum rc flow_plan_list(struct probe *p, struct journey **v_r, size_t *n_r,
    struct fault *f) CHECKED;

/* flow_go.c: each journey in a process of its own, some at once: sends, waits
 * and cleans up.  A fault is that of a signal. */
enum rc flow_go(struct journey *v, size_t n, struct fault *f) CHECKED;

/* flow_travel.c: a pool_work_fn; arg is an array of journeys. */
void flow_travel(void *arg, size_t job, struct pool_line *line,
    struct buf *result);
/* How long a journey may take after a signal, to clean up. */
int flow_spare_ms(const struct journey *j);

/* flow_wire.c: what a process tells of its legs, to the same program. */
enum flow_news {
	NEWS_LEG,   /* its state has changed: index, leg */
	NEWS_FAULT, /* cause, text */
	NEWS_TRUST, /* of a store_info */
	NEWS_PAUSE, /* that a server asks for: enum pace_news, ms, why */
};
struct wire {
	struct buf *out; /* writes; NULL: reads */
	const unsigned char *p;
	size_t n;
	bool bad; /* it was not written so */
};
int64_t wire_number(struct wire *w, int64_t n);
/* From 0 to most. */
unsigned wire_choice(struct wire *w, unsigned n, unsigned most);
/* What was read is owned, *s before is freed; NULL stays NULL. */
void wire_text(struct wire *w, char **s);
/* What came of it; its places are then those of j's mailboxes. */
void wire_leg(struct wire *w, struct journey *j, struct leg *l);

/* flow_tell.c: a message and an event when a leg has changed. */
void flow_tell(const struct journey *j, const struct leg *l);
/* Counts the leg. */
void flow_count(const struct flow_settings *s, const struct leg *l,
    struct outcome *o);
/* Why it is as it is, as one line that may hold any bytes; "". */
void flow_reason(const struct leg *l, struct buf *b);
/* Milliseconds from the first try to the server's OK, and from there to
 * where it was found; -1: that was not. */
int64_t flow_accepted_ms(const struct leg *l);
int64_t flow_found_ms(const struct leg *l);
/* Seconds that a hop took: from the one before, the first from our Date;
 * false: nobody knows. */
bool flow_hop_delay(const struct leg *l, size_t hop, int64_t *s_r);

/* flow_text.c, flow_tsv.c, flow_json.c: append the report. */
void flow_text(const struct journey *v, size_t n, struct buf *b);
void flow_tsv(const struct journey *v, size_t n, struct buf *b);
void flow_json(const struct journey *v, size_t n, struct buf *b);

#endif
