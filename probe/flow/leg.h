#ifndef PROBE_LEG_H
#define PROBE_LEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bounce.h"
#include "mailbox.h"
#include "mark.h"
#include "trace.h"
#include "util/fault.h"

/* One message on its way from one server to one mailbox. */

enum leg_state {
	LEG_TODO,     /* not sent */
	LEG_LATER,    /* the server said: later (4xx) */
	LEG_SENT,     /* accepted by the server, not found */
	LEG_ARRIVED,  /* found */
	LEG_REFUSED,  /* the server will not have it (5xx) */
	LEG_BOUNCED,  /* accepted, and a report says that it failed */
	LEG_MISSING,  /* accepted, and not found in time */
	LEG_DEFERRED, /* not accepted in time */
	LEG_FAILED,   /* a server cannot be used: cause, reason */
	LEG_IDLE,     /* a dry run: nothing was sent */
};

/* What came of handing it over. */
enum handed {
	HANDED_OVER,  /* 2xx */
	HANDED_LATER, /* 4xx */
	HANDED_BACK,  /* 5xx */
};

struct handing {
	enum handed what;
	bool eight;  /* it was sent as 8bit */
	char *reply; /* of the server, as it came; owned; NULL */
	char *tls;   /* "TLSv1.3 ..."; owned; NULL */
};

/* Sends the marked message.  A fault: the server cannot be used. */
typedef enum rc leg_send_fn(void *arg, const struct mark *m, struct handing *r,
    struct fault *f);

/* Where one copy lies. */
struct find {
	struct mailbox *box; /* borrowed */
	const struct place *place;
	uint32_t uidvalidity;
	uint32_t uid;
	bool report; /* it is a bounce */
};

struct leg {
	/* the caller's */
	const char *name; /* "submit", "new-new" */
	const char *way;  /* where it is sent to: "smtps://..." */
	leg_send_fn *send;
	void *send_arg;
	struct mailbox *box;     /* where it shall arrive */
	struct mailbox *reports; /* where a bounce would; NULL: nowhere */
	struct mark mark;        /* initialized; released with the leg */

	/* what came of it */
	enum leg_state state;
	unsigned tries;
	int64_t began_ms; /* clock_ms */
	int64_t due_ms;   /* of the next try */
	int64_t accepted_ms;
	int64_t found_ms; /* or when the bounce was */
	struct handing handing;
	char *first_reply; /* of the first try, when there were more; NULL */
	enum cause cause;  /* of LEG_FAILED */
	char *reason;      /* what stands in the way; NULL */
	const struct place *place; /* where it was found first */
	bool late; /* by the last look: it may have come any time before */
	const struct place *astray; /* it came to another mailbox: there, */
	const char *astray_at;      /* and its label; NULL */
	struct find *find;
	size_t finds;
	unsigned signs; /* MARK_BY_* */
	struct mark_fate fate;
	struct trace trace;
	struct bounce bounce; /* of LEG_BOUNCED, or of a delay */
	bool reported;        /* bounce is set */
	size_t removed;
	char *left; /* why a copy was left; NULL */
};

void leg_release(struct leg *l);
/* Is there something to wait for? */
bool leg_is_open(const struct leg *l);
/* A word: "arrived", "refused"; static. */
const char *leg_word(enum leg_state s);
/* A copy that nobody knew of; false: it is known. */
bool leg_add_find(struct leg *l, const struct find *found);
/* Ends it with the fault's text. */
void leg_fail(struct leg *l, const struct fault *f);

#endif
